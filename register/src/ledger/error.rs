//! What can go wrong with the ledger, and what a pile or a person is told about it.

use redis::RedisError;
use store::StoreError;

use crate::model::RegistrationError;

/// What the ledger needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dependency {
    /// Holds the registrations.
    ClickHouse,
    /// Holds the counter and the locks.
    Redis,
}

impl Dependency {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClickHouse => "ClickHouse",
            Self::Redis => "Redis",
        }
    }
}

/// Why the ledger could not do it. Nothing was guessed: the caller refuses and is asked again.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// ClickHouse is away, busy, or refuses.
    #[error("ClickHouse does not keep registrations now")]
    ClickHouse(#[from] StoreError),
    /// Redis is away, or refuses.
    #[error("Redis does not count and lock now")]
    Redis(#[from] RedisError),
    /// A stored row that this program cannot have written.
    #[error("a stored registration cannot be read")]
    Unreadable(#[from] RegistrationError),
    /// Beyond `ZZZZZZZZ`.
    #[error("there are no uuids left: the counter is at its end")]
    Exhausted,
    /// Every candidate was taken, again and again.
    #[error("no free uuid was found; others take them faster")]
    Contended,
}

impl LedgerError {
    /// Which dependency is away, if it is one.
    pub const fn dependency(&self) -> Option<Dependency> {
        match self {
            Self::ClickHouse(_) => Some(Dependency::ClickHouse),
            Self::Redis(_) => Some(Dependency::Redis),
            Self::Unreadable(_) | Self::Exhausted | Self::Contended => None,
        }
    }

    /// What piles and staff are told.
    pub fn public(&self) -> String {
        match self {
            Self::ClickHouse(_) | Self::Redis(_) => {
                let name = self.dependency().map_or("", Dependency::as_str);
                format!("平台暂不可用({name})，请稍后重试")
            }
            Self::Unreadable(_) => "注册资料无法读取，请联系运维人员".to_owned(),
            Self::Exhausted => "通信编号已用尽，请联系运维人员".to_owned(),
            Self::Contended => "正在处理，请稍后重试".to_owned(),
        }
    }
}
