//! What a batch may be, and which turns it may take.

use store::table::command_batch::BatchState;

use super::super::rules::Checked;
use crate::ground::{ApiError, Text, check};

const LONGEST_NAME: usize = 64;

/// Its name; that of the command if it has none.
pub(super) fn name(given: Option<&str>, command: &str) -> Result<String, ApiError> {
    let name = check::optional("name", given.unwrap_or_default(), LONGEST_NAME)?;
    Ok(if name.is_empty() { command.to_owned() } else { name })
}

/// # Errors
/// 422 for a command with a password: batches lie in the database, passwords do not.
pub(super) fn require_plain(command: &Checked) -> Result<(), ApiError> {
    if !command.is_secret() {
        return Ok(());
    }
    Err(ApiError::invalid(
        "fields.密码",
        "含密码的命令不能批量下发，密码不入库；请逐桩下发",
        "a command with a password cannot go to many, as passwords are not stored; send it pile by pile",
    ))
}

/// # Errors
/// 409 that names the state and what it allows.
pub(super) fn require_turn(state: &str, to: BatchState) -> Result<(), ApiError> {
    let allowed = BatchState::parse(state).map_or(&[][..], turns);
    if allowed.contains(&to) {
        return Ok(());
    }
    let names: Vec<_> = allowed.iter().map(|state| state.as_str()).collect();
    let names = if names.is_empty() {
        "-".to_owned()
    } else {
        names.join(", ")
    };
    Err(ApiError::Conflict(Text::of(
        format!("批量状态为 {state}，不能变为 {}；可变为：{names}", to.as_str()),
        format!(
            "A batch that is {state} cannot become {}, only: {names}",
            to.as_str()
        ),
    )))
}

/// What people may make of a batch.
const fn turns(state: BatchState) -> &'static [BatchState] {
    match state {
        BatchState::Pending | BatchState::Running => &[BatchState::Paused, BatchState::Cancelled],
        BatchState::Paused => &[BatchState::Running, BatchState::Cancelled],
        BatchState::Cancelled | BatchState::Finished => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_takes_no_turn() {
        let may = |state: BatchState, to| require_turn(state.as_str(), to).is_ok();
        assert!(may(BatchState::Pending, BatchState::Paused) && may(BatchState::Paused, BatchState::Running));
        assert!(may(BatchState::Paused, BatchState::Cancelled));
        for over in [BatchState::Cancelled, BatchState::Finished] {
            assert!(BatchState::ALL.into_iter().all(|to| !may(over, to)));
        }
        assert!(
            !may(BatchState::Running, BatchState::Running) && require_turn("?", BatchState::Paused).is_err()
        );
        assert!(
            BatchState::ALL
                .into_iter()
                .all(|from| !may(from, BatchState::Finished))
        );
    }

    #[test]
    fn a_batch_without_a_name_is_called_after_its_command() {
        assert_eq!(name(None, "重启").unwrap(), "重启");
        assert_eq!(name(Some(" 夜间 "), "重启").unwrap(), "夜间");
    }
}
