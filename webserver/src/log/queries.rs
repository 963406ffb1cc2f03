//! What is asked of the database about logs.

use store::{Conditions, table::log_file::LogFile};

use super::wire::LogItem;
use crate::ground::{ApiError, Ground, Listed as _, Scope, list::rows_query, one};

fn this(scope: &Scope, log_id: u64) -> Conditions {
    let this = Conditions::new()
        .and("flag_del = 0", [])
        .and("log_id = ?", [log_id.into()]);
    scope.devices(this)
}

/// A log of a pile that the scope shows.
///
/// # Errors
/// 404.
pub(super) async fn by_id(ground: &Ground, scope: &Scope, log_id: u64) -> Result<LogFile, ApiError> {
    one(&ground.db, this(scope, log_id)).await
}

/// The same to be shown.
///
/// # Errors
/// 404.
pub(super) async fn shown(ground: &Ground, scope: &Scope, log_id: u64) -> Result<LogItem, ApiError> {
    let query = rows_query::<LogItem>(ground, LogItem::FROM, &this(scope, log_id), "", " LIMIT 1");
    let mut found = ground.db.rows::<LogItem>(LogItem::WHAT, query).await?;
    ground.place(&mut found, LogItem::pile).await?;
    found.into_iter().next().ok_or(ApiError::NotFound)
}

/// What the chunks of a text say, from `first` to before `next`.
pub(super) async fn texts(
    ground: &Ground,
    log_id: u64,
    first: u32,
    next: u32,
) -> Result<Vec<(u32, String)>, ApiError> {
    let query = Conditions::new()
        .and("log_id = ?", [log_id.into()])
        .and("chunk >= ?", [u64::from(first).into()])
        .and("chunk < ?", [u64::from(next).into()])
        .query_with(
            &ground.db,
            "SELECT chunk, text FROM log_content FINAL",
            " ORDER BY chunk",
        );
    Ok(ground.db.rows("the texts of a log", query).await?)
}

/// Gives back the room of a deleted log; what stays is never seen, and goes with the retention of the table.
pub(super) async fn forget_contents(ground: &Ground, log_id: u64) {
    let query = Conditions::new()
        .and("log_id = ?", [log_id.into()])
        .query(&ground.db, "DELETE FROM log_content");
    if let Err(error) = ground.db.run("the contents of a deleted log", query).await {
        tracing::warn!(%error, log_id, "the contents of a deleted log stay until their retention ends");
    }
}
