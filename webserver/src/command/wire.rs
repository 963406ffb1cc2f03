//! What is on the wire of `/command`.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::Conditions;
use utoipa::{IntoParams, ToSchema};

use crate::ground::{ApiError, Cell, Column, Listed, Piles, Scope, Span, column, nameless, shown};

/// A command to one pile.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewCommand {
    /// 桩编号 The pile
    pub(super) device_id: u64,
    /// 命令, 见 /command/kinds The command, see /command/kinds
    #[schema(example = "软件版本查询")]
    pub(super) command: String,
    /// 字段, 见 /command/kinds; 无字段可省略 Its fields, see /command/kinds; may be left out where it has none
    #[schema(value_type = Option<Object>, example = json!({}))]
    pub(super) fields: Option<Map<String, Value>>,
    /// 期限, 秒, 缺省300; 离线桩在此期限内等待上线 Deadline, seconds, 300 by default; an offline pile may come back until then
    #[schema(minimum = 1, maximum = 2_592_000)]
    pub(super) timeout_s: Option<u64>,
}

/// 已受理的命令 A command that is on its way
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SentCommand {
    /// 命令编号, 用于查询、撤销、事件流 The command's id: for its detail, for cancelling it, and in events
    #[schema(example = "w5b0c7f6b0a0e4b53a0b7e6c1d2f3a4b5")]
    pub(super) command_id: String,
    /// 桩编号 The pile
    pub(super) device_id: u64,
    /// 桩的 uuid The pile's uuid
    pub(super) uuid: String,
    /// 命令 The command
    pub(super) command: &'static str,
}

/// Which command is to be withdrawn.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct CancelledCommand {
    /// 桩编号 The pile
    pub(super) device_id: u64,
    /// 命令编号 The command's id
    pub(super) command_id: String,
}

/// 命令记录 A command and what became of it
#[derive(Debug, Clone, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct CommandItem {
    /// 版本, 毫秒 Version, Unix ms
    pub(super) timestamp: i64,
    /// 命令编号, 手工发布的为空 The command's id; empty for what was published by hand
    pub(super) command_id: String,
    /// 下达时间, 毫秒 When it was asked for, Unix ms
    pub(super) created_time: i64,
    /// 报文编号 Its reqid
    pub(super) reqid: u32,
    /// 命令 The command
    pub(super) command: String,
    /// 桩编号 The pile
    pub(super) device_id: u64,
    /// 桩的 uuid The pile's uuid
    pub(super) uuid: String,
    /// 资产名称 The pile's name
    pub(super) ass_name: String,
    /// 型号 Model
    pub(super) model: String,
    /// 场站编号 Station
    pub(super) sta_id: u64,
    /// 场站名称 Its name
    pub(super) sta_name: String,
    /// 状态: queued, sent, answered, failed, timed_out, cancelled Where it stands
    #[schema(example = "answered")]
    pub(super) state: String,
    /// 来源: web:账号, connector:…, 平台, 外部 Who asked
    pub(super) source: String,
    /// 发送时间, 毫秒, 0=尚未 When the broker took it, Unix ms, 0 = not yet
    pub(super) sent_time: i64,
    /// 应答时间, 毫秒, 0=尚未 When the answer came, Unix ms, 0 = not yet
    pub(super) answered_time: i64,
    /// 截止时间, 毫秒, 0=无 Deadline, Unix ms, 0 = none
    pub(super) deadline: i64,
    /// 发送次数 How often it was sent
    pub(super) attempts: u8,
    /// 结果: 成功, 失败 Result
    pub(super) result: String,
    /// 失败原因 Why it failed
    pub(super) reason: String,
    /// 下载进度, % Progress of a download, percent
    pub(super) progress: u8,
}

