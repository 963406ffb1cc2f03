//! 下载进度: how far a 下载 has come. Not answered.

use std::borrow::Cow;

use super::message::message;

message! {
    /// 下载进度
    DownloadProgress {
        /// `进度`, percent
        percent: u8 => percent = "进度" | "下载进度" | "百分比",
        /// `已下载字节数`
        bytes: u64 => integer = "已下载字节数" | "已下载",
        /// `字节数`, of the whole file
        total_bytes: u64 => integer = "字节数" | "总字节数",
        /// `状态`
        state: Cow<'a, str> => text = "状态",
        /// `失败原因`
        reason: Cow<'a, str> => text = "失败原因",
    }
}
