//! What all piles of a fleet share: rates, intervals and shares of firmware.

use super::build::Build;
use super::fault::FaultShare;
use super::firmware::Shares;

/// The behaviour of a fleet. Rates are per hour of simulated time, intervals are wall time.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Seed of every random choice.
    pub seed: u64,
    /// Between two run data messages of one gun, ms.
    pub interval_ms: i64,
    /// After which an unconfirmed message is sent again, ms.
    pub resend_ms: i64,
    /// Simulated seconds per second.
    pub speed: f64,
    /// Charges that a free pile starts per hour.
    pub charge_rate: f64,
    /// Share of charges that fail to start.
    pub boot_failure_rate: f64,
    /// Warnings raised per pile and hour.
    pub warning_rate: f64,
    /// Seconds of simulated time after which a driver leaves at the latest.
    pub longest_charge_s: f64,
    /// Charges a pile makes at most, if limited.
    pub charges: Option<u32>,
    /// What factory numbers begin with.
    pub sn_prefix: String,
    /// 型号 of every pile, in place of its own.
    pub model: Option<String>,
    /// Kinds of firmware.
    pub shares: Shares,
    /// What they do when told to.
    pub acting: Acting,
}

/// How a fleet acts on commands.
#[derive(Debug, Clone, PartialEq)]
pub struct Acting {
    /// 软件版本 of every pile when it leaves the factory, in place of its own.
    pub software: Option<String>,
    /// Versions that behave in their own way.
    pub builds: Vec<Build>,
    /// What goes wrong, and with how many.
    pub faults: Vec<FaultShare>,
    /// After which a pile that is late answers, ms.
    pub late_ms: i64,
    /// Connections lost per pile and hour of simulated time.
    pub offline_rate: f64,
    /// The Ed25519 key that packages must be signed with, if that is looked at.
    pub firmware_key: Option<[u8; 32]>,
    /// The longest log, bytes.
    pub log_bytes: u64,
}

impl Default for Acting {
    fn default() -> Self {
        Self {
            software: None,
            builds: Vec::new(),
            faults: Vec::new(),
            late_ms: 30_000,
            offline_rate: 0.0,
            firmware_key: None,
            log_bytes: 1 << 20,
        }
    }
}

impl Profile {
    /// Wall milliseconds of simulated seconds, at least one.
    pub(crate) fn wall_ms(&self, simulated_s: f64) -> i64 {
        ((simulated_s * 1000.0 / self.speed) as i64).max(1)
    }

    /// Wall milliseconds until the next event of a Poisson process of `per_hour`; far away for rate 0.
    pub(crate) fn draw_wait_ms(&self, per_hour: f64, rng: &mut impl rand::Rng) -> i64 {
        if per_hour <= 0.0 {
            return FAR_AWAY_MS;
        }
        let uniform: f64 = rng.random_range(f64::EPSILON..1.0);
        self.wall_ms((-uniform.ln() * 3600.0 / per_hour).min(1e9))
    }
}

/// Later than any run lasts, yet safe to add to a Unix time.
pub(crate) const FAR_AWAY_MS: i64 = 1 << 52;
