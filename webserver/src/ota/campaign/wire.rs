//! What is on the wire of `/ota/campaign`.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Conditions, table::ota_campaign::OtaCampaign};
use utoipa::{IntoParams, ToSchema};

use super::{
    plan::PlanBody,
    progress::{CampaignPilesInStage, CampaignPilesInState, in_states},
};
use crate::ground::{Cell, Column, Listed, Scope, column, piles::PLACE, selection::PileSelection};

/// A campaign to be prepared.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewCampaign {
    /// 名称 Its name
    #[schema(min_length = 1, max_length = 64)]
    pub(super) name: String,
    /// 程序包 The package to be rolled out
    pub(super) package_id: u64,
    /// 回退用的程序包, 缺省为不能回退 The package to go back to; without it there is no way back
    pub(super) rollback_package_id: Option<u64>,
    /// 计划, 缺省见各项 The plan; see its defaults
    pub(super) plan: Option<PlanBody>,
    /// 哪些桩, 按现在的资产选定, 至多10万 Which piles, as they are now; at most 100,000
    pub(super) selection: PileSelection,
    /// 归属组织, 缺省为自己的组织 The organization it belongs to; one's own by default
    pub(super) organization_id: Option<u64>,
}

/// What is to be changed of a draft; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct EditedCampaign {
    /// 活动编号 The campaign's id
    pub(super) campaign_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
    /// 名称 Its name
    #[schema(min_length = 1, max_length = 64)]
    pub(super) name: Option<String>,
    /// 程序包 The package to be rolled out
    pub(super) package_id: Option<u64>,
    /// 回退用的程序包, 0=不能回退 The package to go back to, 0 = none
    pub(super) rollback_package_id: Option<u64>,
    /// 计划, 整体替换 The plan, replaced as a whole
    pub(super) plan: Option<PlanBody>,
    /// 哪些桩, 整体替换 Which piles, replaced as a whole
    pub(super) selection: Option<PileSelection>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct DeletedCampaign {
    /// 活动编号 The campaign's id
    pub(super) campaign_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
}

/// Which campaign is asked.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct AskedCampaign {
    /// 活动编号 The campaign's id
    pub(super) campaign_id: u64,
}

/// 已受理的请求, 由connector执行, 结果见事件 A request that was accepted; the connector carries it out, and its event tells the outcome
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CampaignRequested {
    /// 活动编号 The campaign's id
    pub(super) campaign_id: u64,
    /// 事件编号 The event that tells of it
    pub(super) event_id: u64,
}

/// Which one.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// 活动编号 The campaign's id
    pub(super) campaign_id: u64,
}

/// 升级活动 A campaign
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct CampaignItem {
    /// 活动编号 The campaign's id
    campaign_id: u64,
    /// 版本, 毫秒, 修改草稿时须带回 Version, Unix ms; a change of a draft must carry it
    timestamp: i64,
    /// 名称 Its name
    name: String,
    /// 归属组织, 0=平台 The organization it belongs to, 0 = the platform
    organization_id: u64,
    /// 程序包 The package that is rolled out
    package_id: u64,
    /// 目标版本 The version that a pile must log in with afterwards
    version: String,
    /// 回退用的程序包, 0=无 The package to go back to, 0 = none
    rollback_package_id: u64,
    /// 回退后的版本 The version after going back
    rollback_version: String,
    /// 状态: draft, running, paused, halted, rolling_back, finished, aborted, rolled_back State
    #[schema(example = "running")]
    state: String,
    /// 当前阶段, 0=金丝雀 Present stage, 0 = canary
    stage: u8,
    /// 当前阶段开始, 毫秒 When it began, Unix ms
    stage_since: i64,
    /// 观察期开始, 毫秒, 0=尚未 When its soak began, Unix ms, 0 = not yet
    soak_since: i64,
    /// 本阶段检验次数 Looks of the safety rail in this stage
    looks: u32,
    /// 处于此状态的原因 Why it is in this state
    reason: String,
    /// 桩数 Piles in it
    total: u32,
    /// 创建人 Who made it
    created_by: String,
    /// 创建时间, 毫秒 Made, Unix ms
    created_time: i64,
    /// 启动时间, 毫秒, 0=未启动 Started, Unix ms, 0 = not yet
    started_time: i64,
    /// 结束时间, 毫秒, 0=未结束 Ended, Unix ms, 0 = not yet
    finished_time: i64,
    /// 最迟结束时间, 毫秒, 0=未启动 When it ends by itself at the latest, Unix ms, 0 = not started
    deadline: i64,
}

