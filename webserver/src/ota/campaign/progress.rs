//! How far a campaign is: its piles counted by where they stand.

use std::collections::BTreeMap;

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 某状态的桩数 How many piles are in a state
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct CampaignPilesInState {
    /// 状态 State
    state: String,
    /// 桩数 How many
    piles: u64,
}

/// 某组某阶段某状态的桩数 How many piles of a group and a stage are in a state
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct CampaignPilesInStage {
    /// 分组: update 升级, control 对照, 空=尚未抽签 Update or control; empty = the lot has not been drawn
    arm: String,
    /// 阶段, 0=金丝雀 Stage, 0 = canary
    stage: u8,
    /// 状态 State
    state: String,
    /// 桩数 How many
    piles: u64,
}

/// The states of all groups and stages together.
pub(super) fn in_states(by_stage: &[CampaignPilesInStage]) -> Vec<CampaignPilesInState> {
    let mut counts = BTreeMap::<&str, u64>::new();
    for row in by_stage {
        *counts.entry(&row.state).or_default() += row.piles;
    }
    let state = |(state, piles): (&str, u64)| CampaignPilesInState {
        state: state.to_owned(),
        piles,
    };
    counts.into_iter().map(state).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_counted_over_groups_and_stages() {
        let row = |stage, state: &str, piles| CampaignPilesInStage {
            arm: "update".into(),
            stage,
            state: state.into(),
            piles,
        };
        let counted = in_states(&[row(0, "soaking", 2), row(0, "failed", 1), row(1, "soaking", 3)]);
        let counted: Vec<_> = counted
            .iter()
            .map(|row| (row.state.as_str(), row.piles))
            .collect();
        assert_eq!(counted, [("failed", 1), ("soaking", 5)]);
    }
}
