//! Whole campaigns over simulated piles, which really fetch, check, restart, come back and charge.

mod ftp;
mod kills;

use store::ota::{PileState, Plan, Rail};
use store::table::ota_campaign_pile::OtaCampaignPile;

use crate::campaigns::quick;

/// All piles at once, without a comparison: what counts here is what becomes of each.
fn everybody() -> Plan {
    Plan {
        canary_percent: 100,
        canary_soak_s: 60,
        stages: vec![],
        control_percent: 0,
        failure_budget_percent: 100,
        rail: Rail {
            enabled: false,
            ..Rail::default()
        },
        ..quick()
    }
}

/// A package that is no text: a file that is cut off or joined wrongly is found.
fn program(length: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    (0..length).map(next).collect()
}

/// Fails unless every pile is at its end, and says why where that is no success.
fn all_have_ended(piles: &[OtaCampaignPile]) {
    for pile in piles {
        let state = PileState::parse(&pile.state);
        assert!(
            state.is_some_and(PileState::is_final) && pile.finished_time > 0,
            "{pile:?}"
        );
        let says_why = state == Some(PileState::Succeeded) || !pile.reason.is_empty();
        assert!(says_why, "{pile:?}");
    }
}

/// Whether it has the new version.
fn is_updated(pile: &OtaCampaignPile) -> bool {
    matches!(
        PileState::parse(&pile.state),
        Some(PileState::Succeeded | PileState::SucceededUncharged)
    )
}