impl CampaignItem {
    fn of(row: &OtaCampaign) -> Self {
        Self {
            campaign_id: row.campaign_id,
            timestamp: row.timestamp,
            name: row.name.clone(),
            organization_id: row.organization_id,
            package_id: row.package_id,
            version: row.version.clone(),
            rollback_package_id: row.rollback_package_id,
            rollback_version: row.rollback_version.clone(),
            state: row.state.clone(),
            stage: row.stage,
            stage_since: row.stage_since,
            soak_since: row.soak_since,
            looks: row.looks,
            reason: row.reason.clone(),
            total: row.total,
            created_by: row.created_by.clone(),
            created_time: row.created_time,
            started_time: row.started_time,
            finished_time: row.finished_time,
            deadline: row.deadline,
        }
    }
}

impl Listed for CampaignItem {
    const WHAT: &'static str = "ota_campaign";
    const FROM: &'static str = "(SELECT campaign_id, timestamp, flag_del, name, organization_id, package_id, version, \
        rollback_package_id, rollback_version, toString(state) AS state, stage, stage_since, soak_since, looks, reason, \
        total, created_by, created_time, started_time, finished_time, deadline FROM ota_campaign FINAL)";
    const SORT: &'static [&'static str] = &[
        "created_time",
        "started_time",
        "finished_time",
        "name",
        "state",
        "total",
    ];
    const ORDER: &'static str = "created_time DESC, campaign_id DESC";
    const COLUMNS: &'static [Column<Self>] = &[
        column("创建时间", "Made", |row| Cell::Time(row.created_time)),
        column("活动编号", "Campaign id", |row| {
            Cell::Text(row.campaign_id.to_string())
        }),
        column("名称", "Name", |row| Cell::text(&row.name)),
        column("目标版本", "Version", |row| Cell::text(&row.version)),
        column("状态", "State", |row| Cell::text(&row.state)),
        column("阶段", "Stage", |row| Cell::Number(row.stage.into())),
        column("桩数", "Piles", |row| Cell::Number(row.total.into())),
        column("原因", "Reason", |row| Cell::text(&row.reason)),
        column("创建人", "Made by", |row| Cell::text(&row.created_by)),
        column("启动时间", "Started", |row| Cell::Time(row.started_time)),
        column("结束时间", "Ended", |row| Cell::Time(row.finished_time)),
    ];
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// 状态 State
    state: Option<String>,
    /// 程序包 The package that is rolled out
    package_id: Option<u64>,
    /// 名称中的文字 Words in the name
    name: Option<String>,
}

impl Filter {
    pub(super) fn conditions(&self, scope: &Scope) -> Conditions {
        let there = Conditions::new().and("flag_del = 0", []);
        scope
            .organizations(there, "organization_id IN ?")
            .and_if("state = ?", self.state.as_deref())
            .and_if("package_id = ?", self.package_id)
            .and_words("positionCaseInsensitiveUTF8(name, ?) > 0", self.name.as_deref())
    }
}

/// 升级活动详情 A campaign in full
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CampaignDetail {
    /// 活动 The campaign
    #[serde(flatten)]
    campaign: CampaignItem,
    /// 计划 Its plan
    plan: PlanBody,
    /// 熔断时的数据, 没有则为空 The figures behind a halt; null where there are none
    #[schema(value_type = Object)]
    figures: Value,
    /// 各状态的桩数 Piles by state
    progress: Vec<CampaignPilesInState>,
    /// 各组各阶段各状态的桩数 Piles by group, stage and state
    by_stage: Vec<CampaignPilesInStage>,
}

