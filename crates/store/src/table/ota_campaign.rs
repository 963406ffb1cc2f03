//! `ota_campaign`: rollouts of a firmware package. A draft is the web server's; from its start on only the connector
//! writes the row, and people ask through [`ota_campaign_event`](super::ota_campaign_event).

use crate::versioned::versioned_row;

versioned_row! {
    crate::Table::OtaCampaign, key(campaign_id);
    /// A version of one campaign.
    #[derive(Eq)]
    pub struct OtaCampaign {
        /// The campaign; the key.
        pub campaign_id: u64,
        /// Its name.
        pub name: String,
        /// Organization it belongs to.
        pub organization_id: u64,
        /// Package that is rolled out.
        pub package_id: u64,
        /// Software version that a pile must log in with afterwards.
        pub version: String,
        /// Package to go back to; 0 = none.
        pub rollback_package_id: u64,
        /// Software version after going back.
        pub rollback_version: String,
        /// [`Plan`](crate::ota::Plan) as JSON.
        pub plan: String,
        /// [`CampaignState`](crate::ota::CampaignState).
        pub state: String,
        /// Present stage; 0 = canary.
        pub stage: u8,
        /// When the present stage began, Unix ms.
        pub stage_since: i64,
        /// When its soak began, Unix ms; 0 = not yet.
        pub soak_since: i64,
        /// Looks of the safety rail in this stage.
        pub looks: u32,
        /// Failures that do not count any more, because somebody resumed the campaign knowing of them.
        pub forgiven: u32,
        /// Why it is in this state.
        pub reason: String,
        /// The figures behind a halt, JSON; else empty.
        pub figures: String,
        /// Piles in it.
        pub total: u32,
        /// Who made it: an account.
        pub created_by: String,
        /// Unix ms.
        pub created_time: i64,
        /// Unix ms; 0 = not started.
        pub started_time: i64,
        /// Unix ms; 0 = not ended.
        pub finished_time: i64,
        /// When it ends by itself at the latest, Unix ms; 0 = not started.
        pub deadline: i64,
    }
}
