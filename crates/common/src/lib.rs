//! What every service needs and no domain knows: configuration, telemetry, shutdown, back-off.
//!
//! Nothing about charging piles, tables or topics may enter here.

pub mod address;
pub mod backoff;
pub mod config;
pub mod cron;
pub mod language;
pub mod shutdown;
pub mod telemetry;
pub mod tls;

/// Exit code of a program whose configuration is wrong (`EX_USAGE` of sysexits.h): a supervisor must not
/// restart it, because it would fail the same way again.
pub const EXIT_BAD_CONFIG: u8 = 64;
