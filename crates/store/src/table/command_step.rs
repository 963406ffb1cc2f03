//! `command_step`: every step of every command, which is its timeline. `command_record` has where it stands now.

use super::command_record::State;
use crate::rowbinary::table_row;

table_row! {
    crate::Table::CommandStep;
    /// One step. Which command: pile, `created_time`, reqid; people know it by `caller`.
    pub struct CommandStep<'a> {
        /// When, Unix ms; rises from step to step of one command.
        pub timestamp: i64,
        /// The pile.
        pub device_id: u64,
        /// When the command was asked for, Unix ms.
        pub created_time: i64,
        /// The command's reqid.
        pub reqid: u32,
        /// 命令.
        pub command: &'a str,
        /// 请求标识, the mark of whoever asked; empty for none.
        pub caller: &'a str,
        /// Where the command stands after this step.
        pub state: State,
        /// Which publish to the pile; 0 = none yet.
        pub attempt: u8,
        /// Percent of a 下载进度; 0 where there is none.
        pub progress: u8,
        /// 结果, as the pile said it.
        pub result: &'a str,
        /// Why, or what the pile said.
        pub reason: &'a str,
    }
}
