//! Why a transfer failed, in the words of a pile's 失败原因.

use std::fmt;

use suppaftp::FtpError;
use suppaftp::Status;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// Nobody listens there, or the name is unknown.
    Unreachable,
    /// User name or password.
    Login,
    /// The file cannot be read or written there.
    NoFile,
    /// No room for it, or not so much allowed.
    NoRoom,
    /// Said no to something else.
    Refused,
    /// Said nothing in time.
    Silent,
    /// Broke.
    Broken,
    /// Ended, and shorter or longer than announced.
    WrongLength,
}

impl Reason {
    /// Whether another attempt may do better.
    pub(super) fn may_pass(self) -> bool {
        matches!(self, Self::Unreachable | Self::Silent | Self::Broken)
    }

    /// What an error means that came while `at` something.
    pub(super) fn of(error: &FtpError, at: Self) -> Self {
        match error {
            FtpError::UnexpectedResponse(response) => match response.status {
                Status::NotLoggedIn | Status::InvalidCredentials => Self::Login,
                Status::FileUnavailable | Status::BadFilename => Self::NoFile,
                Status::ExceededStorage | Status::RequestedActionNotTaken => Self::NoRoom,
                // 4yz: the same may go well later.
                status if (400..500).contains(&status.code()) => Self::Broken,
                _ => Self::Refused,
            },
            FtpError::ConnectionError(_) | FtpError::BadResponse => at,
            _ => Self::Refused,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "FTP连接失败",
            Self::Login => "FTP登录失败",
            Self::NoFile => "FTP文件不可用",
            Self::NoRoom => "FTP空间不足",
            Self::Refused => "FTP服务器拒绝",
            Self::Silent => "FTP超时",
            Self::Broken => "FTP传输中断",
            Self::WrongLength => "字节数不符",
        })
    }
}
