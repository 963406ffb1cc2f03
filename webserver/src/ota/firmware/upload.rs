//! Receiving a package: the form is read as it comes, the file goes to ClickHouse a few chunks at a time and is never
//! whole in memory.

use std::collections::BTreeMap;

use axum::{body::Bytes, extract::Request, http::header::CONTENT_TYPE};
use md5::{Digest as _, Md5};
use ring::digest;
use store::table::firmware_chunk;

use super::wire::TEXTS;
use crate::ground::{ApiError, Ground, Text};

/// The largest package, bytes.
const LARGEST: u64 = 64 << 20;
/// Of a text in the form, bytes.
const LONGEST_TEXT: usize = 4096;
/// Chunks that are written at once: 2 MiB.
const CHUNKS_AT_ONCE: usize = 8;

/// What has arrived; the chunks lie in ClickHouse.
pub(super) struct Uploaded {
    /// The form's texts by name.
    pub(super) texts: BTreeMap<&'static str, String>,
    /// As the browser called it.
    pub(super) file_name: String,
    /// Its size.
    pub(super) bytes: u64,
    /// SHA-256 of the file.
    pub(super) sha256: [u8; 32],
    md5: [u8; 16],
}

impl Uploaded {
    /// SHA-256, lower-case hex.
    pub(super) fn sha256_hex(&self) -> String {
        hex(&self.sha256)
    }

    /// MD5, lower-case hex.
    pub(super) fn md5_hex(&self) -> String {
        hex(&self.md5)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the form; its file becomes the chunks of this package.
///
/// # Errors
/// 400 for a form that cannot be read, 413, 415, 503.
pub(super) async fn receive(
    ground: &Ground,
    package_id: u64,
    request: Request,
) -> Result<Uploaded, ApiError> {
    let media = request.headers().get(CONTENT_TYPE);
    let media = media.and_then(|media| media.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(media).map_err(|_| ApiError::UnsupportedMediaType)?;
    let mut form = multer::Multipart::new(request.into_body().into_data_stream(), boundary);
    let (mut texts, mut file) = (BTreeMap::new(), None);
    while let Some(mut field) = form.next_field().await.map_err(|_| cut_off())? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            if file.is_some() {
                return Err(ApiError::invalid("file", "只能有一个文件", "must be one file"));
            }
            let file_name = field.file_name().unwrap_or_default().to_owned();
            file = Some((file_name, take_file(ground, package_id, &mut field).await?));
            continue;
        }
        let Some(known) = TEXTS.into_iter().find(|known| *known == name) else {
            let name: String = name.chars().take(64).collect();
            return Err(ApiError::invalid(name, "未知字段", "unknown field"));
        };
        if texts.insert(known, take_text(known, &mut field).await?).is_some() {
            return Err(ApiError::invalid(known, "重复", "is given twice"));
        }
    }
    let Some((file_name, written)) = file else {
        return Err(ApiError::invalid("file", "必填", "is required"));
    };
    if written.bytes == 0 {
        return Err(ApiError::invalid("file", "不能为空", "must not be empty"));
    }
    Ok(Uploaded {
        texts,
        file_name,
        bytes: written.bytes,
        sha256: written.sha256,
        md5: written.md5,
    })
}

fn cut_off() -> ApiError {
    ApiError::Malformed(Text::new(
        "表单不完整或请求中断",
        "The form is not whole, or the request was cut off",
    ))
}

async fn take_text(name: &'static str, field: &mut multer::Field<'_>) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(part) = field.chunk().await.map_err(|_| cut_off())? {
        bytes.extend_from_slice(&part);
        if bytes.len() > LONGEST_TEXT {
            return Err(ApiError::invalid(name, "过长", "is too long"));
        }
    }
    String::from_utf8(bytes).map_err(|_| ApiError::invalid(name, "须为UTF-8", "must be UTF-8"))
}

struct Written {
    bytes: u64,
    sha256: [u8; 32],
    md5: [u8; 16],
}

async fn take_file(
    ground: &Ground,
    package_id: u64,
    field: &mut multer::Field<'_>,
) -> Result<Written, ApiError> {
    const PORTION: usize = CHUNKS_AT_ONCE * firmware_chunk::CHUNK_BYTES;
    let (mut held, mut bytes, mut first) = (Vec::with_capacity(PORTION), 0_u64, 0_u32);
    let (mut sha256, mut md5) = (digest::Context::new(&digest::SHA256), Md5::new());
    while let Some(part) = field.chunk().await.map_err(|_| cut_off())? {
        bytes += part.len() as u64;
        if bytes > LARGEST {
            return Err(ApiError::TooLarge);
        }
        sha256.update(&part);
        md5.update(&part);
        let mut part: Bytes = part;
        while !part.is_empty() {
            let room = part.len().min(PORTION - held.len());
            held.extend_from_slice(&part.split_to(room));
            if held.len() == PORTION {
                firmware_chunk::write(&ground.db, package_id, first, &held).await?;
                first += CHUNKS_AT_ONCE as u32;
                held.clear();
            }
        }
    }
    if !held.is_empty() {
        firmware_chunk::write(&ground.db, package_id, first, &held).await?;
    }
    let mut whole = [0; 32];
    whole.copy_from_slice(sha256.finish().as_ref());
    Ok(Written {
        bytes,
        sha256: whole,
        md5: md5.finalize().into(),
    })
}
