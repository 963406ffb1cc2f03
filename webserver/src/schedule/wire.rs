//! What is on the wire of `/schedule`.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{Conditions, selection::Selection, table::schedule::Schedule};
use utoipa::{IntoParams, ToSchema};

use super::cron;
use crate::ground::{Cell, Column, Listed, Scope, column, selection::PileSelection};

/// A recurring command.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewSchedule {
    /// 名称, 在组织内唯一 Its name, unique in its organization
    #[schema(min_length = 1, max_length = 64)]
    pub(super) name: String,
    /// 命令: 关键器件动作, SIM卡召唤, 对时, 软件版本查询, 参数查询 The command
    #[schema(example = "SIM卡召唤")]
    pub(super) command: String,
    /// 字段, 见 /command/kinds Its fields, see /command/kinds
    #[schema(value_type = Option<Object>, example = json!({}))]
    pub(super) fields: Option<Map<String, Value>>,
    /// cron表达式: 分 时 日 月 周, 北京时间, 间隔至少5分钟 Cron expression: minute hour day month weekday, Asia/Shanghai, five minutes apart at least
    #[schema(example = "30 2 * * *", max_length = 100)]
    pub(super) cron: String,
    /// 把各桩分散在多少秒内, 缺省3600; 同一桩每次的位置不变 The piles are spread over so many seconds, 3600 by default; a pile keeps its place
    #[schema(maximum = 86_400)]
    pub(super) spread_s: Option<u32>,
    /// 哪些桩, 每次运行时按当时的资产选定 Which piles, as they are at each run
    pub(super) selection: PileSelection,
    /// 跳过离线的桩, 缺省是 Whether piles that are offline are left out, yes by default
    pub(super) skip_offline: Option<bool>,
    /// 每秒下发的桩数, 0=平台的限速 Piles per second, 0 = the platform's own limit
    #[schema(maximum = 10_000)]
    pub(super) rate_per_s: Option<u32>,
    /// 每条命令的期限, 秒, 缺省300 Deadline of each command, seconds, 300 by default
    #[schema(minimum = 1, maximum = 2_592_000)]
    pub(super) timeout_s: Option<u64>,
    /// 启用, 缺省是 Whether it runs, yes by default
    pub(super) enabled: Option<bool>,
    /// 归属组织, 缺省为自己的组织 The organization it belongs to; one's own by default
    pub(super) organization_id: Option<u64>,
}

