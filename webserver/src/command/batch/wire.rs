//! What is on the wire of `/command/batch`.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{Conditions, table::command_batch::CommandBatch};
use utoipa::{IntoParams, ToSchema};

use crate::ground::{
    ApiError, Cell, Column, Listed, Scope, Span, column, nameless, selection::PileSelection, shown,
};

/// A command to many piles.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewBatchCommand {
    /// 名称, 缺省为命令 Its name; that of the command by default
    #[schema(max_length = 64)]
    pub(super) name: Option<String>,
    /// 命令, 见 /command/kinds The command, see /command/kinds
    #[schema(example = "软件版本查询")]
    pub(super) command: String,
    /// 字段, 见 /command/kinds Its fields, see /command/kinds
    #[schema(value_type = Option<Object>, example = json!({}))]
    pub(super) fields: Option<Map<String, Value>>,
    /// 哪些桩 Which piles
    pub(super) selection: PileSelection,
    /// 每秒下发的桩数, 0=平台的限速 Piles per second, 0 = the platform's own limit
    #[schema(maximum = 10_000)]
    pub(super) rate_per_s: Option<u32>,
    /// 每条命令的期限, 秒, 缺省300 Deadline of each command, seconds, 300 by default
    #[schema(minimum = 1, maximum = 2_592_000)]
    pub(super) timeout_s: Option<u64>,
    /// 归属组织, 缺省为自己的组织 The organization it belongs to; one's own by default
    pub(super) organization_id: Option<u64>,
}

/// 已受理的批量 A batch that was made
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SentBatch {
    /// 批量编号 The batch's id
    batch_id: u64,
    /// 桩数 How many piles
    total: u32,
}

impl From<CommandBatch> for SentBatch {
    fn from(batch: CommandBatch) -> Self {
        Self {
            batch_id: batch.batch_id,
            total: batch.total,
        }
    }
}

/// Which one.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// 批量编号 The batch's id
    pub(super) batch_id: u64,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct TurnedBatch {
    /// 批量编号 The batch's id
    pub(super) batch_id: u64,
}

/// 批量 A batch
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct BatchItem {
    /// 批量编号 The batch's id
    pub(super) batch_id: u64,
    /// 版本, 毫秒 Version, Unix ms
    timestamp: i64,
    /// 名称 Its name
    name: String,
    /// 由来: manual 人工, schedule 定时, template 参数模板 What it was made for
    #[schema(example = "manual")]
    kind: String,
    /// 命令 The command
    command: String,
    /// 字段, JSON Its fields, JSON
    request: String,
    /// 来源 Who asks
    source: String,
    /// 每秒桩数, 0=平台的限速 Piles per second, 0 = the platform's own limit
    rate_per_s: u32,
    /// 每条命令的期限, 秒 Deadline of each command, seconds
    timeout_s: u32,
    /// 状态: pending, running, paused, cancelled, finished State
    #[schema(example = "running")]
    state: String,
    /// 桩数 How many piles
    total: u32,
    /// 归属组织, 0=平台 The organization it belongs to, 0 = the platform
    organization_id: u64,
    /// 创建人 Who made it
    created_by: String,
    /// 创建时间, 毫秒 When, Unix ms
    created_time: i64,
    /// 结束时间, 毫秒, 0=未结束 Ended, Unix ms, 0 = not yet
    finished_time: i64,
    /// 所出自的定时任务或参数模板, 0=无 The schedule or template it comes from, 0 = none
    origin_id: u64,
}

impl From<CommandBatch> for BatchItem {
    fn from(row: CommandBatch) -> Self {
        Self {
            batch_id: row.batch_id,
            timestamp: row.timestamp,
            name: row.name,
            kind: row.kind,
            command: row.command,
            request: row.request,
            source: row.source,
            rate_per_s: row.rate_per_s,
            timeout_s: row.timeout_s,
            state: row.state,
            total: row.total,
            organization_id: row.organization_id,
            created_by: row.created_by,
            created_time: row.created_time,
            finished_time: row.finished_time,
            origin_id: row.origin_id,
        }
    }
}

/// LowCardinality is read as text.
pub(super) const FROM: &str = "(SELECT batch_id, timestamp, flag_del, name, toString(kind) AS kind, \
    toString(command) AS command, request, source, rate_per_s, timeout_s, toString(state) AS state, total, \
    organization_id, created_by, created_time, finished_time, origin_id FROM command_batch FINAL)";

impl Listed for BatchItem {
    const WHAT: &'static str = "command_batch";
    const FROM: &'static str = FROM;
    const SORT: &'static [&'static str] = &[
        "created_time",
        "finished_time",
        "name",
        "command",
        "state",
        "total",
    ];
    const ORDER: &'static str = "created_time DESC, batch_id DESC";
    const COLUMNS: &'static [Column<Self>] = &[
        column("创建时间", "Made", |row| Cell::Time(row.created_time)),
        column("批量编号", "Batch id", |row| {
            Cell::Text(row.batch_id.to_string())
        }),
        column("名称", "Name", |row| Cell::text(&row.name)),
        column("命令", "Command", |row| Cell::text(&row.command)),
        column("字段", "Fields", |row| Cell::text(&row.request)),
        column("状态", "State", |row| Cell::text(&row.state)),
        column("桩数", "Piles", |row| Cell::Number(row.total.into())),
        column("由来", "Kind", |row| Cell::text(&row.kind)),
        column("创建人", "Made by", |row| Cell::text(&row.created_by)),
        column("结束时间", "Ended", |row| Cell::Time(row.finished_time)),
    ];
}

