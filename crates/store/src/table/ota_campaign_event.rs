//! `ota_campaign_event`: what people ask of a campaign, and what it decides. A request is written once by the web
//! server ([`OtaCampaignEvent::request`]); the connector writes it again with its outcome.

use crate::ota::{EventKind, Request};
use crate::versioned::versioned_row;

/// [`OtaCampaignEvent::outcome`] of a request that was carried out.
pub const DONE: &str = "done";
/// [`OtaCampaignEvent::outcome`] of a request that the campaign's state did not allow.
pub const REFUSED: &str = "refused";

versioned_row! {
    crate::Table::OtaCampaignEvent, key(campaign_id, event_id);
    /// A version of one event.
    #[derive(Eq)]
    pub struct OtaCampaignEvent {
        /// The campaign.
        pub campaign_id: u64,
        /// The event, unique in the campaign.
        pub event_id: u64,
        /// When, Unix ms.
        pub event_time: i64,
        /// [`EventKind`].
        pub kind: String,
        /// Of a request: a [`Request`]; else what happened, such as the new state.
        pub action: String,
        /// Who: an account, or `connector`.
        pub source: String,
        /// Of a request: empty = not looked at yet, [`DONE`], [`REFUSED`].
        pub outcome: String,
        /// What happened and why, for people.
        pub text: String,
        /// The figures behind it, JSON; may be empty.
        pub data: String,
    }
}

impl OtaCampaignEvent {
    /// What somebody asks of a campaign. `event_id` must be unique in the campaign; the version is `now`, Unix ms.
    pub fn request(campaign_id: u64, event_id: u64, asked: Request, account: &str, now: i64) -> Self {
        Self {
            timestamp: now,
            campaign_id,
            event_id,
            event_time: now,
            kind: EventKind::Request.as_str().to_owned(),
            action: asked.as_str().to_owned(),
            source: account.to_owned(),
            ..Self::default()
        }
    }
}
