//! `command_record`: a downlink command and what became of it. A row is a version; the newest `timestamp`
//! counts.

use crate::rowbinary::{Put, table_row};

/// Where a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(i8)]
pub enum State {
    /// Waiting for the pile, or for its turn.
    #[default]
    Queued = 1,
    /// Handed to the broker.
    Sent = 2,
    /// The pile said 成功.
    Answered = 3,
    /// The pile said 失败.
    Failed = 4,
    /// No answer before the deadline.
    TimedOut = 5,
    /// Withdrawn before an answer.
    Cancelled = 6,
}

impl Put for State {
    const TYPE: &'static str = "Enum8('queued' = 1, 'sent' = 2, 'answered' = 3, 'failed' = 4, 'timed_out' = 5, \
         'cancelled' = 6)";
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        (*self as i8).put(out);
    }
}

table_row! {
    crate::Table::CommandRecord;
    /// A version of one command. Identity: pile, `created_time`, reqid (which alone wraps). An answer to a
    /// reqid that the platform did not issue is a row of its own, with `source` `外部`.
    pub struct CommandRecord<'a> {
        /// Version: Unix ms, always above the version it replaces.
        pub timestamp: i64,
        /// The pile.
        pub device_id: u64,
        /// When it was asked for, Unix ms.
        pub created_time: i64,
        /// The command's reqid.
        pub reqid: u32,
        /// 命令.
        pub command: &'a str,
        /// Where it stands.
        pub state: State,
        /// Who asked: a service, a user, or 外部 (published by hand).
        pub source: &'a str,
        /// When the broker took it, Unix ms; 0 = not yet.
        pub sent_time: i64,
        /// When the answer came, Unix ms; 0 = none.
        pub answered_time: i64,
        /// Until when an answer counts, Unix ms; 0 = no deadline.
        pub deadline: i64,
        /// 结果.
        pub result: &'a str,
        /// 失败原因.
        pub reason: &'a str,
        /// Percent of a 下载进度; 0 where the command has none.
        pub progress: u8,
        /// The command as sent, JSON, passwords struck out.
        pub request: &'a str,
        /// The answer as received, JSON.
        pub answer: &'a str,
        /// 请求标识, the mark of whoever asked; empty for none. With the pile it finds the command.
        pub caller: &'a str,
        /// How often it was published to the pile.
        pub attempts: u8,
        /// The node of the ops_tcu that delivers it.
        pub node: u8,
    }
}
