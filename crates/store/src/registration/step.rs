//! What staff may do with a registration in which state.

use std::fmt;

use super::State;

/// An operation of staff on one registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// 批准
    Approve,
    /// 拒绝
    Refuse,
    /// 修改uuid
    ChangeUuid,
    /// 停用
    Disable,
    /// 启用
    Enable,
    /// 退役
    Retire,
    /// 释放
    Release,
    /// 更换TCU: this one is put in.
    SwapIn,
}

impl Step {
    /// Every operation.
    pub const ALL: [Self; 8] = [
        Self::Approve,
        Self::Refuse,
        Self::ChangeUuid,
        Self::Disable,
        Self::Enable,
        Self::Retire,
        Self::Release,
        Self::SwapIn,
    ];

    /// The last word of the interface's path.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Refuse => "refuse",
            Self::ChangeUuid => "change_uuid",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Retire => "retire",
            Self::Release => "release",
            Self::SwapIn => "swap",
        }
    }

    /// For people.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Approve => "批准",
            Self::Refuse => "拒绝",
            Self::ChangeUuid => "修改uuid",
            Self::Disable => "停用",
            Self::Enable => "启用",
            Self::Retire => "退役",
            Self::Release => "释放",
            Self::SwapIn => "更换TCU",
        }
    }

    /// The states in which it may be done.
    pub const fn from(self) -> &'static [State] {
        use State::{Disabled, InService, Pending, Refused, Registered, Released};
        match self {
            Self::Approve => &[Pending, Refused],
            Self::Refuse => &[Pending],
            Self::ChangeUuid | Self::Disable => &[Registered, InService],
            Self::Enable => &[Disabled],
            Self::Retire => &[Registered, InService, Disabled],
            Self::Release => &[Registered, InService, Disabled, Refused],
            Self::SwapIn => &[Pending, Released, Registered, InService],
        }
    }

    /// Whether the state allows it.
    ///
    /// # Errors
    /// [`Illegal`] names the state and what it does allow.
    pub fn check(self, state: State) -> Result<(), Illegal> {
        match self.from().contains(&state) {
            true => Ok(()),
            false => Err(Illegal { step: self, state }),
        }
    }

    /// What a state allows.
    pub fn allowed(state: State) -> impl Iterator<Item = Self> {
        let allows = move |step: &Self| step.from().contains(&state);
        Self::ALL.into_iter().filter(allows)
    }
}

/// An operation that the registration's state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Illegal {
    /// What was asked for.
    pub step: Step,
    /// Where the registration stands.
    pub state: State,
}

impl Illegal {
    /// The same in English; states are named as they are stored.
    pub fn english(&self) -> String {
        let allowed: Vec<_> = Step::allowed(self.state).map(Step::as_str).collect();
        let allowed = if allowed.is_empty() {
            "nothing".to_owned()
        } else {
            allowed.join(", ")
        };
        format!(
            "A registration that is {} does not allow {}; it allows: {allowed}",
            self.state,
            self.step.as_str()
        )
    }
}

impl fmt::Display for Illegal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let allowed: Vec<_> = Step::allowed(self.state).map(Step::chinese).collect();
        let allowed = if allowed.is_empty() {
            "无".to_owned()
        } else {
            allowed.join("、")
        };
        let (state, step) = (self.state, self.step.chinese());
        write!(f, "{state}状态不允许{step}；允许的操作：{allowed}")
    }
}

impl std::error::Error for Illegal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_state_and_what_it_allows() {
        let illegal = Step::Approve.check(State::Disabled).unwrap_err();
        assert_eq!(
            illegal.to_string(),
            "已停用状态不允许批准；允许的操作：启用、退役、释放"
        );
        assert_eq!(
            illegal.english(),
            "A registration that is 已停用 does not allow approve; it allows: enable, retire, release"
        );
        let illegal = Step::Enable.check(State::Retired).unwrap_err();
        assert!(illegal.to_string().ends_with("允许的操作：无"));
    }
}
