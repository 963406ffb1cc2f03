//! The life of a registration: registered → in service → disabled → retired.

use std::fmt;
use std::str::FromStr;

/// Where a TCU's registration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// 待审核: neither its model nor its contract is on the allow-list; staff decide.
    Pending,
    /// 已拒绝: staff refused it. It may be approved later.
    Refused,
    /// 已注册: has a uuid; has not logged in under it yet.
    Registered,
    /// 在役: has logged in.
    InService,
    /// 已停用: kept from the broker until it is enabled again.
    Disabled,
    /// 已退役: kept from the broker for good; its uuid is never used again.
    Retired,
    /// 已释放: the serial number may register anew, and then gets another uuid.
    Released,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Refused,
        Self::Registered,
        Self::InService,
        Self::Disabled,
        Self::Retired,
        Self::Released,
    ];

    /// As it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "待审核",
            Self::Refused => "已拒绝",
            Self::Registered => "已注册",
            Self::InService => "在役",
            Self::Disabled => "已停用",
            Self::Retired => "已退役",
            Self::Released => "已释放",
        }
    }

    /// Whether its TCU may connect to the broker and speak under its uuid.
    pub const fn may_connect(self) -> bool {
        matches!(self, Self::Registered | Self::InService)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no state of a registration"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_states() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!("".parse::<State>().is_err());
    }

    #[test]
    fn only_registered_and_in_service_may_connect() {
        let may: Vec<_> = State::ALL.into_iter().filter(|s| s.may_connect()).collect();
        assert_eq!(may, [State::Registered, State::InService]);
    }
}
