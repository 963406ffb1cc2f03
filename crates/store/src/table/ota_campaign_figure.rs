//! `ota_campaign_figure`: each look of a campaign's safety rail, and the samples of who was offline behind them.

use crate::versioned::versioned_row;

versioned_row! {
    crate::Table::OtaCampaignFigure, key(campaign_id, stage, measure, look_time);
    /// One look at one measure.
    pub struct OtaCampaignFigure {
        /// The campaign.
        pub campaign_id: u64,
        /// Stage; 0 = canary.
        pub stage: u8,
        /// [`Measure`](crate::ota::Measure).
        pub measure: String,
        /// When, Unix ms.
        pub look_time: i64,
        /// Which look of the stage, from 1.
        pub look: u32,
        /// Data counted since, Unix ms.
        pub since: i64,
        /// Updated piles with data.
        pub updated_piles: u32,
        /// Their events: failed starts, offline samples, warnings, bytes.
        pub updated_events: f64,
        /// Of how much: starts, samples, pile-hours, pile-days.
        pub updated_exposure: f64,
        /// Control piles with data.
        pub control_piles: u32,
        /// Their events.
        pub control_events: f64,
        /// Of how much.
        pub control_exposure: f64,
        /// Events of the updated piles above what is expected of them.
        pub excess: f64,
        /// Of the randomization test, one-sided.
        pub p_value: f64,
        /// Error probability spent on this look; worse when `p_value` is not above it.
        pub bound: f64,
        /// [`Verdict`](crate::ota::Verdict).
        pub verdict: String,
        /// Only of `presence`: the piles that were offline.
        pub piles: Vec<u64>,
    }
}
