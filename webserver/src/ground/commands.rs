//! The way to the piles: commands are asked of ops_tcu over the broker, and what becomes of them comes back.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use common::shutdown::Shutdown;
use protocol::{Uuid, topic::Topics};
use proxy::{Ask, Outcome, Proxy, ProxyError, ProxyOptions};
use tokio::{sync::broadcast, time::timeout};

use super::{Undone, error::ApiError, recent::Recent};
use crate::config;

/// The broker must take a command within this, or the caller is told that it is away.
const PATIENCE: Duration = Duration::from_secs(5);
/// Outcomes that a stream may lag behind.
const OUTCOMES: usize = 4096;

/// The connection to the broker; made at once, and again by itself.
pub(crate) struct Commands {
    proxy: Proxy,
    outcomes: broadcast::Sender<Arc<Outcome>>,
    recent: Arc<Recent>,
    stop: Shutdown,
}

impl Commands {
    /// # Panics
    /// Outside a tokio runtime.
    pub(crate) fn new(config: &config::Mqtt) -> Self {
        let (stop, topics) = (Shutdown::new(), Topics::new(&config.org, &config.kind));
        // Nobody keeps outcomes for a web server that is away, so each has a name of its own.
        let client_id = format!("webserver-{:08x}", rand::random::<u32>());
        let mut options = ProxyOptions::passing(config.broker.clone(), client_id, topics)
            .credentials(&config.username, config.password.expose());
        options.tls = config.ca_file.client();
        let (proxy, outcomes, _) = Proxy::watching(&options, OUTCOMES, stop.clone());
        let recent = Arc::<Recent>::default();
        tokio::spawn(remember(outcomes.subscribe(), recent.clone()));
        Self {
            proxy,
            outcomes,
            recent,
            stop,
        }
    }

    /// Asks for a command; done when the broker has it.
    pub(crate) async fn ask(&self, uuid: Uuid, ask: &Ask) -> Result<(), Undone> {
        self.require_up()?;
        self.recent.note(ask.mark(), Instant::now());
        taken(timeout(PATIENCE, self.proxy.ask(uuid, ask)).await)
    }

    /// Withdraws a command; done when the broker has it.
    pub(crate) async fn cancel(&self, uuid: Uuid, mark: &str) -> Result<(), Undone> {
        self.require_up()?;
        taken(timeout(PATIENCE, self.proxy.cancel(uuid, mark)).await)
    }

    /// What becomes of commands from now on, whoever asked for them.
    pub(crate) fn outcomes(&self) -> broadcast::Receiver<Arc<Outcome>> {
        self.outcomes.subscribe()
    }

    /// Whether a command was asked for here, or heard of, so lately that its row may still be on the way.
    pub(crate) fn is_new(&self, mark: &str) -> bool {
        self.recent.knows(mark, Instant::now())
    }

    /// Leaves the broker.
    pub(crate) fn close(&self) {
        self.stop.trigger();
    }

    fn require_up(&self) -> Result<(), Undone> {
        if self.proxy.is_up() {
            return Ok(());
        }
        Err(Undone::Surely(away()))
    }
}

/// Ends with the connection, whose end of the channel is dropped.
async fn remember(mut outcomes: broadcast::Receiver<Arc<Outcome>>, recent: Arc<Recent>) {
    loop {
        match outcomes.recv().await {
            Ok(outcome) => recent.note(&outcome.mark, Instant::now()),
            Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}

fn away() -> ApiError {
    ApiError::Unavailable(vec!["mqtt"])
}

fn taken(done: Result<Result<(), ProxyError>, tokio::time::error::Elapsed>) -> Result<(), Undone> {
    match done {
        Ok(Ok(())) => Ok(()),
        Ok(Err(ProxyError::Closed)) | Err(_) => Err(Undone::Perhaps(away())),
        Ok(Err(ProxyError::Ask(error))) => {
            tracing::error!(%error, "a command that was checked cannot be asked");
            Err(Undone::Surely(ApiError::Internal))
        }
    }
}
