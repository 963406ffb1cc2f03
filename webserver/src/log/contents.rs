//! What a log says: a part of it in the browser, or all of it as a file.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use store::table::{log_content, log_file::LogFile};
use utoipa::{IntoParams, ToSchema};

use super::{queries, wire::Which};
use crate::ground::{Answer, ApiError, Caller, Envelope, Ground, Params};

/// Chunks that are read at once.
pub(super) const AT_ONCE: u32 = 16;
const DEFAULT_COUNT: u32 = 4;

/// Which part of which one.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Part {
    /// 日志编号 The log's id
    log_id: u64,
    /// 起始块号, 从0开始 The first chunk, from 0
    chunk: Option<u32>,
    /// 块数, 缺省4 How many chunks, 4 by default
    #[param(minimum = 1, maximum = 16)]
    count: Option<u32>,
}

/// 日志内容的一部分 A part of a log
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LogPart {
    /// 日志编号 The log's id
    log_id: u64,
    /// 起始块号 The first chunk
    chunk: u32,
    /// 其后的块号, 等于总块数即为末尾 The chunk behind this part; the log ends where it is the number of all
    next_chunk: u32,
    /// 总块数 How many chunks there are
    chunks: u32,
    /// 原文编码 What it was written in
    charset: String,
    /// 内容, UTF-8 What it says, in UTF-8
    text: String,
}

/// 查看日志内容: 按块, 已转为UTF-8 Read a log by chunks, in UTF-8 whatever it was
#[utoipa::path(get, path = "/log/view", tag = "log", params(Part), responses((status = 200, body = Envelope<LogPart>),
    (status = 409, description = "二进制文件 A binary file")))]
pub(super) async fn view(
    State(ground): State<Ground>,
    caller: Caller,
    Params(part): Params<Part>,
) -> Result<Answer<LogPart>, ApiError> {
    let count = part.count.unwrap_or(DEFAULT_COUNT);
    if !(1..=AT_ONCE).contains(&count) {
        return Err(ApiError::invalid(
            "count",
            "须在1到16之间",
            "must be from 1 to 16",
        ));
    }
    let log = queries::by_id(&ground, &caller.scope, part.log_id).await?;
    require_text(&log)?;
    let first = part.chunk.unwrap_or_default().min(log.chunks);
    let next = first.saturating_add(count).min(log.chunks);
    Ok(Answer(LogPart {
        log_id: log.log_id,
        chunk: first,
        next_chunk: next,
        chunks: log.chunks,
        text: text(&ground, &log, first, next).await?,
        charset: log.charset,
    }))
}

/// # Errors
/// 409 for what is no text.
pub(super) fn require_text(log: &LogFile) -> Result<(), ApiError> {
    if log.charset == "binary" {
        return Err(ApiError::conflict(
            "二进制文件不能在线查看，请下载",
            "A binary file cannot be read here, download it",
        ));
    }
    Ok(())
}

/// From chunk `first` to before `next`.
async fn text(ground: &Ground, log: &LogFile, first: u32, next: u32) -> Result<String, ApiError> {
    if first >= next {
        return Ok(String::new());
    }
    let bytes = log_content::read(&ground.db, log.log_id, first, next - first).await?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

/// 下载日志: 文本为UTF-8(不保留原编码), 二进制为原文 Download a log: text in UTF-8 whatever it was, a binary file as it came
#[utoipa::path(get, path = "/log/download", tag = "log", params(Which),
    responses((status = 200, description = "文件 The file", content(
        (String = "text/plain"), (Vec<u8> = "application/octet-stream")))))]
pub(super) async fn download(
    State(ground): State<Ground>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Response, ApiError> {
    let log = queries::by_id(&ground, &caller.scope, which.log_id).await?;
    if log.chunks == 0 && log.text_bytes == 0 && log.state != "collected" {
        return Err(ApiError::conflict(
            "日志尚未收到",
            "The log has not been collected",
        ));
    }
    let kind = if log.charset == "binary" {
        "application/octet-stream"
    } else {
        "text/plain; charset=utf-8"
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, attachment(&log)),
        // A log is no page: whatever it contains must not be run.
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    let chunks = stream::try_unfold((ground, log, 0), async |(ground, log, first)| {
        if first >= log.chunks {
            return Ok(None);
        }
        let count = AT_ONCE.min(log.chunks - first);
        match log_content::read(&ground.db, log.log_id, first, count).await {
            Ok(bytes) => Ok(Some((bytes, (ground, log, first + count)))),
            Err(error) => {
                tracing::warn!(%error, log_id = log.log_id, "a download was cut off");
                Err(error)
            }
        }
    });
    let mut response = Response::new(Body::from_stream(chunks));
    response.headers_mut().extend(headers);
    Ok(response)
}

/// Named after pile and file; the name itself was checked when it was asked for.
fn attachment(log: &LogFile) -> HeaderValue {
    let name = format!("{}-{}-{}", log.uuid, log.log_id, log.file_name);
    let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    // In a query a blank is a plus; here it is not.
    let value = format!(
        "attachment; filename=\"{}-{}.log\"; filename*=UTF-8''{}",
        log.uuid,
        log.log_id,
        encoded.replace('+', "%20")
    );
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("attachment"))
}
