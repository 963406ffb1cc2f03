//! A campaign as callers see it.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Conditions, table::ota_campaign::OtaCampaign};
use utoipa::{IntoParams, ToSchema};

use super::super::{
    plan::PlanBody,
    progress::{CampaignPilesInStage, CampaignPilesInState, in_states},
};
use crate::ground::{Cell, Column, Listed, Scope, column};

/// 升级活动 A campaign
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(in crate::ota::campaign) struct CampaignItem {
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
pub(in crate::ota::campaign) struct Filter {
    /// 状态 State
    state: Option<String>,
    /// 程序包 The package that is rolled out
    package_id: Option<u64>,
    /// 名称中的文字 Words in the name
    name: Option<String>,
}

impl Filter {
    pub(in crate::ota::campaign) fn conditions(&self, scope: &Scope) -> Conditions {
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
pub(in crate::ota::campaign) struct CampaignDetail {
    /// 活动 The campaign
    #[serde(flatten)]
    campaign: CampaignItem,
    /// 计划 Its plan
    plan: PlanBody,
    /// 熔断时的数据, 没有则为空 The figures behind a halt; null where there are none
    #[schema(value_type = Option<Object>, required = true)]
    figures: Value,
    /// 各状态的桩数 Piles by state
    progress: Vec<CampaignPilesInState>,
    /// 各组各阶段各状态的桩数 Piles by group, stage and state
    by_stage: Vec<CampaignPilesInStage>,
}

impl CampaignDetail {
    pub(in crate::ota::campaign) fn of(row: &OtaCampaign, by_stage: Vec<CampaignPilesInStage>) -> Self {
        Self {
            campaign: CampaignItem::of(row),
            plan: PlanBody::of(&row.plan),
            figures: serde_json::from_str(&row.figures).unwrap_or_default(),
            progress: in_states(&by_stage),
            by_stage,
        }
    }
}