/// 批量及进度 A batch and how far it is
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BatchDetail {
    /// 批量 The batch
    #[serde(flatten)]
    pub(super) batch: BatchItem,
    /// 已有结果的桩数 Piles with an outcome
    pub(super) done: u64,
    /// 各状态的桩数 Piles by state
    pub(super) progress: Vec<PilesInState>,
}

/// 某状态的桩数 How many piles are in a state
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PilesInState {
    /// 状态: waiting, queued, sent, answered, failed, timed_out, cancelled, refused State
    pub(super) state: String,
    /// 桩数 How many
    pub(super) piles: u64,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// 创建时间起, 毫秒, 缺省为最近24小时 Made from, Unix ms; the last 24 h by default
    from: Option<i64>,
    /// 创建时间止, 毫秒, 不含 Until, Unix ms, exclusive; at most 366 days after `from`
    to: Option<i64>,
    /// 命令 The command
    command: Option<String>,
    /// 状态 State
    state: Option<String>,
    /// 由来: manual, schedule, template What it was made for
    kind: Option<String>,
    /// 所出自的定时任务或参数模板 The schedule or template it comes from
    origin_id: Option<u64>,
    /// 名称中的文字 Words in the name
    name: Option<String>,
}

impl Filter {
    pub(super) fn conditions(&self, scope: &Scope, now: i64) -> Result<Conditions, ApiError> {
        let span = Span::or_last_day(self.from, self.to, now)?;
        let made = Conditions::new()
            .and("flag_del = 0", [])
            .and("created_time >= ?", [span.from.into()])
            .and("created_time < ?", [span.to.into()]);
        Ok(scope
            .organizations(made, "organization_id IN ?")
            .and_if("command = ?", self.command.as_deref())
            .and_if("state = ?", self.state.as_deref())
            .and_if("kind = ?", self.kind.as_deref())
            .and_if("origin_id = ?", self.origin_id)
            .and_words("positionCaseInsensitiveUTF8(name, ?) > 0", self.name.as_deref()))
    }
}

/// 批量中的一桩 A pile of a batch
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct BatchPile {
    /// 批量编号 The batch's id
    batch_id: u64,
    /// 桩编号 The pile
    device_id: u64,
    /// 桩的 uuid The pile's uuid
    uuid: String,
    /// 资产名称 The pile's name
    ass_name: String,
    /// 场站编号 Station
    sta_id: u64,
    /// 场站名称 Its name
    sta_name: String,
    /// 状态: waiting, queued, sent, answered, failed, timed_out, cancelled, refused State
    state: String,
    /// 失败原因 Why it failed
    reason: String,
    /// 命令编号 The command's id
    command_id: String,
    /// 该桩自己的字段, JSON, 空=与批量相同 Fields of its own, JSON, empty = those of the batch
    request: String,
    /// 下发时间, 毫秒, 0=尚未 Asked, Unix ms, 0 = not yet
    asked_time: i64,
    /// 结束时间, 毫秒, 0=尚未 Ended, Unix ms, 0 = not yet
    finished_time: i64,
}

impl Listed for BatchPile {
    const WHAT: &'static str = "command_batch_pile";
    const FROM: &'static str = concat!(
        "(SELECT batch_id, device_id, flag_del, uuid, toString(state) AS state, reason, caller AS command_id, \
         request, asked_time, finished_time, ",
        nameless!(own uuid),
        " FROM command_batch_pile FINAL)"
    );
    const SORT: &'static [&'static str] = &["device_id", "state", "asked_time", "finished_time", "reason"];
    const ORDER: &'static str = "device_id";
    const COLUMNS: &'static [Column<Self>] = &[
        column("场站", "Station", |row| Cell::text(&row.sta_name)),
        column("资产名称", "Pile", |row| Cell::text(&row.ass_name)),
        column("通信编号", "uuid", |row| Cell::text(&row.uuid)),
        column("状态", "State", |row| Cell::text(&row.state)),
        column("失败原因", "Reason", |row| Cell::text(&row.reason)),
        column("下发时间", "Asked", |row| Cell::Time(row.asked_time)),
        column("结束时间", "Ended", |row| Cell::Time(row.finished_time)),
        column("命令编号", "Command id", |row| Cell::text(&row.command_id)),
    ];

    shown!(own uuid);
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PileFilter {
    /// 批量编号 The batch's id
    pub(super) batch_id: u64,
    /// 状态 State
    state: Option<String>,
    /// 通信编号 The pile's uuid
    uuid: Option<String>,
}

impl PileFilter {
    pub(super) fn conditions(&self, scope: &Scope) -> Conditions {
        let of_batch = Conditions::new()
            .and("flag_del = 0", [])
            .and("batch_id = ?", [self.batch_id.into()]);
        scope
            .devices(of_batch)
            .and_if("state = ?", self.state.as_deref())
            .and_if("uuid = ?", self.uuid.as_deref())
    }
}