impl CampaignDetail {
    pub(super) fn of(row: &OtaCampaign, by_stage: Vec<CampaignPilesInStage>) -> Self {
        Self {
            campaign: CampaignItem::of(row),
            plan: PlanBody::of(&row.plan),
            figures: serde_json::from_str(&row.figures).unwrap_or_default(),
            progress: in_states(&by_stage),
            by_stage,
        }
    }
}

/// 活动中的一桩 A pile of a campaign
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct CampaignPile {
    /// 活动编号 The campaign's id
    campaign_id: u64,
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
    /// 选入时的型号 Its model when it was chosen
    model: String,
    /// 选入时的软件版本, 空=未知 Its software version then, empty = unknown
    from_version: String,
    /// 分组: update 升级, control 对照, 空=尚未抽签 Update or control; empty = the lot has not been drawn
    arm: String,
    /// 所属阶段, 0=金丝雀 Stage in which it is updated, 0 = canary
    stage: u8,
    /// 方向: update, rollback Direction
    phase: String,
    /// 状态: waiting, eligible, downloading, downloaded, updating, awaiting_login, soaking, succeeded, succeeded_uncharged, failed, skipped, timed_out, rolled_back, control State
    #[schema(example = "downloading")]
    state: String,
    /// 在等谁: campaign, window, pile, driver, 空=已结束 Whom the state waits for; empty = final
    owner: String,
    /// 进入此状态, 毫秒 In this state since, Unix ms
    state_since: i64,
    /// 此状态的期限, 毫秒, 0=无 When it ends at the latest, Unix ms, 0 = none
    deadline: i64,
    /// 原因 Why it is in this state
    reason: String,
    /// 第几次下载, 0=尚未 Attempt at downloading, 0 = none yet
    attempt: u8,
    /// 在途命令的编号, 空=无 The command in flight, empty = none
    command_id: String,
    /// 下载进度, % Progress of the download, percent
    progress: u8,
    /// 下载开始, 毫秒, 0=尚未 Download begun, Unix ms, 0 = not yet
    download_time: i64,
    /// 下载完成, 毫秒, 0=尚未 Download done, Unix ms, 0 = not yet
    downloaded_time: i64,
    /// 更新命令发出, 毫秒, 0=尚未 Update asked for, Unix ms, 0 = not yet
    update_time: i64,
    /// 以目标版本登录, 毫秒, 0=尚未 Logged in with the wanted version, Unix ms, 0 = not yet
    login_time: i64,
    /// 此后首次充电成功, 毫秒, 0=尚未 First good charge after that, Unix ms, 0 = not yet
    charge_time: i64,
    /// 结束, 毫秒, 0=尚未 Came to its final state, Unix ms, 0 = not yet
    finished_time: i64,
    /// 最近登录的软件版本 Software version of the last login that was seen
    seen_version: String,
}

impl Listed for CampaignPile {
    const WHAT: &'static str = "ota_campaign_pile";
    const FROM: &'static str = "(SELECT campaign_id, device_id, flag_del, uuid, model, toString(from_version) AS from_version, \
        toString(arm) AS arm, stage, toString(phase) AS phase, toString(state) AS state, toString(owner) AS owner, \
        state_since, deadline, reason, attempt, mark AS command_id, progress, download_time, downloaded_time, \
        update_time, login_time, charge_time, finished_time, toString(seen_version) AS seen_version \
        FROM ota_campaign_pile FINAL)";
    const SHOWN: &'static str = PLACE;
    const SORT: &'static [&'static str] = &[
        "device_id",
        "state",
        "stage",
        "state_since",
        "finished_time",
        "reason",
    ];
    const ORDER: &'static str = "stage, device_id";
    const COLUMNS: &'static [Column<Self>] = &[
        column("场站", "Station", |row| Cell::text(&row.sta_name)),
        column("资产名称", "Pile", |row| Cell::text(&row.ass_name)),
        column("通信编号", "uuid", |row| Cell::text(&row.uuid)),
        column("型号", "Model", |row| Cell::text(&row.model)),
        column("原版本", "Version before", |row| Cell::text(&row.from_version)),
        column("分组", "Arm", |row| Cell::text(&row.arm)),
        column("阶段", "Stage", |row| Cell::Number(row.stage.into())),
        column("方向", "Direction", |row| Cell::text(&row.phase)),
        column("状态", "State", |row| Cell::text(&row.state)),
        column("原因", "Reason", |row| Cell::text(&row.reason)),
        column("下载次数", "Attempts", |row| Cell::Number(row.attempt.into())),
        column("下载完成", "Downloaded", |row| {
            Cell::Time(row.downloaded_time)
        }),
        column("更新", "Updated", |row| Cell::Time(row.update_time)),
        column("新版本登录", "Logged in", |row| Cell::Time(row.login_time)),
        column("首次充电", "First charge", |row| Cell::Time(row.charge_time)),
        column("结束", "Ended", |row| Cell::Time(row.finished_time)),
        column("现版本", "Version now", |row| Cell::text(&row.seen_version)),
    ];
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PileFilter {
    /// 活动编号 The campaign's id
    pub(super) campaign_id: u64,
    /// 状态 State
    state: Option<String>,
    /// 阶段, 0=金丝雀 Stage, 0 = canary
    stage: Option<u8>,
    /// 分组: update, control Arm
    arm: Option<String>,
    /// 通信编号 The pile's uuid
    uuid: Option<String>,
}

