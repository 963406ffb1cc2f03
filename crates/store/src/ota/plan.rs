//! The plan of a campaign, as it stands in `ota_campaign.plan`, and the rules that it must obey.

use serde::{Deserialize, Serialize};

/// Minutes of a day.
const DAY_MINUTES: u16 = 24 * 60;

/// How a campaign goes about it. What is left out of the JSON has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// Canary: percent of the piles to be updated …
    pub canary_percent: u8,
    /// … but at least so many piles.
    pub canary_count: u32,
    /// How long the canary is watched before the first stage, s.
    pub canary_soak_s: u32,
    /// The stages after the canary, in order; the last one has 100 percent. Empty: the canary is all.
    pub stages: Vec<Stage>,
    /// Piles held back for comparison, percent of all.
    pub control_percent: u8,
    /// When piles may be commanded, Asia/Shanghai; empty = always.
    pub windows: Vec<Window>,
    /// Whether downloads may run outside the windows.
    pub download_outside_windows: bool,
    /// Whether a pile may be updated while a gun is charging.
    pub allow_while_charging: bool,
    /// Piles at work at once: from 下载 until they have logged in again.
    pub max_at_once: u32,
    /// Attempts at downloading, per pile.
    pub max_attempts: u8,
    /// A stage's soak begins when so many percent of its piles have been updated or given up; the rest goes on
    /// meanwhile.
    pub settled_percent: u8,
    /// The campaign halts when more than this percent of a stage's piles failed or timed out (and at least three).
    pub failure_budget_percent: u8,
    /// How long each state may last.
    pub deadlines: Deadlines,
    /// The comparison with the control group.
    pub rail: Rail,
}

/// One stage after the canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Share of the piles to be updated that are updated when it is done, percent; the stages before it included.
    pub percent: u8,
    /// How long it is watched before the next one, s.
    pub soak_s: u32,
}

/// A maintenance window. Where `to` is not after `from`, it ends on the next day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Days on which it begins, 1 = Monday to 7 = Sunday; empty = every day.
    #[serde(default)]
    pub days: Vec<u8>,
    /// Begins, `HH:MM`, Asia/Shanghai.
    pub from: String,
    /// Ends, `HH:MM`.
    pub to: String,
}

/// How long a state may last, s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Deadlines {
    /// From the stage's beginning to 下载: for being online, idle, within a window, and its turn.
    pub eligible_s: u32,
    /// From 下载 to its answer, each attempt.
    pub download_s: u32,
    /// From the package to 更新程序并重启: for being idle and within a window.
    pub downloaded_s: u32,
    /// From 更新程序并重启 to its answer.
    pub update_s: u32,
    /// From there to the login with the new version.
    pub login_s: u32,
    /// The whole campaign.
    pub campaign_s: u32,
}

/// The safety rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rail {
    /// Whether it may halt the campaign.
    pub enabled: bool,
    /// Bound of the probability that a campaign with a harmless package is halted, percent.
    pub false_halt_percent: u8,
    /// How many times it looks in one soak.
    pub looks_per_soak: u8,
    /// Only what is worse by at least so much halts: percent of the control group's rate.
    pub worse_by_percent: u16,
    /// A stage ends only when the updated piles, and the control piles, have had so many starts each.
    pub min_starts: u32,
    /// How long beyond its soak a stage waits for them before the campaign halts for lack of data, s.
    pub data_wait_s: u32,
    /// Slots of time within which the two groups are compared, s.
    pub slot_s: u32,
    /// How often it is sampled who is offline, s.
    pub sample_s: u32,
}

