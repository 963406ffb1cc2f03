//! Options about what piles do when they are told to.

use std::path::PathBuf;
use std::time::Duration;

use super::{BadOptions, millis};
use crate::pile::build::Build;
use crate::pile::fault::FaultShare;
use crate::pile::profile::Acting;

/// See the module.
#[derive(Debug, Clone, clap::Args)]
pub struct ActingOptions {
    /// 软件版本 of every pile when it leaves the factory, in place of the simulated ones
    #[arg(long, value_name = "VERSION", help_heading = "Commands")]
    pub software: Option<String>,
    /// Piles that run this version behave in their own way: boot-failure=0..1 is the share of charges that fail to
    /// start, warnings and offline are per pile and simulated hour, traffic is a factor on run data, dead=0..1 is the
    /// share that never comes back from an update to it; may be given for several versions
    #[arg(long = "build", value_name = "VERSION:KEY=VALUE,…", help_heading = "Commands")]
    pub builds: Vec<Build>,
    /// Share of piles that misbehave, each in one way: see below
    #[arg(
        long = "fault",
        value_name = "KIND=0..1,…",
        value_delimiter = ',',
        help_heading = "Commands"
    )]
    pub faults: Vec<FaultShare>,
    /// After which piles with the fault late answer
    #[arg(long, value_parser = humantime::parse_duration, default_value = "30s", help_heading = "Commands")]
    pub late: Duration,
    /// Connections that each pile loses per simulated hour, for half a minute to five
    #[arg(
        long,
        value_name = "PER_HOUR",
        default_value_t = 0.0,
        help_heading = "Commands"
    )]
    pub offline_rate: f64,
    /// Ed25519 public key, 64 hex digits or a file with them: 数字签名 of packages is checked, over their SHA-256
    #[arg(long, value_name = "HEX|FILE", help_heading = "Commands")]
    pub firmware_key: Option<String>,
    /// FTP connections of this process at once; the others wait for their turn
    #[arg(long, value_name = "N", default_value_t = 256, help_heading = "Commands")]
    pub ftp_connections: u32,
    /// How long a pile waits for an FTP server: for its connection, an answer, or the next bytes
    #[arg(long, value_parser = humantime::parse_duration, default_value = "20s", help_heading = "Commands")]
    pub ftp_patience: Duration,
    /// Bytes per second of one transfer; unlimited if absent
    #[arg(long, value_name = "BYTES", help_heading = "Commands")]
    pub ftp_rate: Option<u64>,
    /// The longest log that 日志召唤 gets, bytes; most are much shorter
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20, help_heading = "Commands")]
    pub log_bytes: u64,
    /// Drivers leave after this long at the latest, simulated time. A record tells simulated times: at --speed 60 one of
    /// half an hour seems to have begun long before an update that in truth it followed
    #[arg(long, value_parser = humantime::parse_duration, help_heading = "Fleet")]
    pub longest_charge: Option<Duration>,
    /// Write every command heard as a JSON line: uuid, 命令, reqid, when, how often, when answered
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    pub commands: Option<PathBuf>,
}

impl ActingOptions {
    /// What makes no sense, in words.
    pub(super) fn validate(&self) -> Result<(), BadOptions> {
        let shares: f64 = self.faults.iter().map(|entry| entry.share).sum();
        let rules = [
            (
                shares <= 1.0 + 1e-9,
                "the shares of --fault are 1 at most together",
            ),
            (
                self.longest_charge.is_none_or(|longest| longest.as_secs() >= 1),
                "--longest-charge is at least 1s",
            ),
            (self.offline_rate >= 0.0, "rates are not negative"),
            (self.ftp_connections > 0, "--ftp-connections is at least 1"),
            (!self.ftp_patience.is_zero(), "--ftp-patience is above zero"),
            (self.ftp_rate != Some(0), "--ftp-rate is at least 1"),
        ];
        match rules.iter().find(|(holds, _)| !holds) {
            Some((_, text)) => Err(BadOptions((*text).to_owned())),
            None => self.key().map(drop),
        }
    }

    /// What the piles need to know.
    pub(super) fn acting(&self) -> Acting {
        Acting {
            software: self.software.clone(),
            builds: self.builds.clone(),
            faults: self.faults.clone(),
            late_ms: millis(self.late),
            offline_rate: self.offline_rate,
            firmware_key: self.key().ok().flatten(),
            log_bytes: self.log_bytes,
        }
    }

    fn key(&self) -> Result<Option<[u8; 32]>, BadOptions> {
        let Some(given) = &self.firmware_key else {
            return Ok(None);
        };
        let bad = |why: &str| BadOptions(format!("--firmware-key {given}: {why}"));
        let text = if given.len() == 64 {
            given.clone()
        } else {
            std::fs::read_to_string(given).map_err(|error| bad(&error.to_string()))?
        };
        let bytes = hex::decode(text.trim()).map_err(|_| bad("not in hex"))?;
        let key = bytes.try_into().map_err(|_| bad("a key has 64 hex digits"))?;
        Ok(Some(key))
    }
}
