//! What is asked of the database about schedules.

use store::{Conditions, table::schedule::Schedule, versioned};

use crate::ground::{ApiError, Ground, Scope, one};

/// A schedule of an organization that the scope shows.
///
/// # Errors
/// 404.
pub(super) async fn by_id(ground: &Ground, scope: &Scope, schedule_id: u64) -> Result<Schedule, ApiError> {
    let this = Conditions::new().and("schedule_id = ?", [schedule_id.into()]);
    one(&ground.db, scope.organizations(this, "organization_id IN ?")).await
}

/// # Errors
/// 409 if another schedule of this organization has the name.
pub(super) async fn require_free(
    ground: &Ground,
    organization_id: u64,
    name: &str,
    except: u64,
) -> Result<(), ApiError> {
    let same = Conditions::new()
        .and("organization_id = ?", [organization_id.into()])
        .and("name = ?", [name.into()])
        .and("schedule_id != ?", [except.into()]);
    if versioned::present::<Schedule>(&ground.db, &same)
        .await?
        .is_empty()
    {
        return Ok(());
    }
    Err(ApiError::conflict(
        "定时任务名称已存在",
        "There is such a schedule already",
    ))
}