/// What is to be changed; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct EditedSchedule {
    /// 任务编号 The schedule's id
    pub(super) schedule_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
    /// 名称 Its name
    #[schema(min_length = 1, max_length = 64)]
    pub(super) name: Option<String>,
    /// 命令 The command
    #[schema(example = "SIM卡召唤")]
    pub(super) command: Option<String>,
    /// 字段, 整体替换 Its fields, replaced as a whole
    #[schema(value_type = Option<Object>, example = json!({}))]
    pub(super) fields: Option<Map<String, Value>>,
    /// cron表达式 Cron expression
    #[schema(example = "30 2 * * *", max_length = 100)]
    pub(super) cron: Option<String>,
    /// 分散在多少秒内 Spread over so many seconds
    #[schema(maximum = 86_400)]
    pub(super) spread_s: Option<u32>,
    /// 哪些桩, 整体替换 Which piles, replaced as a whole
    pub(super) selection: Option<PileSelection>,
    /// 跳过离线的桩 Whether piles that are offline are left out
    pub(super) skip_offline: Option<bool>,
    /// 每秒下发的桩数 Piles per second
    #[schema(maximum = 10_000)]
    pub(super) rate_per_s: Option<u32>,
    /// 每条命令的期限, 秒 Deadline of each command, seconds
    #[schema(minimum = 1, maximum = 2_592_000)]
    pub(super) timeout_s: Option<u64>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct TurnedSchedule {
    /// 任务编号 The schedule's id
    pub(super) schedule_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
    /// 启用或停用 Whether it is to run
    pub(super) enabled: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct DeletedSchedule {
    /// 任务编号 The schedule's id
    pub(super) schedule_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
}

/// A schedule as it is read.
#[derive(Debug, Row, Serialize, Deserialize)]
pub(super) struct ScheduleRow {
    schedule_id: u64,
    timestamp: i64,
    name: String,
    command: String,
    request: String,
    cron: String,
    spread_s: u32,
    selection: String,
    skip_offline: u8,
    rate_per_s: u32,
    timeout_s: u32,
    enabled: u8,
    organization_id: u64,
    created_by: String,
    created_time: i64,
}

impl From<Schedule> for ScheduleRow {
    fn from(row: Schedule) -> Self {
        Self {
            schedule_id: row.schedule_id,
            timestamp: row.timestamp,
            name: row.name,
            command: row.command,
            request: row.request,
            cron: row.cron,
            spread_s: row.spread_s,
            selection: row.selection,
            skip_offline: row.skip_offline,
            rate_per_s: row.rate_per_s,
            timeout_s: row.timeout_s,
            enabled: row.enabled,
            organization_id: row.organization_id,
            created_by: row.created_by,
            created_time: row.created_time,
        }
    }
}

pub(super) const FROM: &str = "(SELECT schedule_id, timestamp, flag_del, name, toString(command) AS command, request, \
    cron, spread_s, selection, skip_offline, rate_per_s, timeout_s, enabled, organization_id, created_by, created_time \
    FROM schedule FINAL)";

impl Listed for ScheduleRow {
    const WHAT: &'static str = "schedule";
    const FROM: &'static str = FROM;
    const SORT: &'static [&'static str] = &["name", "command", "created_time", "enabled"];
    const ORDER: &'static str = "name, schedule_id";
    const COLUMNS: &'static [Column<Self>] = &[
        column("任务编号", "Schedule id", |row| {
            Cell::Text(row.schedule_id.to_string())
        }),
        column("名称", "Name", |row| Cell::text(&row.name)),
        column("命令", "Command", |row| Cell::text(&row.command)),
        column("字段", "Fields", |row| Cell::text(&row.request)),
        column("cron", "Cron", |row| Cell::text(&row.cron)),
        column("选桩", "Piles", |row| Cell::text(&row.selection)),
        column("启用", "Enabled", |row| Cell::Number(row.enabled.into())),
        column("创建人", "Made by", |row| Cell::text(&row.created_by)),
        column("创建时间", "Made", |row| Cell::Time(row.created_time)),
    ];
}

/// 定时任务 A schedule
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScheduleItem {
    /// 任务编号 The schedule's id
    schedule_id: u64,
    /// 版本, 修改时须带回 Version, Unix ms; a change must carry it
    timestamp: i64,
    /// 名称 Its name
    name: String,
    /// 命令 The command
    command: String,
    /// 字段 Its fields
    #[schema(value_type = Object)]
    fields: Value,
    /// cron表达式, 北京时间 Cron expression, Asia/Shanghai
    cron: String,
    /// 分散在多少秒内 The piles are spread over so many seconds
    spread_s: u32,
    /// 哪些桩 Which piles
    selection: PileSelection,
    /// 跳过离线的桩 Whether piles that are offline are left out
    skip_offline: bool,
    /// 每秒下发的桩数, 0=平台的限速 Piles per second, 0 = the platform's own limit
    rate_per_s: u32,
    /// 每条命令的期限, 秒 Deadline of each command, seconds
    timeout_s: u32,
    /// 是否启用 Whether it runs
    enabled: bool,
    /// 归属组织, 0=平台 The organization it belongs to, 0 = the platform
    organization_id: u64,
    /// 创建人 Who made it
    created_by: String,
    /// 创建时间, 毫秒 Made, Unix ms
    created_time: i64,
    /// 下次时间, 毫秒, 0=停用 Due next, Unix ms, 0 = disabled
    next_time: i64,
}

