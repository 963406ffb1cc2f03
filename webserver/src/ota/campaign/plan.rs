//! The plan of a campaign on the wire: `store::ota::Plan`, described, everything optional.

use serde::{Deserialize, Serialize};
use store::ota::Plan;
use utoipa::ToSchema;

use crate::ground::{ApiError, Text};

/// 计划, 未给出的取缺省值 A plan; what is left out has its default
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct PlanBody {
    /// 金丝雀: 占待升级桩的百分比, 缺省5 Canary: percent of the piles to be updated, 5 by default
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100)]
    canary_percent: Option<u8>,
    /// 金丝雀至少的桩数, 缺省50 … but at least so many piles, 50 by default
    #[serde(skip_serializing_if = "Option::is_none")]
    canary_count: Option<u32>,
    /// 金丝雀观察期, 秒, 缺省一天 How long the canary is watched, seconds, a day by default
    #[serde(skip_serializing_if = "Option::is_none")]
    canary_soak_s: Option<u32>,
    /// 金丝雀之后的各阶段, 最后一级为100%, 缺省20、50、100 The stages after the canary, the last of 100 percent; 20, 50, 100 by default
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 20)]
    stages: Option<Vec<StageBody>>,
    /// 对照组: 占全部桩的百分比, 缺省10 Piles held back for comparison, percent of all, 10 by default
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 50)]
    control_percent: Option<u8>,
    /// 维护窗口, 北京时间, 空=随时 When piles may be commanded, Asia/Shanghai; empty = always
    #[serde(skip_serializing_if = "Option::is_none")]
    windows: Option<Vec<WindowBody>>,
    /// 窗口外也可下载, 缺省否 Whether downloads may run outside the windows, no by default
    #[serde(skip_serializing_if = "Option::is_none")]
    download_outside_windows: Option<bool>,
    /// 充电中也可升级, 缺省否 Whether a pile may be updated while a gun is charging, no by default
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_while_charging: Option<bool>,
    /// 同时升级的桩数, 缺省200 Piles at work at once, 200 by default
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10_000)]
    max_at_once: Option<u32>,
    /// 每桩下载次数上限, 缺省3 Attempts at downloading per pile, 3 by default
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10)]
    max_attempts: Option<u8>,
    /// 一阶段中此百分比的桩升级完毕或放弃后, 观察期开始, 缺省95 A soak begins when so many percent of the stage's piles have been updated or given up, 95 by default
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    settled_percent: Option<u8>,
    /// 失败预算: 一阶段中失败超过此百分比(且至少3桩)即熔断, 缺省10 The campaign halts when more than this percent of a stage's piles (and at least three) have failed, 10 by default
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100)]
    failure_budget_percent: Option<u8>,
    /// 各状态的期限 How long each state may last
    #[serde(skip_serializing_if = "Option::is_none")]
    deadlines: Option<DeadlinesBody>,
    /// 与对照组比较的安全检验 The comparison with the control group
    #[serde(skip_serializing_if = "Option::is_none")]
    rail: Option<RailBody>,
}

/// 一个阶段 A stage
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
struct StageBody {
    /// 完成时已升级的百分比, 含以前各阶段 Share of the piles updated when it is done, percent, those before included
    #[schema(minimum = 1, maximum = 100)]
    percent: u8,
    /// 观察期, 秒 How long it is watched, seconds
    soak_s: u32,
}

/// 一个维护窗口, to 不晚于 from 则止于次日 A maintenance window; it ends on the next day if `to` is not after `from`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
struct WindowBody {
    /// 开始于星期几: 1=周一…7=周日, 空=每天 Days on which it begins, 1 = Monday … 7 = Sunday; empty = every day
    #[serde(default)]
    days: Vec<u8>,
    /// 开始, HH:MM Begins
    #[schema(example = "23:00")]
    from: String,
    /// 结束, HH:MM Ends
    #[schema(example = "05:00")]
    to: String,
}

