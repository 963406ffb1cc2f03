//! What is on the wire of `/log`.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::Conditions;
use utoipa::{IntoParams, ToSchema};

use crate::ground::{
    ApiError, Cell, Column, Listed, Piles, Scope, Span, column, nameless, selection::PileSelection, shown,
};

/// Which file of which piles.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewLogs {
    /// 哪些桩 Which piles
    pub(super) selection: PileSelection,
    /// 桩上的文件名, 不含路径 Name of the file on the pile, without folders
    #[schema(min_length = 1, max_length = 128, example = "BillingGun1.0.log")]
    pub(super) file_name: String,
    /// 期限, 秒, 缺省3600; 离线桩在此期限内等待上线 Deadline, seconds, 3600 by default; an offline pile may come back until then
    #[schema(minimum = 60, maximum = 604_800)]
    pub(super) deadline_s: Option<i64>,
}

/// 已受理的召唤 A log that was asked for
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SummonedLog {
    /// 日志编号 The log's id
    pub(super) log_id: u64,
    /// 桩编号 The pile
    pub(super) device_id: u64,
    /// 桩的 uuid The pile's uuid
    pub(super) uuid: String,
}

/// Which one.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// 日志编号 The log's id
    pub(super) log_id: u64,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct CancelledLog {
    /// 日志编号 The log's id
    pub(super) log_id: u64,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct DeletedLog {
    /// 日志编号 The log's id
    pub(super) log_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
}

/// 日志 A log
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct LogItem {
    /// 日志编号 The log's id
    pub(super) log_id: u64,
    /// 版本, 毫秒 Version, Unix ms
    pub(super) timestamp: i64,
    /// 桩编号 The pile
    pub(super) device_id: u64,
    /// 桩的 uuid The pile's uuid
    pub(super) uuid: String,
    /// 资产名称 The pile's name
    pub(super) ass_name: String,
    /// 场站编号 Station
    pub(super) sta_id: u64,
    /// 场站名称 Its name
    pub(super) sta_name: String,
    /// 文件名 Name of the file on the pile
    pub(super) file_name: String,
    /// 状态: requested, commanded, uploading, collected, failed, cancelled Where it stands
    #[schema(example = "collected")]
    pub(super) state: String,
    /// 桩报告的字节数, 0=未知 Size as the pile said, 0 = unknown
    pub(super) bytes: u64,
    /// 已收到的字节数 Bytes that have arrived so far
    pub(super) collected_bytes: u64,
    /// 原文编码: utf-8, gb18030, utf-16le, utf-16be, binary, 空=尚未读取 What it was written in; empty = not read yet
    pub(super) charset: String,
    /// 可查看内容的字节数, UTF-8 Bytes that can be read, in UTF-8
    pub(super) text_bytes: u64,
    /// 内容块数, 每块至多64KiB Chunks of at most 64 KiB
    pub(super) chunks: u32,
    /// 原文的SHA-256 SHA-256 of the file as it came
    pub(super) sha256: String,
    /// 失败或撤销的原因 Why it failed or was cancelled
    pub(super) reason: String,
    /// 召唤人 Who asked for it
    pub(super) created_by: String,
    /// 召唤时间, 毫秒 Asked for, Unix ms
    pub(super) created_time: i64,
    /// 期限, 毫秒 Deadline, Unix ms
    pub(super) deadline: i64,
    /// 结束时间, 毫秒, 0=未结束 Ended, Unix ms, 0 = not yet
    pub(super) finished_time: i64,
}

impl Listed for LogItem {
    const WHAT: &'static str = "log";
    const FROM: &'static str = concat!(
        "(SELECT log_id, timestamp, flag_del, device_id, uuid, file_name, toString(state) AS state, bytes, \
         collected_bytes, toString(charset) AS charset, text_bytes, chunks, sha256, reason, created_by, \
         created_time, deadline, finished_time, ",
        nameless!(own uuid),
        " FROM log_file FINAL)"
    );
    const SORT: &'static [&'static str] = &[
        "created_time",
        "finished_time",
        "device_id",
        "file_name",
        "state",
        "bytes",
    ];
    const ORDER: &'static str = "created_time DESC, log_id DESC";
    const COLUMNS: &'static [Column<Self>] = &[
        column("召唤时间", "Asked for", |row| Cell::Time(row.created_time)),
        column("场站", "Station", |row| Cell::text(&row.sta_name)),
        column("资产名称", "Pile", |row| Cell::text(&row.ass_name)),
        column("通信编号", "uuid", |row| Cell::text(&row.uuid)),
        column("文件名", "File", |row| Cell::text(&row.file_name)),
        column("状态", "State", |row| Cell::text(&row.state)),
        column("字节数", "Bytes", |row| {
            Cell::Text(row.collected_bytes.to_string())
        }),
        column("编码", "Charset", |row| Cell::text(&row.charset)),
        column("原因", "Reason", |row| Cell::text(&row.reason)),
        column("召唤人", "Asked by", |row| Cell::text(&row.created_by)),
        column("结束时间", "Ended", |row| Cell::Time(row.finished_time)),
    ];

    shown!(own uuid);
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// 召唤时间起, 毫秒, 缺省为最近24小时 Asked for from, Unix ms; the last 24 h by default
    from: Option<i64>,
    /// 召唤时间止, 毫秒, 不含 Until, Unix ms, exclusive; at most 366 days after `from`
    to: Option<i64>,
    /// 场站编号 Station
    sta_id: Option<u64>,
    /// 桩编号 Pile
    device_id: Option<u64>,
    /// 通信编号 The pile's uuid
    uuid: Option<String>,
    /// 型号 Model of the pile
    model: Option<String>,
    /// 状态: requested, commanded, uploading, collected, failed, cancelled Where it stands
    state: Option<String>,
    /// 文件名中的文字 Words in the file's name
    file_name: Option<String>,
}

impl Filter {
    pub(super) fn conditions(&self, scope: &Scope, now: i64) -> Result<Conditions, ApiError> {
        let span = Span::or_last_day(self.from, self.to, now)?;
        let piles = Piles {
            device_id: self.device_id,
            sta_id: self.sta_id,
            model: self.model.as_deref(),
            uuid: self.uuid.as_deref(),
        };
        let asked = Conditions::new()
            .and("flag_del = 0", [])
            .and("created_time >= ?", [span.from.into()])
            .and("created_time < ?", [span.to.into()]);
        Ok(piles
            .of(scope, asked)
            .and_if("state = ?", self.state.as_deref())
            .and_words(
                "positionCaseInsensitiveUTF8(file_name, ?) > 0",
                self.file_name.as_deref(),
            ))
    }
}
