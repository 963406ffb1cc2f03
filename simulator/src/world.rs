//! What all connections of a run share: options, topics, clocks, counters, and the phase of the run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::tls;
use protocol::topic::Topics;
use tokio::sync::watch;
use tokio_rustls::rustls::ClientConfig;

use crate::clock;
use crate::ftp::Courier;
use crate::link::{Hello, Link, NotOpen, Version};
use crate::options::Options;
use crate::pile::profile::Profile;
use crate::register::Registrar;
use crate::report::commands::CommandLedger;
use crate::report::deeds::Deeds;
use crate::report::ledger::Ledger;
use crate::report::stats::Stats;

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Piles live.
    Running,
    /// Nothing new; what is unconfirmed is sent again.
    Lingering,
    /// Disconnect.
    Stopping,
}

/// The shared part.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) profile: Arc<Profile>,
    pub(crate) topics: Topics,
    pub(crate) stats: Stats,
    pub(crate) ledger: Ledger,
    pub(crate) commands: CommandLedger,
    pub(crate) deeds: Deeds,
    pub(crate) courier: Arc<Courier>,
    /// Where credentials come from, if not from the options.
    pub(crate) registrar: Option<Registrar>,
    tls: Option<Arc<ClientConfig>>,
    pub(crate) started: Instant,
    started_ms: i64,
    phase: watch::Sender<Phase>,
}

impl World {
    /// # Errors
    /// When a file that the options name cannot be used.
    pub(crate) fn new(options: Options) -> anyhow::Result<Self> {
        let (started, started_ms) = (Instant::now(), clock::now_ms());
        let tls = options.ca.as_deref().map(tls::client).transpose()?;
        Ok(Self {
            registrar: Registrar::new(&options)?,
            tls,
            profile: Arc::new(options.profile()),
            topics: Topics::new(&options.org, &options.kind),
            stats: Stats::new(),
            ledger: Ledger::new(started, started_ms),
            commands: CommandLedger::new(started, started_ms),
            deeds: Deeds::default(),
            courier: Arc::new(Courier::new(
                options.acting.ftp_connections,
                options.acting.ftp_patience,
                options.acting.ftp_rate,
            )),
            started,
            started_ms,
            phase: watch::Sender::new(Phase::Running),
            options,
        })
    }

    /// Connects to a broker.
    pub(crate) async fn open(&self, broker: &str, hello: &Hello) -> Result<Link, NotOpen> {
        Link::open(broker, self.tls.as_ref(), self.version(), hello).await
    }

    /// Unix ms, undisturbed by the host's clock being set while a run goes on.
    pub(crate) fn now_ms(&self) -> i64 {
        self.started_ms + i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// The moment of a Unix ms that is not in the past; far ones are cut to a day.
    pub(crate) fn instant_of(&self, ms: i64) -> tokio::time::Instant {
        let wait = ms.saturating_sub(self.now_ms()).clamp(0, 86_400_000);
        tokio::time::Instant::now() + Duration::from_millis(wait.unsigned_abs())
    }

    pub(crate) fn phase(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.send_replace(phase);
    }

    fn version(&self) -> Version {
        if self.options.mqtt5 {
            Version::V5
        } else {
            Version::V4
        }
    }

    pub(crate) fn broker(&self, index: u32) -> &str {
        &self.options.brokers[index as usize % self.options.brokers.len()]
    }

    pub(crate) fn hello(&self, client_id: String) -> Hello {
        Hello {
            client_id,
            login: self.options.login(),
            keep_alive_s: u16::try_from(self.options.keep_alive.as_secs()).unwrap_or(u16::MAX),
            will: None,
        }
    }
}