/// 各状态的期限, 秒 How long each state may last, seconds
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
struct DeadlinesBody {
    /// 从阶段开始到下载: 等在线、空闲、窗口、轮次, 缺省3天 From the stage's beginning to 下载, 3 days by default
    #[serde(skip_serializing_if = "Option::is_none")]
    eligible_s: Option<u32>,
    /// 每次下载, 缺省1小时 Each download, an hour by default
    #[serde(skip_serializing_if = "Option::is_none")]
    download_s: Option<u32>,
    /// 下载后到更新, 缺省2天 From the package to the update, 2 days by default
    #[serde(skip_serializing_if = "Option::is_none")]
    downloaded_s: Option<u32>,
    /// 更新命令的应答, 缺省300秒 The answer to the update, 300 s by default
    #[serde(skip_serializing_if = "Option::is_none")]
    update_s: Option<u32>,
    /// 此后到以新版本登录, 缺省30分 From there to the login with the new version, 30 min by default
    #[serde(skip_serializing_if = "Option::is_none")]
    login_s: Option<u32>,
    /// 整个活动, 缺省30天 The whole campaign, 30 days by default
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign_s: Option<u32>,
}

/// 安全检验 The safety rail
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
struct RailBody {
    /// 启用, 缺省是 Whether it may halt the campaign, yes by default
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
    /// 误停概率上限, %, 缺省5 Bound of the probability that a harmless package is halted, percent, 5 by default
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 20)]
    false_halt_percent: Option<u8>,
    /// 每个观察期检验几次, 缺省4 How many times it looks in one soak, 4 by default
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 48)]
    looks_per_soak: Option<u8>,
    /// 比对照组差多少才算, %, 缺省25 Only what is worse by so much halts, percent of the control group's rate, 25 by default
    #[serde(skip_serializing_if = "Option::is_none")]
    worse_by_percent: Option<u16>,
    /// 两组各须有的启动次数, 缺省500 Starts that each group must have had before a stage ends, 500 by default
    #[serde(skip_serializing_if = "Option::is_none")]
    min_starts: Option<u32>,
    /// 观察期之后为凑足启动次数再等多久, 秒, 缺省6天 How long beyond its soak a stage waits for them, seconds, 6 days by default
    #[serde(skip_serializing_if = "Option::is_none")]
    data_wait_s: Option<u32>,
    /// 比较的时间片, 秒, 缺省3600 Slots of time within which the groups are compared, seconds, 3600 by default
    #[serde(skip_serializing_if = "Option::is_none")]
    slot_s: Option<u32>,
    /// 离线采样间隔, 秒, 缺省300 How often it is sampled who is offline, seconds, 300 by default
    #[serde(skip_serializing_if = "Option::is_none")]
    sample_s: Option<u32>,
}

impl PlanBody {
    /// The plan that it means.
    ///
    /// # Errors
    /// 422 that names the first field that breaks a rule.
    pub(super) fn plan(&self) -> Result<Plan, ApiError> {
        let json = serde_json::to_string(self).unwrap_or_default();
        let plan = Plan::from_json(&json).map_err(|error| ApiError::Invalid {
            field: "plan".into(),
            rule: Text::of(format!("无法读取（{error}）"), error.to_string()),
        })?;
        match plan.faults().into_iter().next() {
            None => Ok(plan),
            Some(fault) => Err(ApiError::Invalid {
                field: format!("plan.{}", fault.field).into(),
                rule: Text::new(fault.chinese, fault.english),
            }),
        }
    }

    /// As it is shown: whole.
    pub(super) fn of(json: &str) -> Self {
        let whole = Plan::from_json(json).unwrap_or_default().to_json();
        serde_json::from_str(&whole).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_plan_is_on_the_wire() {
        let plan = Plan {
            windows: vec![store::ota::Window {
                days: vec![7],
                from: "23:00".into(),
                to: "05:00".into(),
            }],
            max_at_once: 7,
            ..Plan::default()
        };
        let shown = PlanBody::of(&plan.to_json());
        let (shown_json, plan_json) = (
            serde_json::to_value(&shown).unwrap(),
            serde_json::to_value(&plan).unwrap(),
        );
        assert_eq!(shown_json, plan_json);
        assert_eq!(shown.plan().unwrap(), plan);
        assert_eq!(PlanBody::default().plan().unwrap(), Plan::default());
    }

    #[test]
    fn a_wrong_plan_names_its_field() {
        let wrong = PlanBody {
            max_at_once: Some(0),
            ..PlanBody::default()
        };
        assert!(
            wrong
                .plan()
                .unwrap_err()
                .to_string()
                .starts_with("invalid plan.max_at_once")
        );
    }
}
