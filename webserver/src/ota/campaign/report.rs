//! The report of a campaign on the wire: `store::ota::Report`, described.

use serde::Serialize;
use store::{
    ota::{self, Report},
    table::ota_campaign_event::OtaCampaignEvent,
};
use utoipa::ToSchema;

/// Declares a struct on the wire that is made of the one of the same fields in `store`.
macro_rules! shown {
    (
        $(#[$meta:meta])* $name:ident of $from:ty {
            $( $(#[$field_meta:meta])* $field:ident : $type:ty ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Serialize, ToSchema)]
        pub(super) struct $name {
            $( $(#[$field_meta])* $field: $type ),+
        }

        impl From<$from> for $name {
            fn from(from: $from) -> Self {
                Self { $( $field: Shown::shown(from.$field) ),+ }
            }
        }
    };
}

/// How a field of `store` becomes one on the wire.
trait Shown<T> {
    fn shown(from: T) -> Self;
}

macro_rules! as_they_are {
    ($($type:ty),+) => { $(impl Shown<$type> for $type {
        fn shown(from: $type) -> Self {
            from
        }
    })+ };
}
as_they_are!(u8, u32, u64, i64, f64, String);

macro_rules! made_of {
    ($($name:ty, $from:ty);+ $(;)?) => { $(
        impl Shown<$from> for $name {
            fn shown(from: $from) -> Self {
                from.into()
            }
        }
        impl Shown<Vec<$from>> for Vec<$name> {
            fn shown(from: Vec<$from>) -> Self {
                from.into_iter().map(Into::into).collect()
            }
        }
    )+ };
}
made_of!(
    ReportCount, ota::PileCount;
    ReportStage, ota::StageReport;
    ReportSpread, ota::Spread;
    ReportDurations, ota::Durations;
    ReportComparison, ota::ControlComparison;
    ReportDecision, OtaCampaignEvent;
);

shown! {
    /// 升级活动报告 What became of a campaign
    CampaignReport of Report {
        /// 活动编号 The campaign's id
        campaign_id: u64,
        /// 状态 State
        state: String,
        /// 原因 Why it is in this state
        reason: String,
        /// 桩数 Piles in it
        total: u32,
        /// 已结束的桩数 Of these, in a final state
        ended: u32,
        /// 对照组桩数 Of these, held back for comparison
        control: u32,
        /// 已用上新版本的, 占待升级桩的百分比 On the new version, percent of the piles to be updated
        updated_percent: f64,
        /// 按方向、状态、原因的桩数, 多的在前 Piles by direction, state and reason, most first
        counts: Vec<ReportCount>,
        /// 各阶段 Each stage that has piles
        stages: Vec<ReportStage>,
        /// 各步用时 How long the steps took
        durations: ReportDurations,
        /// 各阶段各指标的最后一次检验 The last look of each stage at each measure
        comparison: Vec<ReportComparison>,
        /// 请求和决定, 自早到晚 Every request and decision, oldest first
        decisions: Vec<ReportDecision>,
    }
}

shown! {
    /// 桩数 Piles that share direction, state and reason
    ReportCount of ota::PileCount {
        /// 方向: update, rollback Direction
        phase: String,
        /// 状态 State
        state: String,
        /// 原因 Why they are in it
        reason: String,
        /// 桩数 How many
        piles: u32,
    }
}

shown! {
    /// 一个阶段 A stage
    ReportStage of ota::StageReport {
        /// 阶段, 0=金丝雀 0 = canary
        stage: u8,
        /// 待升级的桩数 Piles to be updated in it
        piles: u32,
        /// 以目标版本登录的 Logged in with the wanted version
        updated: u32,
        /// 失败或超时的 Failed or timed out
        failed: u32,
        /// 跳过的 Skipped
        skipped: u32,
        /// 未结束的 Not in a final state yet
        open: u32,
    }
}

shown! {
    /// 各步用时 How long the steps took
    ReportDurations of ota::Durations {
        /// 下载 From 下载 to its end
        download: ReportSpread,
        /// 重启: 从更新命令到以新版本登录 From the update to the login with the new version
        restart: ReportSpread,
        /// 首次充电: 从该登录起 From that login to the first good charge
        first_charge: ReportSpread,
    }
}

shown! {
    /// 分布, 毫秒 A distribution, ms
    ReportSpread of ota::Spread {
        /// 桩数 Piles
        piles: u32,
        /// 中位数, 毫秒 Half of them were not slower, ms
        median_ms: i64,
        /// 95%, 毫秒 95 percent were not slower, ms
        p95_ms: i64,
        /// 最慢, 毫秒 The slowest, ms
        max_ms: i64,
    }
}

shown! {
    /// 一阶段一指标的最后一次检验 The last look of one stage at one measure
    ReportComparison of ota::ControlComparison {
        /// 阶段, 0=金丝雀 0 = canary
        stage: u8,
        /// 指标 Measure
        measure: String,
        /// 时间, 毫秒 When, Unix ms
        look_time: i64,
        /// 第几次 Which look of the stage
        look: u32,
        /// 升级组桩数 Updated piles
        updated_piles: u32,
        /// 升级组事件数 Their events
        updated_events: f64,
        /// 升级组基数 Of how much
        updated_exposure: f64,
        /// 升级组比率 Their rate
        updated_rate: f64,
        /// 对照组桩数 Control piles
        control_piles: u32,
        /// 对照组事件数 Their events
        control_events: f64,
        /// 对照组基数 Of how much
        control_exposure: f64,
        /// 对照组比率 Their rate
        control_rate: f64,
        /// p值 p-value
        p_value: f64,
        /// 界限, p值不高于它即变差 Worse when the p-value is not above it
        bound: f64,
        /// 结论: fine, worse, no_data Verdict
        verdict: String,
    }
}

shown! {
    /// 一项请求或决定 A request or decision
    ReportDecision of OtaCampaignEvent {
        /// 时间, 毫秒 When, Unix ms
        event_time: i64,
        /// 种类: request, state, stage, rail, note Kind
        kind: String,
        /// 请求的动作, 或发生了什么 What was asked, or what happened
        action: String,
        /// 谁 Who
        source: String,
        /// 请求的结果 Of a request: what became of it
        outcome: String,
        /// 说明 What happened and why
        text: String,
        /// 依据的数据, JSON The figures behind it, JSON
        data: String,
    }
}
