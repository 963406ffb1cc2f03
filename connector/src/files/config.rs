//! `[ftp]`, `[package]` and `[log_file]`.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use common::address::Address;
use common::config::checked::not_zero;
use common::config::{Secret, duration};
use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// `[ftp]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FtpConfig {
    /// Whether this program is the FTP server.
    pub embedded: bool,
    /// Where piles find the server.
    pub address: Address,
    /// The account piles are told; for a server that is there already.
    pub pile: AccountConfig,
    /// The account with which files are put there and taken away.
    pub own: AccountConfig,
    /// Where the embedded server listens.
    pub listen: SocketAddr,
    /// Its ports for data connections.
    #[serde(deserialize_with = "ports")]
    pub passive_ports: RangeInclusive<u16>,
    /// The address it tells piles for data connections; empty: the one they came to.
    pub passive_address: String,
    /// Lets `anonymous` in without a password, to what has been granted.
    pub open: bool,
    /// Packages that are being fetched, logs that come in.
    pub folder: PathBuf,
    /// Most connections.
    #[serde(deserialize_with = "not_zero")]
    pub most_connections: u32,
    /// Most connections of one account.
    #[serde(deserialize_with = "not_zero")]
    pub most_per_user: u32,
    /// A connection that says nothing for so long ends.
    #[serde(with = "duration")]
    pub idle: Duration,
    /// A transfer that does not move for so long ends.
    #[serde(with = "duration")]
    pub stalled: Duration,
}

/// An account of an FTP server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountConfig {
    /// Its name.
    pub username: String,
    /// Its password.
    pub password: Secret,
}

/// `[package]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageConfig {
    /// The platform's Ed25519 key (PKCS#8), made when it is not there; empty: `signing.pk8` in `ftp.folder`.
    pub signing_key: PathBuf,
    /// Public keys, 64 hex digits each, whose signatures uploads may carry beside the platform's own.
    #[serde(deserialize_with = "keys")]
    pub trusted_keys: Vec<String>,
}

/// `[log_file]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogFileConfig {
    /// Logs asked for at once.
    #[serde(deserialize_with = "not_zero")]
    pub at_once: u32,
    /// The largest log.
    pub largest: ByteSize,
    /// An upload that has ended without 日志上传完成 counts as complete after so long.
    #[serde(with = "duration")]
    pub settled: Duration,
}

fn ports<'de, D: Deserializer<'de>>(from: D) -> Result<RangeInclusive<u16>, D::Error> {
    let text = String::deserialize(from)?;
    let range = text.split_once('-').and_then(|(first, last)| {
        let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        (first > 0 && first <= last).then_some(first..=last)
    });
    range.ok_or_else(|| Error::custom("must be a range of ports such as \"40000-40999\""))
}

fn keys<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let keys = Vec::<String>::deserialize(from)?;
    match keys
        .iter()
        .find(|key| hex::decode(key).map_or(0, |key| key.len()) != 32)
    {
        Some(_) => Err(Error::custom(
            "each must be an Ed25519 public key of 64 hex digits",
        )),
        None => Ok(keys),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Both {
        #[serde(deserialize_with = "ports")]
        ports: RangeInclusive<u16>,
        #[serde(deserialize_with = "keys")]
        keys: Vec<String>,
    }

    fn read(ports: &str, key: &str) -> Result<Both, String> {
        let json = serde_json::json!({ "ports": ports, "keys": [key] });
        serde_json::from_value(json).map_err(|error| error.to_string())
    }

    #[test]
    fn ports_and_keys_are_checked() {
        let key = "ab".repeat(32);
        let both = read("40000 - 40999", &key).unwrap();
        assert_eq!((both.ports, both.keys), (40_000..=40_999, vec![key.clone()]));
        for ports in ["", "40000", "2-1", "0-5", "1-70000", "a-b"] {
            assert!(
                read(ports, &key).unwrap_err().contains("range of ports"),
                "{ports}"
            );
        }
        assert!(read("1-2", "abcd").unwrap_err().contains("64 hex digits"));
    }
}