impl PileFilter {
    pub(super) fn conditions(&self, scope: &Scope) -> Conditions {
        let of_campaign = Conditions::new()
            .and("flag_del = 0", [])
            .and("campaign_id = ?", [self.campaign_id.into()]);
        scope
            .devices(of_campaign)
            .and_if("state = ?", self.state.as_deref())
            .and_if("stage = ?", self.stage)
            .and_if("arm = ?", self.arm.as_deref())
            .and_if("uuid = ?", self.uuid.as_deref())
    }
}

/// 活动的一个事件 An event of a campaign
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct CampaignEvent {
    /// 活动编号 The campaign's id
    campaign_id: u64,
    /// 事件编号 The event's id
    event_id: u64,
    /// 时间, 毫秒 When, Unix ms
    event_time: i64,
    /// 种类: request, state, stage, rail, note Kind
    kind: String,
    /// 请求的动作, 或发生了什么 What was asked, or what happened
    action: String,
    /// 谁: 账号, 或connector Who: an account, or connector
    source: String,
    /// 请求的结果: 空=尚未处理, done, refused Of a request: empty = not looked at yet
    outcome: String,
    /// 说明 What happened and why
    text: String,
    /// 依据的数据, JSON, 可为空 The figures behind it, JSON; may be empty
    data: String,
}

impl Listed for CampaignEvent {
    const WHAT: &'static str = "ota_campaign_event";
    const FROM: &'static str = "(SELECT campaign_id, event_id, flag_del, event_time, toString(kind) AS kind, \
        toString(action) AS action, source, toString(outcome) AS outcome, text, data FROM ota_campaign_event FINAL)";
    const SORT: &'static [&'static str] = &["event_time", "kind"];
    const ORDER: &'static str = "event_time DESC, event_id DESC";
    const COLUMNS: &'static [Column<Self>] = &[
        column("时间", "When", |row| Cell::Time(row.event_time)),
        column("种类", "Kind", |row| Cell::text(&row.kind)),
        column("动作", "Action", |row| Cell::text(&row.action)),
        column("谁", "Who", |row| Cell::text(&row.source)),
        column("结果", "Outcome", |row| Cell::text(&row.outcome)),
        column("说明", "Text", |row| Cell::text(&row.text)),
        column("数据", "Data", |row| Cell::text(&row.data)),
    ];
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EventFilter {
    /// 活动编号 The campaign's id
    pub(super) campaign_id: u64,
    /// 种类: request, state, stage, rail, note Kind
    kind: Option<String>,
}

impl EventFilter {
    pub(super) fn conditions(&self) -> Conditions {
        Conditions::new()
            .and("flag_del = 0", [])
            .and("campaign_id = ?", [self.campaign_id.into()])
            .and_if("kind = ?", self.kind.as_deref())
    }
}

