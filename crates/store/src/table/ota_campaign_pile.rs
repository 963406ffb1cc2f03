//! `ota_campaign_pile`: the piles of a campaign. Who makes the campaign writes them once, with
//! [`OtaCampaignPile::chosen`]; from its start on only the connector does.

use crate::ota::{Phase, PileState};
use crate::versioned::versioned_row;

versioned_row! {
    crate::Table::OtaCampaignPile, key(campaign_id, device_id);
    /// A version of one pile of a campaign.
    #[derive(Eq)]
    pub struct OtaCampaignPile {
        /// The campaign.
        pub campaign_id: u64,
        /// The pile.
        pub device_id: u64,
        /// Its uuid.
        pub uuid: String,
        /// Its station when it was chosen.
        pub sta_id: u64,
        /// Its model when it was chosen.
        pub model: String,
        /// Its software version then; empty = unknown.
        pub from_version: String,
        /// [`Arm`](crate::ota::Arm); empty = the lot has not been drawn yet.
        pub arm: String,
        /// Stage in which it is updated; 0 = canary.
        pub stage: u8,
        /// Block within which the lot was drawn.
        pub block: u32,
        /// [`Phase`].
        pub phase: String,
        /// [`PileState`].
        pub state: String,
        /// [`Owner`](crate::ota::Owner): whom the state waits for; empty = final.
        pub owner: String,
        /// In this state since, Unix ms.
        pub state_since: i64,
        /// When this state ends at the latest, Unix ms; 0 = final, or the campaign has not been started.
        pub deadline: i64,
        /// Why it is in this state.
        pub reason: String,
        /// Attempt at downloading, from 1; 0 = none yet.
        pub attempt: u8,
        /// Mark (请求标识) of the command in flight; empty = none.
        pub mark: String,
        /// Of the download, percent.
        pub progress: u8,
        /// 下载 first sent, Unix ms; 0 = never. This and the times below belong to the present phase.
        pub download_time: i64,
        /// 下载 done, Unix ms; 0 = not.
        pub downloaded_time: i64,
        /// 更新程序并重启 sent, Unix ms; 0 = never.
        pub update_time: i64,
        /// Logged in with the wanted version, Unix ms; 0 = not yet.
        pub login_time: i64,
        /// First good charge after that, Unix ms; 0 = none.
        pub charge_time: i64,
        /// Came to its final state, Unix ms; 0 = not yet.
        pub finished_time: i64,
        /// Software version of the last login that was seen.
        pub seen_version: String,
    }
}

impl OtaCampaignPile {
    /// A pile that has been chosen for a campaign: waiting, its lot not drawn. `timestamp` is the caller's.
    pub fn chosen(campaign_id: u64, device_id: u64, uuid: impl Into<String>) -> Self {
        Self {
            campaign_id,
            device_id,
            uuid: uuid.into(),
            phase: Phase::Update.as_str().to_owned(),
            state: PileState::Waiting.as_str().to_owned(),
            ..Self::default()
        }
    }
}
