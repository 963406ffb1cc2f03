//! The command line, which is also how tests describe a run.

mod acting;
mod help;

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use protocol::Uuid;

pub use acting::ActingOptions;

use crate::pile::firmware::Shares;
use crate::pile::profile::Profile;

/// A fleet of simulated piles, a load generator, and a report of latency and loss.
///
/// Without options 20 piles connect to 127.0.0.1:1883, live their lives, and report on Ctrl-C.
#[derive(Debug, Clone, Parser)]
#[command(name = "tcu_sim", version, after_help = help::after())]
pub struct Options {
    /// Brokers, piles are spread over them
    #[arg(
        long,
        value_name = "HOST:PORT,…",
        value_delimiter = ',',
        default_value = "127.0.0.1:1883",
        help_heading = "Broker"
    )]
    pub brokers: Vec<String>,
    /// Speak MQTT 5 instead of 3.1.1
    #[arg(long, help_heading = "Broker")]
    pub mqtt5: bool,
    /// User name for the broker; with --register every pile has its own
    #[arg(long, alias = "user", env = "OPS_MQTT_USERNAME", help_heading = "Broker")]
    pub username: Option<String>,
    /// Password for the broker; better in the environment, for everybody sees arguments
    #[arg(
        long,
        env = "OPS_MQTT_PASSWORD",
        hide_env_values = true,
        help_heading = "Broker"
    )]
    pub password: Option<String>,
    /// Speak TLS, trusting the CA in this PEM file only; --brokers by the names in their certificates
    #[arg(long, value_name = "FILE", help_heading = "Broker")]
    pub ca: Option<PathBuf>,
    /// Organization in the topics
    #[arg(long, default_value = "xjdy", help_heading = "Broker")]
    pub org: String,
    /// Kind of device in the topics
    #[arg(long, default_value = "TCU", help_heading = "Broker")]
    pub kind: String,
    /// MQTT keep-alive
    #[arg(long, value_parser = humantime::parse_duration, default_value = "60s", help_heading = "Broker")]
    pub keep_alive: Duration,
    /// New connections per second
    #[arg(long, value_name = "N", default_value_t = 500, help_heading = "Broker")]
    pub connect_rate: u32,

    /// Number of piles
    #[arg(long, value_name = "N", default_value_t = 20, help_heading = "Fleet")]
    pub piles: u32,
    /// Uuid of the first pile; the others count up from it
    #[arg(long, value_name = "UUID", default_value = "AAAAAAAA", help_heading = "Fleet")]
    pub first_uuid: Uuid,
    /// Skip this many piles after --first-uuid, to share a fleet among processes
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Fleet")]
    pub offset: u64,
    /// Seed of every random choice: the same seed gives the same piles
    #[arg(long, default_value_t = 1, help_heading = "Fleet")]
    pub seed: u64,
    /// Between two run data messages of one gun
    #[arg(long, value_parser = humantime::parse_duration, default_value = "15s", help_heading = "Fleet")]
    pub interval: Duration,
    /// Simulated seconds per second: 60 lets a charge end in about half a minute
    #[arg(long, value_name = "X", default_value_t = 1.0, help_heading = "Fleet")]
    pub speed: f64,
    /// Charges that a free pile starts per simulated hour
    #[arg(long, value_name = "PER_HOUR", default_value_t = 1.0, help_heading = "Fleet")]
    pub charge_rate: f64,
    /// Charges per pile at most, then it idles
    #[arg(long, value_name = "N", help_heading = "Fleet")]
    pub charges: Option<u32>,
    /// Share of charges that fail to start
    #[arg(long, value_name = "0..1", default_value_t = 0.05, help_heading = "Fleet")]
    pub boot_failure_rate: f64,
    /// Warnings raised per pile and simulated hour
    #[arg(long, value_name = "PER_HOUR", default_value_t = 0.2, help_heading = "Fleet")]
    pub warning_rate: f64,

    /// Begin with a factory number only: ask for registration, then connect with the credentials that are given
    #[arg(long, help_heading = "Registration")]
    pub register: bool,
    /// 型号 of every pile, in place of the simulated ones
    #[arg(long, value_name = "TEXT", help_heading = "Registration")]
    pub model: Option<String>,
    /// 合同号 in the request
    #[arg(long, value_name = "TEXT", default_value = "", help_heading = "Registration")]
    pub contract: String,
    /// What factory numbers begin with; twelve digits follow, the counter of the pile's first uuid
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "XJ",
        help_heading = "Registration"
    )]
    pub sn_prefix: String,
    /// Keep credentials in this file (for its owner only), and go on with them at the next start
    #[arg(long, value_name = "FILE", help_heading = "Registration")]
    pub credentials: Option<PathBuf>,
    /// Requests per second of the whole fleet, and as many under way at once (64 at most)
    #[arg(long, value_name = "N", default_value_t = 100, help_heading = "Registration")]
    pub register_rate: u32,
    /// Least pause before a pile that was held (待审核), refused or not answered asks again; it doubles up to 5 min
    #[arg(long, value_parser = humantime::parse_duration, default_value = "5s", help_heading = "Registration")]
    pub register_retry: Duration,

    /// How long to run; until Ctrl-C if absent
    #[arg(long, value_parser = humantime::parse_duration, help_heading = "Run")]
    pub duration: Option<Duration>,
    /// Until an unconfirmed record, event or boot failure is sent again
    #[arg(long, value_parser = humantime::parse_duration, default_value = "10s", help_heading = "Run")]
    pub resend: Duration,
    /// After the duration, wait this long at most for the confirmations that are missing
    #[arg(long, value_parser = humantime::parse_duration, default_value = "30s", help_heading = "Run")]
    pub linger: Duration,
    /// End as soon as every pile has had its --charges (1 if absent) confirmed
    #[arg(long, help_heading = "Run")]
    pub stop_when_confirmed: bool,

    /// Share of firmware with flat (version 1) run data
    #[arg(long, value_name = "0..1", default_value_t = 0.2, help_heading = "Firmware")]
    pub v1: f64,
    /// Share that sends changes only (数据变位)
    #[arg(long, value_name = "0..1", default_value_t = 0.1, help_heading = "Firmware")]
    pub changes_only: f64,
    /// Share that writes GB18030
    #[arg(long, value_name = "0..1", default_value_t = 0.05, help_heading = "Firmware")]
    pub gb18030: f64,
    /// Share that repeats keys in 关键器件动作应答
    #[arg(long, value_name = "0..1", default_value_t = 0.2, help_heading = "Firmware")]
    pub repeated_keys: f64,
    /// Share that puts raw bytes into the VIN
    #[arg(long, value_name = "0..1", default_value_t = 0.02, help_heading = "Firmware")]
    pub garbled_vin: f64,
    /// Share that answers commands on cmd_resp/+
    #[arg(long, value_name = "0..1", default_value_t = 0.2, help_heading = "Firmware")]
    pub cmd_resp: f64,
    /// Share that uses older names (交易记录, 告警, 输出电压)
    #[arg(long, value_name = "0..1", default_value_t = 0.1, help_heading = "Firmware")]
    pub old_names: f64,

    /// Load generator: a few connections carry the run data of all piles as fast as the broker takes it
    #[arg(long, help_heading = "Flood")]
    pub flood: bool,
    /// Connections of the flood
    #[arg(long, value_name = "N", default_value_t = 2, help_heading = "Flood")]
    pub connections: u32,
    /// Publishes in flight per connection
    #[arg(long, value_name = "N", default_value_t = 1000, help_heading = "Flood")]
    pub window: u16,
    /// Messages per second over all connections; unlimited if absent
    #[arg(long, value_name = "PER_SECOND", help_heading = "Flood")]
    pub rate: Option<u64>,
    /// Stop after this many messages
    #[arg(long, value_name = "N", help_heading = "Flood")]
    pub messages: Option<u64>,
    /// Share of the messages that are trade records
    #[arg(long, value_name = "0..1", default_value_t = 0.01, help_heading = "Flood")]
    pub trade_share: f64,

    /// What they do when told to
    #[command(flatten)]
    pub acting: ActingOptions,

    /// Write the report as JSON, - for standard output
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    pub json: Option<PathBuf>,
    /// Write every trade record as a JSON line: uuid, number, first sent, confirmed, sends
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    pub records: Option<PathBuf>,
    /// No progress and no report as text
    #[arg(long, short, help_heading = "Report")]
    pub quiet: bool,
}

