//! What is asked of the database about packages.

use store::{
    Conditions, Value,
    ota::CampaignState,
    table::{
        firmware_package::{self, FirmwarePackage},
        ota_campaign::OtaCampaign,
    },
    versioned,
};

use super::rules::Details;
use crate::ground::{ApiError, Ground, Text};

/// # Errors
/// 404.
pub(in crate::ota) async fn by_id(ground: &Ground, package_id: u64) -> Result<FirmwarePackage, ApiError> {
    let found = firmware_package::by_id(&ground.db, package_id).await?;
    found.ok_or(ApiError::NotFound)
}

/// # Errors
/// 409 if the same file is there already, for the same model and version.
pub(super) async fn require_new(ground: &Ground, details: &Details, sha256: &str) -> Result<(), ApiError> {
    let same = Conditions::new()
        .and("sha256 = ?", [sha256.into()])
        .and("model = ?", [details.model.as_str().into()])
        .and("version = ?", [details.version.as_str().into()]);
    let found = versioned::present::<FirmwarePackage>(&ground.db, &same).await?;
    match found.first() {
        None => Ok(()),
        Some(there) => Err(ApiError::Conflict(Text::of(
            format!("该文件已上传，编号 {}", there.package_id),
            format!("This file is there already as {}", there.package_id),
        ))),
    }
}

/// # Errors
/// 409 while a campaign that has not ended is to bring it, or may go back to it.
pub(super) async fn require_unused(ground: &Ground, package_id: u64) -> Result<(), ApiError> {
    let ended = CampaignState::ALL.iter().filter(|state| state.is_final());
    let ended = Value::TextList(ended.map(|state| state.as_str().to_owned()).collect());
    let using = Conditions::new()
        .and(
            "package_id = ? OR rollback_package_id = ?",
            [package_id.into(), package_id.into()],
        )
        .and("state NOT IN ?", [ended]);
    let found = versioned::present::<OtaCampaign>(&ground.db, &using).await?;
    match found.first() {
        None => Ok(()),
        Some(campaign) => Err(ApiError::Conflict(Text::of(
            format!("升级活动“{}”仍在使用", campaign.name),
            format!("The campaign {:?} still uses it", campaign.name),
        ))),
    }
}

/// Gives back the room of a package that is none, or no longer.
pub(super) async fn forget(ground: &Ground, package_id: u64) {
    let query = Conditions::new()
        .and("package_id = ?", [package_id.into()])
        .query(&ground.db, "DELETE FROM firmware_chunk");
    if let Err(error) = ground.db.run("the contents of a package", query).await {
        tracing::warn!(%error, package_id, "the contents of a package that is gone stay in firmware_chunk");
    }
}
