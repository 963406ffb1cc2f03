//! What the safety rail saw.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::Conditions;
use utoipa::{IntoParams, ToSchema};

use crate::ground::{Cell, Column, Listed, column};

/// 安全检验的一次结果 One look of the safety rail at one measure
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(in crate::ota::campaign) struct CampaignFigure {
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
pub(in crate::ota::campaign) struct FigureFilter {
    /// 活动编号 The campaign's id
    pub(in crate::ota::campaign) campaign_id: u64,
    /// 阶段, 0=金丝雀 Stage, 0 = canary
    stage: Option<u8>,
    /// 指标: boot_failures, offline, warnings, traffic Measure
    measure: Option<String>,
    /// 结论: fine, worse, no_data Verdict
    verdict: Option<String>,
}

impl FigureFilter {
    pub(in crate::ota::campaign) fn conditions(&self) -> Conditions {
        Conditions::new()
            .and("flag_del = 0 AND measure != 'presence'", [])
            .and("campaign_id = ?", [self.campaign_id.into()])
            .and_if("stage = ?", self.stage)
            .and_if("measure = ?", self.measure.as_deref())
            .and_if("verdict = ?", self.verdict.as_deref())
    }
}
