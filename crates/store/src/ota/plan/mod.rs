//! The plan of a campaign, as it stands in `ota_campaign.plan`.

mod rules;
mod window;

use serde::{Deserialize, Serialize};

pub use rules::Fault;
pub use window::Window;

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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_plan_is_sound_and_survives_json() {
        let plan = Plan::default();
        assert_eq!(plan.faults(), []);
        assert_eq!(Plan::from_json(&plan.to_json()).unwrap(), plan);
        assert_eq!(Plan::from_json("{}").unwrap(), plan);
        assert!(Plan::from_json(r#"{"canari":1}"#).is_err());
    }
}
