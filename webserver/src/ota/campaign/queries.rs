//! What is asked of the database about campaigns.

use std::collections::HashMap;

use store::{
    Conditions, Value,
    ota::{CampaignState, PileState, Report, report},
    selection::Chosen,
    table::{
        ota_campaign::OtaCampaign, ota_campaign_event::OtaCampaignEvent,
        ota_campaign_figure::OtaCampaignFigure, ota_campaign_pile::OtaCampaignPile,
    },
    versioned,
};

use super::progress::CampaignPilesInStage;
use crate::ground::{ApiError, Ground, Scope, Text, one};

fn of(campaign_id: u64) -> Conditions {
    Conditions::new().and("campaign_id = ?", [campaign_id.into()])
}

/// A campaign of an organization that the scope shows.
///
/// # Errors
/// 404.
pub(super) async fn by_id(ground: &Ground, scope: &Scope, campaign_id: u64) -> Result<OtaCampaign, ApiError> {
    let this = scope.organizations(of(campaign_id), "organization_id IN ?");
    one(&ground.db, this).await
}

/// Piles by group, stage and state.
pub(super) async fn progress(
    ground: &Ground,
    campaign_id: u64,
) -> Result<Vec<CampaignPilesInStage>, ApiError> {
    let query = of(campaign_id).and("flag_del = 0", []).query_with(
        &ground.db,
        "SELECT toString(arm) AS arm, stage, toString(state) AS state, count() AS piles FROM ota_campaign_pile FINAL",
        " GROUP BY arm, stage, state ORDER BY arm, stage, state",
    );
    Ok(ground.db.rows("the progress of a campaign", query).await?)
}

/// Its piles, the newest version of each, those that were taken out of a draft too.
pub(super) async fn piles(ground: &Ground, campaign_id: u64) -> Result<Vec<OtaCampaignPile>, ApiError> {
    Ok(versioned::newest(&ground.db, &of(campaign_id)).await?)
}

/// The software version of each pile's last login.
pub(super) async fn versions(ground: &Ground, piles: &[Chosen]) -> Result<HashMap<u64, String>, ApiError> {
    let ids = piles.iter().map(|pile| pile.device_id).collect();
    let query = Conditions::new()
        .and("device_id IN ?", [Value::UnsignedList(ids)])
        .query_with(
            &ground.db,
            "SELECT device_id, argMax(software_version, timestamp) AS version FROM login_record",
            " GROUP BY device_id",
        );
    let found = ground
        .db
        .rows::<(u64, String)>("the versions of piles", query)
        .await?;
    Ok(found.into_iter().collect())
}

/// # Errors
/// 409 for piles on which another campaign is still at work.
pub(super) async fn require_idle(ground: &Ground, campaign_id: u64) -> Result<(), ApiError> {
    let states = |wanted: fn(&CampaignState) -> bool| {
        let some = CampaignState::ALL.iter().filter(|state| wanted(state));
        Value::TextList(some.map(|state| state.as_str().to_owned()).collect())
    };
    let at_work = states(|state| !state.is_final() && *state != CampaignState::Draft);
    // What is held back is compared for as long as the campaign lasts.
    let ended = PileState::ALL
        .iter()
        .filter(|state| state.is_final() && **state != PileState::Control);
    let ended = Value::TextList(ended.map(|state| state.as_str().to_owned()).collect());
    let query = Conditions::new()
        .and("flag_del = 0", [])
        .and("campaign_id != ?", [campaign_id.into()])
        .and("state NOT IN ?", [ended])
        .and(
            "campaign_id IN (SELECT campaign_id FROM ota_campaign FINAL WHERE flag_del = 0 AND state IN ?) \
             OR campaign_id IN (SELECT campaign_id FROM ota_campaign_event FINAL WHERE flag_del = 0 AND kind = 'request' \
             AND action = 'start' AND outcome = '')",
            [at_work],
        )
        .and(
            "device_id IN (SELECT device_id FROM ota_campaign_pile FINAL WHERE flag_del = 0 AND campaign_id = ?)",
            [campaign_id.into()],
        )
        .query(
            &ground.db,
            "SELECT count() AS piles, any(campaign_id) AS other FROM ota_campaign_pile FINAL",
        );
    let found = ground
        .db
        .rows::<(u64, u64)>("the piles of other campaigns", query)
        .await?;
    match found.first() {
        Some((piles @ 1.., other)) => Err(ApiError::Conflict(Text::of(
            format!("有{piles}桩正在其他活动中（如 {other}）"),
            format!("{piles} piles are in another campaign, such as {other}"),
        ))),
        _ => Ok(()),
    }
}

/// What has become of a campaign.
pub(super) async fn reported(ground: &Ground, campaign: &OtaCampaign) -> Result<Report, ApiError> {
    let these = of(campaign.campaign_id);
    let (piles, figures, events) = tokio::try_join!(
        versioned::present::<OtaCampaignPile>(&ground.db, &these),
        versioned::present::<OtaCampaignFigure>(&ground.db, &these),
        versioned::present::<OtaCampaignEvent>(&ground.db, &these),
    )?;
    Ok(report(campaign, &piles, &figures, &events))
}