/// 安全检验的一次结果 One look of the safety rail at one measure
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct CampaignFigure {
    /// 活动编号 The campaign's id
    campaign_id: u64,
    /// 阶段, 0=金丝雀 Stage, 0 = canary
    stage: u8,
    /// 指标: boot_failures 启动失败率, offline 离线时间, warnings 告警, traffic SIM流量 Measure
    measure: String,
    /// 时间, 毫秒 When, Unix ms
    look_time: i64,
    /// 本阶段第几次检验 Which look of the stage
    look: u32,
    /// 数据起始时间, 毫秒 Data counted since, Unix ms
    since: i64,
    /// 升级组有数据的桩数 Updated piles with data
    updated_piles: u32,
    /// 升级组事件数 Their events: failed starts, offline samples, warnings, bytes
    updated_events: f64,
    /// 升级组基数: 启动次数、采样数、桩时、桩日 Of how much: starts, samples, pile-hours, pile-days
    updated_exposure: f64,
    /// 对照组有数据的桩数 Control piles with data
    control_piles: u32,
    /// 对照组事件数 Their events
    control_events: f64,
    /// 对照组基数 Of how much
    control_exposure: f64,
    /// 升级组超出预期的事件数 Events of the updated piles above what is expected of them
    excess: f64,
    /// 单侧随机化检验的p值 p-value of the one-sided randomization test
    p_value: f64,
    /// 本次可用的误停概率, p值不高于它即变差 Error probability spent on this look; worse when the p-value is not above it
    bound: f64,
    /// 结论: fine, worse, no_data Verdict
    verdict: String,
}

impl Listed for CampaignFigure {
    const WHAT: &'static str = "ota_campaign_figure";
    const FROM: &'static str = "(SELECT campaign_id, stage, flag_del, toString(measure) AS measure, look_time, look, since, \
        updated_piles, updated_events, updated_exposure, control_piles, control_events, control_exposure, excess, \
        p_value, bound, toString(verdict) AS verdict FROM ota_campaign_figure FINAL)";
    const SORT: &'static [&'static str] = &["look_time", "stage", "measure", "p_value"];
    const ORDER: &'static str = "look_time DESC, stage, measure";
    const COLUMNS: &'static [Column<Self>] = &[
        column("时间", "When", |row| Cell::Time(row.look_time)),
        column("阶段", "Stage", |row| Cell::Number(row.stage.into())),
        column("指标", "Measure", |row| Cell::text(&row.measure)),
        column("次序", "Look", |row| Cell::Number(row.look.into())),
        column("升级组桩数", "Updated piles", |row| {
            Cell::Number(row.updated_piles.into())
        }),
        column("升级组事件", "Updated events", |row| {
            Cell::Number(row.updated_events)
        }),
        column("升级组基数", "Updated exposure", |row| {
            Cell::Number(row.updated_exposure)
        }),
        column("对照组桩数", "Control piles", |row| {
            Cell::Number(row.control_piles.into())
        }),
        column("对照组事件", "Control events", |row| {
            Cell::Number(row.control_events)
        }),
        column("对照组基数", "Control exposure", |row| {
            Cell::Number(row.control_exposure)
        }),
        column("超出", "Excess", |row| Cell::Number(row.excess)),
        column("p值", "p-value", |row| Cell::Number(row.p_value)),
        column("界限", "Bound", |row| Cell::Number(row.bound)),
        column("结论", "Verdict", |row| Cell::text(&row.verdict)),
    ];
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FigureFilter {
    /// 活动编号 The campaign's id
    pub(super) campaign_id: u64,
    /// 阶段, 0=金丝雀 Stage, 0 = canary
    stage: Option<u8>,
    /// 指标: boot_failures, offline, warnings, traffic Measure
    measure: Option<String>,
    /// 结论: fine, worse, no_data Verdict
    verdict: Option<String>,
}

impl FigureFilter {
    pub(super) fn conditions(&self) -> Conditions {
        Conditions::new()
            .and("flag_del = 0 AND measure != 'presence'", [])
            .and("campaign_id = ?", [self.campaign_id.into()])
            .and_if("stage = ?", self.stage)
            .and_if("measure = ?", self.measure.as_deref())
            .and_if("verdict = ?", self.verdict.as_deref())
    }
}
