//! `log_file`: log files that piles were asked for.

use std::fmt;
use std::str::FromStr;

use crate::versioned::{self, versioned_row};
use crate::{Clickhouse, Conditions, StoreError, Value};

versioned_row! {
    crate::Table::LogFile, key(log_id);
    /// A version of one log file. Whoever asks writes it as [`State::Requested`]; from there on it is the
    /// connector's.
    #[derive(Eq)]
    pub struct LogFile {
        /// The log; the key.
        pub log_id: u64,
        /// The pile.
        pub device_id: u64,
        /// The uuid by which it is asked.
        pub uuid: String,
        /// Name of the file on the pile, without folders.
        pub file_name: String,
        /// A [`State`] as text.
        pub state: String,
        /// Size as the pile said, 0 = unknown.
        pub bytes: u64,
        /// Bytes that have arrived so far.
        pub collected_bytes: u64,
        /// What it was written in: `utf-8`, `gb18030`, `utf-16le`, `utf-16be`, `binary`; empty = not read yet.
        pub charset: String,
        /// Bytes in `log_content`.
        pub text_bytes: u64,
        /// Chunks in `log_content`; what lies above does not count.
        pub chunks: u32,
        /// SHA-256 of the file as it came, hex.
        pub sha256: String,
        /// Why it failed or was cancelled, in Chinese.
        pub reason: String,
        /// Who asked for it.
        pub created_by: String,
        /// When, Unix ms.
        pub created_time: i64,
        /// It fails if it is not there by then, Unix ms.
        pub deadline: i64,
        /// Ended, Unix ms, 0 = not yet.
        pub finished_time: i64,
    }
}

/// Where the collecting of a log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Somebody asked for it.
    Requested,
    /// The command 日志召唤 is on its way.
    Commanded,
    /// The pile uploads, or has uploaded and the file is being read.
    Uploading,
    /// Its contents are in `log_content`.
    Collected,
    /// It will not come; the reason says why.
    Failed,
    /// Somebody withdrew it.
    Cancelled,
}

impl State {
    /// All, in order.
    pub const ALL: [State; 6] = [
        State::Requested,
        State::Commanded,
        State::Uploading,
        State::Collected,
        State::Failed,
        State::Cancelled,
    ];

    /// As in the column.
    pub const fn text(self) -> &'static str {
        match self {
            State::Requested => "requested",
            State::Commanded => "commanded",
            State::Uploading => "uploading",
            State::Collected => "collected",
            State::Failed => "failed",
            State::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will happen.
    pub const fn is_final(self) -> bool {
        matches!(self, State::Collected | State::Failed | State::Cancelled)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl FromStr for State {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        State::ALL
            .into_iter()
            .find(|state| state.text() == text)
            .ok_or(())
    }
}

impl LogFile {
    /// Where it stands; none if a newer program wrote a state that this one does not know.
    pub fn state(&self) -> Option<State> {
        self.state.parse().ok()
    }
}

/// The logs that are not at their end, the oldest first.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn open(db: &Clickhouse) -> Result<Vec<LogFile>, StoreError> {
    let ended = State::ALL.into_iter().filter(|state| state.is_final());
    let ended = Value::TextList(ended.map(|state| state.text().to_owned()).collect());
    let conditions = Conditions::new().and("state NOT IN ?", [ended]);
    let mut found: Vec<LogFile> = versioned::present(db, &conditions).await?;
    found.sort_by_key(|log| (log.created_time, log.log_id));
    Ok(found)
}

/// The log of this id.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn by_id(db: &Clickhouse, log_id: u64) -> Result<Option<LogFile>, StoreError> {
    let conditions = Conditions::new().and("log_id = ?", [log_id.into()]);
    Ok(versioned::present(db, &conditions).await?.into_iter().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_as_they_are_written() {
        for state in State::ALL {
            assert_eq!(state.text().parse(), Ok(state));
        }
        assert_eq!("elsewhere".parse::<State>(), Err(()));
    }
}
