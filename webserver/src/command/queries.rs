//! What is asked of the database about commands.

use store::{Conditions, table::asset::AssetVersion};

use super::wire::{CommandDetail, CommandItem, CommandStep, Which};
use crate::ground::{ApiError, Ground, Listed as _, Scope, list::rows_query, one};

const STEP: &str = "SELECT timestamp, toString(state) AS state, attempt, progress, toString(result) AS result, reason \
    FROM command_step FINAL";
/// More steps than any command has.
const MOST_STEPS: usize = 1000;

/// The pile that a command is for.
///
/// # Errors
/// 404.
pub(super) async fn pile(ground: &Ground, scope: &Scope, device_id: u64) -> Result<AssetVersion, ApiError> {
    let this = Conditions::new().and("device_id = ?", [device_id.into()]);
    one(&ground.db, scope.stations(this)).await
}

/// # Errors
/// 404, 422 for a command that is not named.
pub(super) async fn detail(ground: &Ground, scope: &Scope, which: &Which) -> Result<CommandDetail, ApiError> {
    let of_pile = Conditions::new().and("device_id = ?", [which.device_id.into()]);
    let this = match (&which.command_id, which.created_time, which.reqid) {
        (Some(mark), ..) => of_pile.and("command_id = ?", [mark.as_str().into()]),
        (None, Some(created), Some(reqid)) => of_pile
            .and("created_time = ?", [created.into()])
            .and("reqid = ?", [u64::from(reqid).into()]),
        _ => {
            return Err(ApiError::invalid(
                "command_id",
                "须给出 command_id，或 created_time 和 reqid",
                "must be given, or created_time and reqid",
            ));
        }
    };
    let order = format!(" ORDER BY {}", CommandItem::ORDER);
    let query = rows_query::<CommandItem>(
        ground,
        CommandItem::FROM,
        &scope.devices(this),
        &order,
        " LIMIT 1",
    );
    let mut found = ground.db.rows::<CommandItem>(CommandItem::WHAT, query).await?;
    ground.place(&mut found, CommandItem::pile).await?;
    let command = found.into_iter().next().ok_or(ApiError::NotFound)?;
    let identity = Conditions::new()
        .and("device_id = ?", [command.device_id.into()])
        .and("created_time = ?", [command.created_time.into()])
        .and("reqid = ?", [u64::from(command.reqid).into()])
        .and("command = ?", [command.command.as_str().into()]);
    let whole = identity.query(&ground.db, "SELECT request, answer FROM command_record FINAL");
    let rest = format!(" ORDER BY timestamp LIMIT {MOST_STEPS}");
    let steps = identity.query_with(&ground.db, STEP, &rest);
    let (whole, steps) = tokio::try_join!(
        ground.db.rows::<(String, String)>("a command's messages", whole),
        ground.db.rows::<CommandStep>("a command's steps", steps),
    )?;
    let (request, answer) = whole.into_iter().next().unwrap_or_default();
    Ok(CommandDetail {
        command,
        request,
        answer,
        steps,
    })
}
