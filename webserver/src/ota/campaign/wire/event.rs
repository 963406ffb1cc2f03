//! What has happened to a campaign, and what was asked of it.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::Conditions;
use utoipa::{IntoParams, ToSchema};

use crate::ground::{Cell, Column, Listed, column};

/// 活动的一个事件 An event of a campaign
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(in crate::ota::campaign) struct CampaignEvent {
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
pub(in crate::ota::campaign) struct EventFilter {
    /// 活动编号 The campaign's id
    pub(in crate::ota::campaign) campaign_id: u64,
    /// 种类: request, state, stage, rail, note Kind
    kind: Option<String>,
}

impl EventFilter {
    pub(in crate::ota::campaign) fn conditions(&self) -> Conditions {
        Conditions::new()
            .and("flag_del = 0", [])
            .and("campaign_id = ?", [self.campaign_id.into()])
            .and_if("kind = ?", self.kind.as_deref())
    }
}
