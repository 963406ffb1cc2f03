//! What is asked of the database about stations.

use store::{
    Conditions,
    table::{organization_station::OrganizationStation, station::Station},
    versioned,
};

use super::wire::Filter;
use crate::ground::{ApiError, Caller, Ground, Scope, one};

/// The stations that the filter and the caller's scope leave.
pub(super) fn filtered(caller: &Caller, filter: &Filter) -> Conditions {
    let conditions = Conditions::new()
        .and("flag_del = 0", [])
        .and_words(
            "positionCaseInsensitiveUTF8(sta_name, ?) > 0 OR positionCaseInsensitiveUTF8(address, ?) > 0",
            filter.words.as_deref(),
        )
        .and_if("province = ?", filter.province.as_deref())
        .and_if("city = ?", filter.city.as_deref())
        .and_if("district = ?", filter.district.as_deref())
        .and_if("operator = ?", filter.operator.as_deref());
    caller.scope.stations(conditions)
}

/// A station that the scope shows.
///
/// # Errors
/// 404.
pub(crate) async fn by_id(ground: &Ground, scope: &Scope, sta_id: u64) -> Result<Station, ApiError> {
    if !scope.sees_station(sta_id) {
        return Err(ApiError::NotFound);
    }
    let this = Conditions::new().and("sta_id = ?", [sta_id.into()]);
    one(&ground.db, this).await
}

/// # Errors
/// 409 if another station has this name.
pub(super) async fn require_free(ground: &Ground, name: &str, except: u64) -> Result<(), ApiError> {
    let same = Conditions::new()
        .and("sta_name = ?", [name.into()])
        .and("sta_id != ?", [except.into()]);
    if versioned::present::<Station>(&ground.db, &same).await?.is_empty() {
        return Ok(());
    }
    Err(ApiError::conflict(
        "场站名称已存在",
        "There is such a station already",
    ))
}

/// # Errors
/// 409 if a pile stands there.
pub(super) async fn require_empty(ground: &Ground, sta_id: u64) -> Result<(), ApiError> {
    let there = Conditions::new()
        .and("flag_del = 0", [])
        .and("sta_id = ?", [sta_id.into()]);
    let query = there.query_with(&ground.db, "SELECT device_id FROM asset FINAL", " LIMIT 1");
    if ground
        .db
        .rows::<u64>("the assets of a station", query)
        .await?
        .is_empty()
    {
        return Ok(());
    }
    Err(ApiError::conflict(
        "场站仍有资产",
        "There are assets at this station",
    ))
}

/// To which organizations it was given.
pub(super) async fn given_to(ground: &Ground, sta_id: u64) -> Result<Vec<OrganizationStation>, ApiError> {
    let this = Conditions::new().and("sta_id = ?", [sta_id.into()]);
    Ok(versioned::present(&ground.db, &this).await?)
}
