//! Files over FTP, as the pure core sees them: what it wants carried, and what it hears of that.

use protocol::Password;

use super::log_text::LogText;

/// One file to carry. The shell connects, logs in, and tells how it went under the same id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Tells the transfers of one pile apart.
    pub id: u32,
    /// `服务器地址`
    pub server: String,
    /// `端口`
    pub port: u16,
    /// `用户名`
    pub user: String,
    /// `密码`
    pub password: Password,
    /// `FTP路径`
    pub path: String,
    /// Which way.
    pub cargo: Cargo,
}

/// Which way a file goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cargo {
    /// From the server; its size as announced, 0 if it was not.
    Fetch {
        /// `字节数`
        bytes: u64,
    },
    /// To the server.
    Store(LogText),
}

/// What the shell tells of a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Of which.
    pub id: u32,
    /// What.
    pub event: Event,
}

/// How far a transfer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// So many bytes have come.
    Progress(u64),
    /// The file is here, whole.
    Fetched(Fetched),
    /// The file is on the server: its bytes.
    Stored(u64),
    /// It cannot be done; why, in the words of a pile.
    Failed(String),
}

/// What is kept of a file: not its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its length.
    pub bytes: u64,
    /// Its MD5.
    pub md5: [u8; 16],
    /// Its SHA-256, over which `数字签名` is made.
    pub sha256: [u8; 32],
    /// How often the transfer broke and was taken up again.
    pub resumed: u32,
}