impl Listed for CommandItem {
    const WHAT: &'static str = "command";
    const FROM: &'static str = concat!(
        "(SELECT timestamp, caller AS command_id, created_time, reqid, toString(command) AS command, device_id, \
         toString(state) AS state, toString(source) AS source, sent_time, answered_time, deadline, attempts, \
         toString(result) AS result, reason, progress, ",
        nameless!(),
        " FROM command_record FINAL)"
    );
    const SORT: &'static [&'static str] = &[
        "created_time",
        "device_id",
        "command",
        "state",
        "sent_time",
        "answered_time",
    ];
    const ORDER: &'static str = "created_time DESC, device_id, reqid DESC";
    const COLUMNS: &'static [Column<Self>] = &[
        column("下达时间", "Asked for", |row| Cell::Time(row.created_time)),
        column("命令", "Command", |row| Cell::text(&row.command)),
        column("场站", "Station", |row| Cell::text(&row.sta_name)),
        column("资产名称", "Pile", |row| Cell::text(&row.ass_name)),
        column("通信编号", "uuid", |row| Cell::text(&row.uuid)),
        column("型号", "Model", |row| Cell::text(&row.model)),
        column("状态", "State", |row| Cell::text(&row.state)),
        column("来源", "Source", |row| Cell::text(&row.source)),
        column("发送时间", "Sent", |row| Cell::Time(row.sent_time)),
        column("应答时间", "Answered", |row| Cell::Time(row.answered_time)),
        column("发送次数", "Attempts", |row| {
            Cell::Number(row.attempts.into())
        }),
        column("结果", "Result", |row| Cell::text(&row.result)),
        column("失败原因", "Reason", |row| Cell::text(&row.reason)),
        column("命令编号", "Command id", |row| Cell::text(&row.command_id)),
    ];

    shown!();
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// 下达时间起, 毫秒, 缺省为最近24小时 Asked for from, Unix ms; the last 24 h by default
    from: Option<i64>,
    /// 下达时间止, 毫秒, 不含 Until, Unix ms, exclusive; at most 366 days after `from`
    to: Option<i64>,
    /// 场站编号 Station
    sta_id: Option<u64>,
    /// 桩编号 Pile
    device_id: Option<u64>,
    /// 通信编号 The pile's uuid
    uuid: Option<String>,
    /// 型号 Model of the pile
    model: Option<String>,
    /// 命令 The command
    command: Option<String>,
    /// 状态: queued, sent, answered, failed, timed_out, cancelled Where it stands
    state: Option<String>,
    /// 来源 Who asked, such as web:alice
    source: Option<String>,
    /// 命令编号 The command's id
    command_id: Option<String>,
    /// 批量编号: 该批量的命令 Those of this batch
    batch_id: Option<u64>,
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
            .and("created_time >= ?", [span.from.into()])
            .and("created_time < ?", [span.to.into()]);
        Ok(piles
            .of(scope, asked)
            .and_if("command = ?", self.command.as_deref())
            .and_if("state = ?", self.state.as_deref())
            .and_if("source = ?", self.source.as_deref())
            .and_if("command_id = ?", self.command_id.as_deref())
            .and_if(
                "startsWith(command_id, concat('b', toString(?), '-'))",
                self.batch_id,
            ))
    }
}

/// Which one.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// 桩编号 The pile
    pub(super) device_id: u64,
    /// 命令编号; 手工发布的没有, 须给出 created_time 和 reqid The command's id; what was published by hand has none and is named by created_time and reqid
    pub(super) command_id: Option<String>,
    /// 列表中的下达时间, 毫秒 Time in the list, Unix ms
    pub(super) created_time: Option<i64>,
    /// 列表中的报文编号 reqid in the list
    pub(super) reqid: Option<u32>,
}

/// 命令详情及时间线 A command in full, with its timeline
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CommandDetail {
    /// 命令 The command
    pub(super) command: CommandItem,
    /// 下行报文, JSON, 密码已去除 What was sent, JSON, passwords struck out
    pub(super) request: String,
    /// 应答报文, JSON What was answered, JSON
    pub(super) answer: String,
    /// 时间线, 自早到晚 Every step, the first one first
    pub(super) steps: Vec<CommandStep>,
}

/// 时间线上的一步 A step
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct CommandStep {
    /// 时间, 毫秒 When, Unix ms
    timestamp: i64,
    /// 状态 State: queued, sent, answered, failed, timed_out, cancelled
    state: String,
    /// 第几次发送, 0=尚未发送 Which sending it belongs to, 0 = before the first
    attempt: u8,
    /// 下载进度, % Progress of a download, percent
    progress: u8,
    /// 结果: 成功, 失败 Result
    result: String,
    /// 说明 Reason
    reason: String,
}
