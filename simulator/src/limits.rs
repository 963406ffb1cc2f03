//! The machine's limits, checked before anything connects: a clear refusal beats thousands of failed connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::options::BadOptions;

/// Descriptors for everything that is not a connection.
const SPARE: u64 = 64;

/// Raises the soft limit as far as needed and allowed.
pub(crate) fn require_descriptors(connections: u32, transfers: u32) -> Result<(), BadOptions> {
    // A transfer has a control and a data connection.
    let spare = SPARE + 2 * u64::from(transfers.min(connections));
    let needed = u64::from(connections) + spare;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    let is_allowed = limit.maximum.is_none_or(|most| most >= needed);
    let raised = Rlimit {
        current: Some(needed),
        maximum: limit.maximum,
    };
    if is_allowed && setrlimit(Resource::Nofile, raised).is_ok() {
        return Ok(());
    }
    let carries = limit.maximum.or(limit.current).unwrap_or(0).saturating_sub(spare);
    Err(BadOptions(format!(
        "{connections} connections need {needed} file descriptors, this process may have {}: \
         raise it (ulimit -n {needed}) or run several processes of up to {carries} piles each, \
         e.g. --piles {carries} and --piles {} --offset {carries}",
        carries + spare,
        u64::from(connections).saturating_sub(carries).min(carries),
    )))
}
