//! A pile of a campaign as callers see it.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::Conditions;
use utoipa::{IntoParams, ToSchema};

use crate::ground::{Cell, Column, Listed, Scope, column, nameless, shown};

/// 活动中的一桩 A pile of a campaign
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(in crate::ota::campaign) struct CampaignPile {
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
    const FROM: &'static str = concat!(
        "(SELECT campaign_id, device_id, flag_del, uuid, model, toString(from_version) AS from_version, \
         toString(arm) AS arm, stage, toString(phase) AS phase, toString(state) AS state, toString(owner) AS owner, \
         state_since, deadline, reason, attempt, mark AS command_id, progress, download_time, downloaded_time, \
         update_time, login_time, charge_time, finished_time, toString(seen_version) AS seen_version, ",
        nameless!(own uuid),
        " FROM ota_campaign_pile FINAL)"
    );
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

    shown!(own uuid);
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::ota::campaign) struct PileFilter {
    /// 活动编号 The campaign's id
    pub(in crate::ota::campaign) campaign_id: u64,
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
    pub(in crate::ota::campaign) fn conditions(&self, scope: &Scope) -> Conditions {
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