impl ScheduleItem {
    pub(super) fn of(row: ScheduleRow, now: i64) -> Self {
        let enabled = row.enabled != 0;
        let next = enabled.then(|| cron::upcoming(&row.cron, now, 1).first().copied());
        let selection: Selection = serde_json::from_str(&row.selection).unwrap_or_default();
        Self {
            schedule_id: row.schedule_id,
            timestamp: row.timestamp,
            name: row.name,
            command: row.command,
            fields: serde_json::from_str(&row.request).unwrap_or_default(),
            cron: row.cron,
            spread_s: row.spread_s,
            selection: selection.into(),
            skip_offline: row.skip_offline != 0,
            rate_per_s: row.rate_per_s,
            timeout_s: row.timeout_s,
            enabled,
            organization_id: row.organization_id,
            created_by: row.created_by,
            created_time: row.created_time,
            next_time: next.flatten().unwrap_or_default(),
        }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// 命令 The command
    command: Option<String>,
    /// 是否启用: 0, 1 Whether it runs
    enabled: Option<u8>,
    /// 名称中的文字 Words in the name
    name: Option<String>,
}

impl Filter {
    pub(super) fn conditions(&self, scope: &Scope) -> Conditions {
        let there = Conditions::new().and("flag_del = 0", []);
        scope
            .organizations(there, "organization_id IN ?")
            .and_if("command = ?", self.command.as_deref())
            .and_if("enabled = ?", self.enabled)
            .and_words("positionCaseInsensitiveUTF8(name, ?) > 0", self.name.as_deref())
    }
}

/// 定时任务的一次运行 A run of a schedule
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct RunItem {
    /// 任务编号 The schedule's id
    schedule_id: u64,
    /// 应运行的时间, 毫秒 When it was due, Unix ms
    planned_time: i64,
    /// 实际时间, 毫秒 When it was made, Unix ms
    started_time: i64,
    /// 状态: started 已下发, empty 无桩可选, failed 失败 State
    state: String,
    /// 批量编号, 0=无 The batch, 0 = none
    batch_id: u64,
    /// 选中的桩数 Piles chosen
    chosen: u32,
    /// 因离线而跳过的桩数 Of them left out because they were offline
    skipped: u32,
    /// 失败原因, 或错过了哪些次 Why it failed, or what was missed
    reason: String,
}

impl Listed for RunItem {
    const WHAT: &'static str = "schedule_run";
    const FROM: &'static str = "(SELECT schedule_id, flag_del, planned_time, started_time, toString(state) AS state, \
        batch_id, chosen, skipped, reason FROM schedule_run FINAL)";
    const SORT: &'static [&'static str] = &["planned_time", "state", "chosen", "skipped"];
    const ORDER: &'static str = "planned_time DESC";
    const COLUMNS: &'static [Column<Self>] = &[
        column("应运行", "Due", |row| Cell::Time(row.planned_time)),
        column("实际", "Made", |row| Cell::Time(row.started_time)),
        column("状态", "State", |row| Cell::text(&row.state)),
        column("批量编号", "Batch id", |row| {
            Cell::Text(row.batch_id.to_string())
        }),
        column("选中", "Chosen", |row| Cell::Number(row.chosen.into())),
        column("跳过", "Left out", |row| Cell::Number(row.skipped.into())),
        column("原因", "Reason", |row| Cell::text(&row.reason)),
    ];
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RunFilter {
    /// 任务编号 The schedule's id
    pub(super) schedule_id: u64,
    /// 状态: started, empty, failed State
    state: Option<String>,
}

impl RunFilter {
    pub(super) fn conditions(&self) -> Conditions {
        Conditions::new()
            .and("flag_del = 0", [])
            .and("schedule_id = ?", [self.schedule_id.into()])
            .and_if("state = ?", self.state.as_deref())
    }
}

/// 接下来的时间 Times to come
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UpcomingTimes {
    /// 表达式, 规整后 The expression, as it is kept
    pub(super) cron: String,
    /// 时间, 毫秒 When, Unix ms
    pub(super) times: Vec<i64>,
}
