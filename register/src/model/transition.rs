//! What staff may do with a registration in which state, and what it changes.
//!
//! | operation | from | to |
//! | --- | --- | --- |
//! | approve | 待审核, 已拒绝 | 已注册, under a fresh uuid |
//! | refuse | 待审核 | 已拒绝 |
//! | `change_uuid` | 已注册, 在役 | the same, under another uuid |
//! | disable | 已注册, 在役 | 已停用 |
//! | enable | 已停用 | 在役, or 已注册 where its pile was never seen |
//! | retire | 已注册, 在役, 已停用 | 已退役, for good |
//! | release | 已注册, 在役, 已停用, 已拒绝 | 已释放: it may register anew |
//! | swap (the TCU put in) | none, 待审核, 已释放, 已注册, 在役 | 已注册 or as before, on the other's pile |
//! | swap (the TCU taken out) | as release | 已释放 |

use protocol::Uuid;
use store::registration::{Illegal, State, Step};

use super::{Credential, Registration, Serial};

/// Who decided, when and why.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'a> {
    /// Unix ms.
    pub now: i64,
    /// The person's account, or what in the platform decided.
    pub by: &'a str,
    /// As given.
    pub reason: &'a str,
}

/// A change with what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Under a fresh uuid, with the hash of a fresh password.
    Approve(Uuid, Credential),
    /// See [`Step::Refuse`].
    Refuse,
    /// To a fresh uuid.
    ChangeUuid(Uuid),
    /// See [`Step::Disable`].
    Disable,
    /// See [`Step::Enable`].
    Enable,
    /// See [`Step::Retire`].
    Retire,
    /// See [`Step::Release`].
    Release,
    /// Onto the pile `device_id`, under its own uuid, or under `fresh` where it has none.
    SwapIn {
        /// The pile.
        device_id: u64,
        /// Used if the TCU has no uuid.
        fresh: Option<Uuid>,
    },
}

impl Change {
    /// Which operation this is.
    pub const fn step(&self) -> Step {
        match self {
            Self::Approve(..) => Step::Approve,
            Self::Refuse => Step::Refuse,
            Self::ChangeUuid(_) => Step::ChangeUuid,
            Self::Disable => Step::Disable,
            Self::Enable => Step::Enable,
            Self::Retire => Step::Retire,
            Self::Release => Step::Release,
            Self::SwapIn { .. } => Step::SwapIn,
        }
    }
}

/// The registration after the change, as its next version.
///
/// # Errors
/// [`Illegal`] where the state does not allow it.
pub fn apply(
    before: &Registration,
    change: Change,
    decision: &Decision<'_>,
) -> Result<Registration, Illegal> {
    change.step().check(before.state)?;
    let mut after = Registration {
        version: next_version(before.version, decision.now),
        decided_by: decision.by.to_owned(),
        reason: decision.reason.to_owned(),
        ..before.clone()
    };
    match change {
        Change::Approve(uuid, credential) => {
            begin_anew(&mut after, State::Registered);
            after.uuid = Some(uuid);
            after.username = uuid.to_string();
            (after.credential, after.credential_time) = (Some(credential), decision.now);
        }
        Change::Refuse => after.state = State::Refused,
        Change::ChangeUuid(uuid) => {
            after.former_uuid = before.uuid;
            after.uuid = Some(uuid);
            // It has not logged in under this one.
            after.login_time = 0;
        }
        Change::Disable => after.state = State::Disabled,
        Change::Enable => {
            after.state = match before.device_id {
                0 => State::Registered,
                _ => State::InService,
            }
        }
        Change::Retire => {
            after.state = State::Retired;
            after.former_uuid = None;
            after.credential = None;
        }
        Change::Release => begin_anew(&mut after, State::Released),
        Change::SwapIn { device_id, fresh } => {
            if !before.state.may_connect() {
                begin_anew(&mut after, State::Registered);
                after.uuid = fresh;
            }
            after.device_id = device_id;
        }
    }
    Ok(after)
}

/// The version that replaces `old`: a clock that went back must not hide a change.
pub fn next_version(old: i64, now: i64) -> i64 {
    now.max(old.saturating_add(1))
}

/// A TCU that has never asked, before staff put it in.
pub fn unknown_tcu(sn: Serial) -> Registration {
    Registration {
        version: 0,
        sn,
        uuid: None,
        former_uuid: None,
        state: State::Released,
        model: String::new(),
        contract: String::new(),
        software_version: String::new(),
        sim: String::new(),
        device_id: 0,
        username: String::new(),
        credential: None,
        credential_time: 0,
        request_time: 0,
        login_time: 0,
        decided_by: String::new(),
        reason: String::new(),
    }
}

/// Without uuid, password and pile, so that nothing of an earlier life can come back. The account's name stays:
/// it says whom the broker must forget.
fn begin_anew(registration: &mut Registration, state: State) {
    registration.state = state;
    registration.uuid = None;
    registration.former_uuid = None;
    registration.device_id = 0;
    registration.login_time = 0;
    registration.credential = None;
    registration.credential_time = 0;
}

#[cfg(test)]
mod tests;
