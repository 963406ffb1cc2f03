//! 日志上传完成: the log that 日志召唤 asked for is on the file server. Not answered.

use std::borrow::Cow;

use super::message::message;

message! {
    /// 日志上传完成
    LogUploaded {
        /// `文件名`
        file_name: Cow<'a, str> => text = "文件名",
        /// `FTP路径`
        path: Cow<'a, str> => text = "FTP路径",
        /// `字节数`
        bytes: u64 => integer = "字节数",
        /// `结果`: 成功 or 失败
        result: Cow<'a, str> => text = "结果",
        /// `失败原因`
        reason: Cow<'a, str> => text = "失败原因",
    }
}
