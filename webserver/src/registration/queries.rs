//! What is asked of the database about registrations, and who sees which.

use clickhouse::Row;
use serde::Deserialize;
use store::{Conditions, registration::State};

use super::wire::{RegistrationRow, StateCount};
use crate::ground::{ApiError, Caller, Ground, Listed as _, list::rows_query};

/// And only registrations of piles at stations that the caller sees; those of no pile, or of one without a station,
/// are for people who see every organization.
pub(super) fn seen(caller: &Caller, conditions: Conditions) -> Conditions {
    if caller.is_of_the_top() {
        return conditions;
    }
    caller.scope.devices(conditions)
}

/// # Errors
/// 404 for a registration that is not there or not seen.
pub(super) async fn by_sn(ground: &Ground, caller: &Caller, sn: &str) -> Result<RegistrationRow, ApiError> {
    let conditions = seen(caller, Conditions::new().and("sn = ?", [sn.trim().into()]));
    let query = rows_query::<RegistrationRow>(ground, RegistrationRow::FROM, &conditions, "", " LIMIT 1");
    let mut rows = ground
        .db
        .rows::<RegistrationRow>(RegistrationRow::WHAT, query)
        .await?;
    ground.place(&mut rows, RegistrationRow::pile).await?;
    rows.pop().ok_or(ApiError::NotFound)
}

/// # Errors
/// 404 for a pile that the caller does not see.
pub(super) async fn require_this_pile(
    ground: &Ground,
    caller: &Caller,
    uuid: Option<&str>,
    device_id: Option<u64>,
) -> Result<(), ApiError> {
    if caller.is_of_the_top() {
        // register says what is not there.
        return Ok(());
    }
    if let Some(device_id) = device_id {
        return ground.require_pile(&caller.scope, device_id).await;
    }
    let named = Conditions::new()
        .and("flag_del = 0", [])
        .and_if("name = ?", uuid.map(str::trim));
    let query = caller
        .scope
        .stations(named)
        .query(&ground.db, "SELECT device_id FROM asset FINAL");
    let found = ground.db.rows::<u64>("the pile", query).await?;
    found.first().map(|_| ()).ok_or(ApiError::NotFound)
}

#[derive(Debug, Row, Deserialize)]
struct Counted {
    state: String,
    count: u64,
}

/// How many are in each state, in the order in which a registration goes through them.
pub(super) async fn states(ground: &Ground, caller: &Caller) -> Result<Vec<StateCount>, ApiError> {
    let sql = format!(
        "SELECT state, count() AS count FROM {from}",
        from = RegistrationRow::FROM
    );
    let query = seen(caller, Conditions::new()).query_with(&ground.db, &sql, " GROUP BY state");
    let found = ground.db.rows::<Counted>(RegistrationRow::WHAT, query).await?;
    let count = |state: State| {
        let of_it = found.iter().find(|counted| counted.state == state.as_str());
        of_it.map_or(0, |counted| counted.count)
    };
    Ok(State::ALL
        .map(|state| StateCount {
            state: state.as_str(),
            count: count(state),
        })
        .into())
}