impl Default for Plan {
    fn default() -> Self {
        let soak_s = 24 * 3600;
        Self {
            canary_percent: 5,
            canary_count: 50,
            canary_soak_s: soak_s,
            stages: [20, 50, 100].map(|percent| Stage { percent, soak_s }).into(),
            control_percent: 10,
            windows: Vec::new(),
            download_outside_windows: false,
            allow_while_charging: false,
            max_at_once: 200,
            max_attempts: 3,
            settled_percent: 95,
            failure_budget_percent: 10,
            deadlines: Deadlines::default(),
            rail: Rail::default(),
        }
    }
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            eligible_s: 3 * 24 * 3600,
            download_s: 3600,
            downloaded_s: 2 * 24 * 3600,
            update_s: 300,
            login_s: 1800,
            campaign_s: 30 * 24 * 3600,
        }
    }
}

impl Default for Rail {
    fn default() -> Self {
        Self {
            enabled: true,
            false_halt_percent: 5,
            looks_per_soak: 4,
            worse_by_percent: 25,
            min_starts: 500,
            data_wait_s: 6 * 24 * 3600,
            slot_s: 3600,
            sample_s: 300,
        }
    }
}

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
    /// Reads `ota_campaign.plan`.
    ///
    /// # Errors
    /// What is wrong with the JSON, and where.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// As it stands in `ota_campaign.plan`.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The soak of a stage, ms; 0 = canary.
    pub fn soak_ms(&self, stage: u8) -> i64 {
        let soak_s = match stage.checked_sub(1) {
            None => self.canary_soak_s,
            Some(nth) => self.stages.get(usize::from(nth)).map_or(0, |stage| stage.soak_s),
        };
        i64::from(soak_s) * 1000
    }

    /// The last stage; 0 = the canary is all.
    pub fn last_stage(&self) -> u8 {
        u8::try_from(self.stages.len()).unwrap_or(u8::MAX)
    }

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

impl Window {
    /// From and to, minutes of the day; none if they cannot be read or are the same.
    pub fn minutes(&self) -> Option<(u16, u16)> {
        let (from, to) = (minutes(&self.from)?, minutes(&self.to)?);
        (from != to).then_some((from, to))
    }

    /// Whether it is open at this minute of this day (1 = Monday).
    pub fn is_open(&self, day: u8, minute: u16) -> bool {
        let on = |day: u8| self.days.is_empty() || self.days.contains(&day);
        let yesterday = if day == 1 { 7 } else { day - 1 };
        match self.minutes() {
            None => false,
            Some((from, to)) if from < to => on(day) && (from..to).contains(&minute),
            Some((from, to)) => (on(day) && minute >= from) || (on(yesterday) && minute < to),
        }
    }
}

/// `HH:MM` as minutes of the day; `24:00` is the end of it.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |part: &str| {
        (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u16>().ok())?
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (minutes < 60 && hours * 60 + minutes <= DAY_MINUTES).then_some(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(plan: &Plan) -> Vec<String> {
        plan.faults().into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn the_default_plan_is_sound_and_survives_json() {
        let plan = Plan::default();
        assert_eq!(plan.faults(), []);
        assert_eq!(Plan::from_json(&plan.to_json()).unwrap(), plan);
        assert_eq!(Plan::from_json("{}").unwrap(), plan);
        assert!(Plan::from_json(r#"{"canari":1}"#).is_err());
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

    #[test]
    fn a_window_over_midnight_belongs_to_the_day_on_which_it_begins() {
        let window = Window {
            days: vec![7],
            from: "23:00".into(),
            to: "05:00".into(),
        };
        assert!(window.is_open(7, 23 * 60));
        assert!(window.is_open(1, 4 * 60 + 59));
        assert!(!window.is_open(1, 5 * 60));
        assert!(!window.is_open(7, 4 * 60));
        assert!(!window.is_open(1, 23 * 60));
    }

    #[test]
    fn a_window_of_one_day_may_reach_its_end() {
        let window = Window {
            days: vec![],
            from: "01:30".into(),
            to: "24:00".into(),
        };
        assert!(window.is_open(3, 24 * 60 - 1));
        assert!(!window.is_open(3, 89));
    }
}
