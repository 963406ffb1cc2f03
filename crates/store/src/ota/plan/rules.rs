//! The rules that a plan must obey.

use super::Plan;

/// A rule that a plan breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field, as in the JSON: `stages[1].percent`.
    pub field: String,
    /// The rule, Chinese.
    pub chinese: &'static str,
    /// The rule, English.
    pub english: &'static str,
}

impl Plan {
    /// What is wrong with it; empty = nothing.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut rule = |holds: bool, field: &str, chinese, english| {
            if !holds {
                let field = field.to_owned();
                faults.push(Fault {
                    field,
                    chinese,
                    english,
                });
            }
        };
        self.share_rules(&mut rule);
        self.pace_rules(&mut rule);
        self.rail_rules(&mut rule);
        faults
    }

    fn share_rules(&self, rule: &mut impl FnMut(bool, &str, &'static str, &'static str)) {
        rule(
            self.canary_percent <= 100 && (self.canary_percent > 0 || self.canary_count > 0),
            "canary_percent",
            "金丝雀比例须为0到100，且不得与canary_count同为0",
            "0 to 100, and not 0 together with canary_count",
        );
        rule(
            self.control_percent <= 50,
            "control_percent",
            "对照组比例须为0到50",
            "must be 0 to 50",
        );
        rule(
            self.stages.len() <= 20,
            "stages",
            "最多20个阶段",
            "at most 20 stages",
        );
        for (nth, stage) in self.stages.iter().enumerate() {
            let before = nth.checked_sub(1).map_or(0, |before| self.stages[before].percent);
            let last = nth + 1 == self.stages.len();
            rule(
                stage.percent > before && stage.percent <= 100 && (!last || stage.percent == 100),
                &format!("stages[{nth}].percent"),
                "阶段比例须逐级递增，最后一级为100",
                "must rise from stage to stage, and be 100 in the last",
            );
        }
        for (nth, window) in self.windows.iter().enumerate() {
            rule(
                window.minutes().is_some(),
                &format!("windows[{nth}]"),
                "维护窗口的from和to须为HH:MM，且不得相同",
                "from and to are HH:MM and differ",
            );
            rule(
                window.days.iter().all(|day| (1..=7).contains(day)),
                &format!("windows[{nth}].days"),
                "星期须为1(周一)到7(周日)",
                "1 (Monday) to 7 (Sunday)",
            );
        }
    }

    fn pace_rules(&self, rule: &mut impl FnMut(bool, &str, &'static str, &'static str)) {
        rule(
            (1..=10_000).contains(&self.max_at_once),
            "max_at_once",
            "同时升级的桩数须为1到10000",
            "must be 1 to 10000",
        );
        rule(
            (1..=10).contains(&self.max_attempts),
            "max_attempts",
            "下载次数须为1到10",
            "must be 1 to 10",
        );
        rule(
            (1..=100).contains(&self.settled_percent),
            "settled_percent",
            "完成比例须为1到100",
            "must be 1 to 100",
        );
        rule(
            self.failure_budget_percent <= 100,
            "failure_budget_percent",
            "失败预算须为0到100",
            "must be 0 to 100",
        );
        let d = self.deadlines;
        for (value, field) in [
            (d.eligible_s, "deadlines.eligible_s"),
            (d.download_s, "deadlines.download_s"),
            (d.downloaded_s, "deadlines.downloaded_s"),
            (d.update_s, "deadlines.update_s"),
            (d.login_s, "deadlines.login_s"),
            (d.campaign_s, "deadlines.campaign_s"),
        ] {
            rule(value > 0, field, "期限须大于0秒", "must be above 0 s");
        }
    }

    fn rail_rules(&self, rule: &mut impl FnMut(bool, &str, &'static str, &'static str)) {
        let rail = self.rail;
        rule(
            !rail.enabled || self.control_percent > 0,
            "control_percent",
            "启用安全检验时对照组不得为0",
            "the safety rail needs a control group",
        );
        rule(
            (1..=20).contains(&rail.false_halt_percent),
            "rail.false_halt_percent",
            "误停概率须为1到20",
            "must be 1 to 20",
        );
        rule(
            (1..=48).contains(&rail.looks_per_soak),
            "rail.looks_per_soak",
            "每个观察期的检验次数须为1到48",
            "must be 1 to 48",
        );
        rule(
            rail.slot_s > 0,
            "rail.slot_s",
            "时间片须大于0秒",
            "must be above 0 s",
        );
        rule(
            rail.sample_s > 0,
            "rail.sample_s",
            "采样间隔须大于0秒",
            "must be above 0 s",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ota::Window;

    fn fields(plan: &Plan) -> Vec<String> {
        plan.faults().into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn a_fault_names_its_field() {
        let mut plan = Plan::default();
        plan.stages[1].percent = 20;
        plan.stages[2].percent = 90;
        plan.control_percent = 0;
        plan.max_at_once = 0;
        plan.windows = vec![Window {
            days: vec![0],
            from: "2:00".into(),
            to: "05:00".into(),
        }];
        assert_eq!(
            fields(&plan),
            [
                "stages[1].percent",
                "stages[2].percent",
                "windows[0]",
                "windows[0].days",
                "max_at_once",
                "control_percent"
            ]
        );
    }
}
