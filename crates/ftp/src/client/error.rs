//! What can keep a transfer from its end, in words for whoever must do something about it.

use std::io;
use std::time::Duration;

use suppaftp::FtpError;

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No answer, or no byte, for too long.
    #[error("FTP服务器在{after:?}内没有响应({step}) (no answer)")]
    Silent {
        /// Which.
        step: &'static str,
        /// How long was waited.
        after: Duration,
    },
    /// The server said no.
    #[error("FTP服务器拒绝({step}): {code} {text}")]
    Refused {
        /// Which.
        step: &'static str,
        /// Its code.
        code: u32,
        /// Its words.
        text: String,
    },
    /// The connection could not be made, or ended.
    #[error("与FTP服务器的连接中断({step}): {source}")]
    Broken {
        /// Which.
        step: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// Not an FTP server, or not a sane one.
    #[error("FTP服务器的应答无法理解({step}): {text}")]
    Nonsense {
        /// Which.
        step: &'static str,
        /// What is wrong.
        text: String,
    },
    /// More than was allowed.
    #[error("文件超过{most}字节 (larger than allowed)")]
    TooLarge {
        /// Allowed.
        most: u64,
    },
    /// The local side.
    #[error("本地文件读写失败: {0}")]
    Local(io::Error),
}

impl ClientError {
    pub(crate) fn broken(step: &'static str, source: io::Error) -> Self {
        Self::Broken { step, source }
    }

    pub(crate) fn of(step: &'static str, error: FtpError) -> Self {
        match error {
            FtpError::ConnectionError(source) => Self::broken(step, source),
            FtpError::UnexpectedResponse(response) => Self::Refused {
                step,
                code: super::code(response.status),
                text: String::from_utf8_lossy(&response.body)
                    .trim()
                    .chars()
                    .take(200)
                    .collect(),
            },
            other => Self::Nonsense {
                step,
                text: other.to_string(),
            },
        }
    }

    /// Whether the same may work later: the server is away or busy. Not where it refuses or is too small.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Silent { .. } | Self::Broken { .. } => true,
            Self::Refused { code, .. } => (400..500).contains(code),
            Self::Nonsense { .. } | Self::TooLarge { .. } | Self::Local(_) => false,
        }
    }
}