/// An option that makes no sense, told to the user.
#[derive(Debug)]
pub struct BadOptions(pub String);

impl std::fmt::Display for BadOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadOptions {}

impl Default for Options {
    fn default() -> Self {
        Self::parse_from(["tcu_sim"])
    }
}

impl Options {
    /// Refuses what clap alone cannot.
    pub fn validate(&self) -> Result<(), BadOptions> {
        let shares = [
            ("boot-failure-rate", self.boot_failure_rate),
            ("v1", self.v1),
            ("changes-only", self.changes_only),
            ("v1 and --changes-only together", self.v1 + self.changes_only),
            ("gb18030", self.gb18030),
            ("repeated-keys", self.repeated_keys),
            ("garbled-vin", self.garbled_vin),
            ("cmd-resp", self.cmd_resp),
            ("old-names", self.old_names),
            ("trade-share", self.trade_share),
        ];
        if let Some((name, _)) = shares.iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
            return Err(BadOptions(format!("--{name} is a share: 0 to 1")));
        }
        let rules = [
            (
                self.speed > 0.0 && self.speed <= 3600.0,
                "--speed goes from above 0 to 3600",
            ),
            (
                self.charge_rate >= 0.0 && self.warning_rate >= 0.0,
                "rates are not negative",
            ),
            (
                self.boot_failure_rate < 1.0 || self.charges.is_none(),
                "with --boot-failure-rate 1 no pile ever makes its --charges",
            ),
            (
                self.piles > 0 && self.connect_rate > 0,
                "--piles and --connect-rate are at least 1",
            ),
            (
                self.connections > 0 && self.window > 0 && self.window < u16::MAX,
                "--connections is at least 1, --window 1 to 65534",
            ),
            (self.rate != Some(0), "--rate is at least 1"),
            (
                !self.interval.is_zero() && !self.resend.is_zero(),
                "--interval and --resend are above zero",
            ),
            (
                self.keep_alive >= Duration::from_secs(5) && self.keep_alive.as_secs() <= 65_535,
                "--keep-alive goes from 5s to 65535s",
            ),
            (
                self.brokers.iter().all(|broker| {
                    broker
                        .rsplit_once(':')
                        .is_some_and(|(_, port)| port.parse::<u16>().is_ok())
                }),
                "--brokers are host:port, separated by commas",
            ),
            (
                !(self.flood && self.stop_when_confirmed),
                "--stop-when-confirmed is for fleets; a --flood ends with --messages or --duration",
            ),
            (
                self.username.is_some() || self.password.is_none(),
                "--password needs --username",
            ),
            (
                !(self.flood && self.register),
                "--register is for fleets: a --flood speaks for many piles over one connection",
            ),
            (
                self.register_rate > 0 && !self.register_retry.is_zero(),
                "--register-rate and --register-retry are above zero",
            ),
            (
                !self
                    .sn_prefix
                    .contains(['/', '+', '#', '$', '\\', '"', '\'', ' '])
                    && self.sn_prefix.len() <= 52,
                "--sn-prefix has at most 52 bytes, and nothing that cannot stand in a topic",
            ),
            (
                self.uuid(self.piles - u32::from(self.piles > 0)).is_some(),
                "the last uuid would be beyond ZZZZZZZZ",
            ),
        ];
        match rules.iter().find(|(holds, _)| !holds) {
            Some((_, text)) => Err(BadOptions((*text).to_owned())),
            None => self.acting.validate(),
        }
    }

    /// The uuid of the pile with this index in this process.
    pub fn uuid(&self, index: u32) -> Option<Uuid> {
        let counter = self
            .first_uuid
            .counter()
            .checked_add(self.offset)?
            .checked_add(index.into())?;
        Uuid::from_counter(counter)
    }

    /// What the piles need to know.
    pub fn profile(&self) -> Profile {
        Profile {
            seed: self.seed,
            interval_ms: millis(self.interval),
            resend_ms: millis(self.resend),
            speed: self.speed,
            charge_rate: self.charge_rate,
            boot_failure_rate: self.boot_failure_rate,
            warning_rate: self.warning_rate,
            longest_charge_s: self
                .acting
                .longest_charge
                .map_or(f64::INFINITY, |longest| longest.as_secs_f64()),
            charges: self.charges.or(self.stop_when_confirmed.then_some(1)),
            sn_prefix: self.sn_prefix.clone(),
            model: self.model.clone(),
            shares: Shares {
                v1: self.v1,
                changes_only: self.changes_only,
                gb18030: self.gb18030,
                repeated_keys: self.repeated_keys,
                garbled_vin: self.garbled_vin,
                cmd_resp: self.cmd_resp,
                old_names: self.old_names,
            },
            acting: self.acting.acting(),
        }
    }

    /// User name and password for the broker.
    pub fn login(&self) -> Option<(String, String)> {
        let username = self.username.clone()?;
        Some((username, self.password.clone().unwrap_or_default()))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(arguments: &[&str]) -> String {
        let options = Options::try_parse_from([&["tcu_sim"], arguments].concat()).unwrap();
        options.validate().unwrap_err().0
    }

    #[test]
    fn defaults_hold() {
        Options::default().validate().unwrap();
        use clap::CommandFactory;
        Options::command().debug_assert();
    }

    #[test]
    fn nonsense_is_refused_in_words() {
        assert_eq!(refusal(&["--gb18030", "1.5"]), "--gb18030 is a share: 0 to 1");
        assert_eq!(
            refusal(&["--brokers", "localhost"]),
            "--brokers are host:port, separated by commas"
        );
        assert_eq!(
            refusal(&["--piles", "0"]),
            "--piles and --connect-rate are at least 1"
        );
        assert_eq!(
            refusal(&["--first-uuid", "ZZZZZZZZ"]),
            "the last uuid would be beyond ZZZZZZZZ"
        );
        assert!(Options::try_parse_from(["tcu_sim", "--first-uuid", "aa"]).is_err());
    }

    #[test]
    fn uuids_count_up_from_the_offset() {
        let options =
            Options::try_parse_from(["tcu_sim", "--first-uuid", "AAAAAMWY", "--offset", "2"]).unwrap();
        assert_eq!(options.uuid(1).unwrap().to_string(), "AAAAAMXB");
    }
}
