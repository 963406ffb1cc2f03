//! What is asked of the database about organizations.

use std::collections::BTreeSet;

use store::{
    Conditions, Value,
    table::{organization_station::OrganizationStation, organization_user::OrganizationUser},
    versioned,
};

use super::wire::{StationFilter, UserFilter};
use crate::ground::{ApiError, Ground, Scope};

/// Stations of the organizations that are seen, by the filter.
pub(super) fn stations(filter: &StationFilter, scope: &Scope) -> Conditions {
    let conditions = Conditions::new()
        .and_if("organization_id = ?", filter.organization_id)
        .and_words(
            "positionCaseInsensitiveUTF8(sta_name, ?) > 0",
            filter.sta_name.as_deref(),
        );
    scope.organizations(conditions, "organization_id IN ?")
}

/// Members of the organizations that are seen, by the filter.
pub(super) fn members(filter: &UserFilter, scope: &Scope) -> Conditions {
    let conditions = Conditions::new()
        .and_if("organization_id = ?", filter.organization_id)
        .and_words(
            "positionCaseInsensitiveUTF8(account, ?) > 0 OR positionCaseInsensitiveUTF8(user_name, ?) > 0",
            filter.words.as_deref(),
        );
    scope.organizations(conditions, "organization_id IN ?")
}

/// The newest row of a membership, deleted or not.
pub(super) async fn membership(
    ground: &Ground,
    organization_id: u64,
    user_id: u64,
) -> Result<Option<OrganizationUser>, ApiError> {
    let this = Conditions::new()
        .and("organization_id = ?", [organization_id.into()])
        .and("user_id = ?", [user_id.into()]);
    Ok(versioned::newest(&ground.db, &this).await?.pop())
}

/// The stations that an organization has.
pub(super) async fn stations_of(ground: &Ground, organization_id: u64) -> Result<BTreeSet<u64>, ApiError> {
    let own = Conditions::new().and("organization_id = ?", [organization_id.into()]);
    let rows: Vec<OrganizationStation> = versioned::present(&ground.db, &own).await?;
    Ok(rows.into_iter().map(|row| row.sta_id).collect())
}

/// The newest rows of these stations in these organizations, deleted or not.
pub(super) async fn grants(
    ground: &Ground,
    organization_ids: &[u64],
    sta_ids: &[u64],
) -> Result<Vec<OrganizationStation>, ApiError> {
    if organization_ids.is_empty() || sta_ids.is_empty() {
        return Ok(Vec::new());
    }
    let these = Conditions::new()
        .and(
            "organization_id IN ?",
            [Value::UnsignedList(organization_ids.to_vec())],
        )
        .and("sta_id IN ?", [Value::UnsignedList(sta_ids.to_vec())]);
    Ok(versioned::newest(&ground.db, &these).await?)
}

/// # Errors
/// 404 if one of the stations is not there, or is not seen by the caller.
pub(super) async fn require_stations(
    ground: &Ground,
    scope: &Scope,
    sta_ids: &[u64],
) -> Result<(), ApiError> {
    if sta_ids.is_empty() {
        return Ok(());
    }
    let these = Conditions::new()
        .and("flag_del = 0", [])
        .and("sta_id IN ?", [Value::UnsignedList(sta_ids.to_vec())]);
    let query = scope
        .stations(these)
        .query(&ground.db, "SELECT count() FROM station FINAL");
    let found: Vec<u64> = ground.db.rows("the stations", query).await?;
    if found.first().copied() == Some(sta_ids.len() as u64) {
        Ok(())
    } else {
        Err(ApiError::NotFound)
    }
}

/// # Errors
/// 409 if the organization has stations.
pub(super) async fn require_no_stations(ground: &Ground, organization_id: u64) -> Result<(), ApiError> {
    if stations_of(ground, organization_id).await?.is_empty() {
        return Ok(());
    }
    Err(ApiError::conflict("仍有场站", "There are stations"))
}
