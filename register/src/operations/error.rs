//! Why an operation was not done, in both languages of the interface.

use crate::ledger::{Dependency, LedgerError};
use crate::model::Illegal;

/// What may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A registration.
    Registration,
    /// An asset.
    Asset,
    /// An entry of the allow-list.
    Entry,
    /// An account at the broker.
    Account,
}

impl Thing {
    const fn chinese(self) -> &'static str {
        match self {
            Self::Registration => "注册资料",
            Self::Asset => "资产",
            Self::Entry => "白名单条目",
            Self::Account => "账号",
        }
    }

    const fn english(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Asset => "asset",
            Self::Entry => "entry of the allow-list",
            Self::Account => "account",
        }
    }
}

/// A state of things that stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// Somebody changed it after the caller read it.
    Older,
    /// Another operation on the same TCU has not ended.
    Busy,
    /// It is there already.
    Exists,
    /// Services' accounts are made where services are installed.
    ServiceAccount,
    /// The TCU to be put in is on this pile already.
    SameTcu,
    /// The TCU to be put in belongs to another pile that is in use.
    OnAnotherPile,
    /// Two assets have this uuid.
    TwoAssets,
}

impl Conflict {
    const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Older => (
                "数据已被修改，请刷新后重试",
                "It was changed meanwhile; read it again",
            ),
            Self::Busy => ("正在处理，请稍后重试", "It is being worked on; try again"),
            Self::Exists => ("已存在", "It exists already"),
            Self::ServiceAccount => (
                "平台服务的账号不能在这里修改",
                "Accounts of services cannot be changed here",
            ),
            Self::SameTcu => ("该TCU已在这台桩上", "That TCU is on this pile already"),
            Self::OnAnotherPile => (
                "该TCU属于另一台在用的桩，请先处理那台桩",
                "That TCU belongs to another pile in use",
            ),
            Self::TwoAssets => (
                "有两台资产使用这个uuid，请用device_id指明",
                "Two assets have this uuid; name the device_id",
            ),
        }
    }
}

/// Why an operation was not done. `Display` is what staff read in Chinese.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// There is no such thing.
    #[error("没有这个{}", .0.chinese())]
    Unknown(Thing),
    /// The registration's state does not allow it.
    #[error("{0}")]
    Illegal(#[from] Illegal),
    /// Something stands in the way.
    #[error("{}", .0.texts().0)]
    Conflict(Conflict),
    /// The operation could not be recorded, so it was not done.
    #[error("操作记录生成异常")]
    Record(#[source] LedgerError),
    /// ClickHouse or Redis is away.
    #[error("{}", .0.public())]
    Ledger(#[from] LedgerError),
}

impl OperationError {
    /// The same in English.
    pub fn english(&self) -> String {
        match self {
            Self::Unknown(thing) => format!("There is no such {}", thing.english()),
            Self::Illegal(illegal) => illegal.english(),
            Self::Conflict(conflict) => conflict.texts().1.to_owned(),
            Self::Record(_) => "The operation could not be recorded and was not done".to_owned(),
            Self::Ledger(error) => match error.dependency() {
                Some(away) => format!("The platform is not available now ({}); try again", away.as_str()),
                None => error.to_string(),
            },
        }
    }

    /// What is away, if that is the reason.
    pub fn dependency(&self) -> Option<Dependency> {
        match self {
            Self::Record(error) | Self::Ledger(error) => error.dependency(),
            Self::Unknown(_) | Self::Illegal(_) | Self::Conflict(_) => None,
        }
    }
}

impl From<store::StoreError> for OperationError {
    fn from(error: store::StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

impl From<crate::model::RegistrationError> for OperationError {
    fn from(error: crate::model::RegistrationError) -> Self {
        Self::Ledger(error.into())
    }
}
