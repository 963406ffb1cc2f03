//! One orderly stop for a whole service: a token that every task holds, raised by a signal or by a failure.

use std::{future::Future, io, time::Duration};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A clonable handle on the service's stop. Once raised it stays raised.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(CancellationToken);

/// The stop took longer than its deadline; the name says what was waited for.
#[derive(Debug, thiserror::Error)]
#[error("{what} did not stop within {deadline:?}")]
pub struct DeadlinePassed {
    what: &'static str,
    deadline: Duration,
}

impl Shutdown {
    /// A handle that only [`Self::trigger`] raises (tests, embedded services).
    pub fn new() -> Self {
        Self::default()
    }

    /// A handle raised by SIGTERM or SIGINT (Ctrl-C). A second signal ends the process at once with
    /// code 130, for whoever does not want to wait for the drain.
    ///
    /// # Errors
    /// When the signal handlers cannot be installed.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn on_signals() -> io::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let shutdown = Self::new();
        let raised = shutdown.clone();
        tokio::spawn(async move {
            let mut next = async || {
                tokio::select! {
                    _ = terminate.recv() => "SIGTERM",
                    _ = interrupt.recv() => "SIGINT",
                }
            };
            let first = next().await;
            tracing::info!(signal = first, "stopping");
            raised.trigger();
            let second = next().await;
            tracing::warn!(signal = second, "stopping at once");
            std::process::exit(130);
        });
        Ok(shutdown)
    }

    /// Raises the stop.
    pub fn trigger(&self) {
        self.0.cancel();
    }

    /// Whether the stop has been raised.
    pub fn is_triggered(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Completes once the stop has been raised.
    pub async fn cancelled(&self) {
        self.0.cancelled().await;
    }

    /// A handle that this one raises, but that does not raise this one: for stopping one stage alone.
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }

    /// Waits for `stage` at most `deadline` long.
    ///
    /// # Errors
    /// [`DeadlinePassed`], naming `what`; the stage's future is dropped then.
    pub async fn within<T>(
        deadline: Duration,
        what: &'static str,
        stage: impl Future<Output = T>,
    ) -> Result<T, DeadlinePassed> {
        tokio::time::timeout(deadline, stage)
            .await
            .map_err(|_| DeadlinePassed { what, deadline })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_child_stops_with_its_parent_but_not_the_reverse() {
        let parent = Shutdown::new();
        let child = parent.child();
        child.trigger();
        assert!(!parent.is_triggered());
        let other = parent.child();
        parent.trigger();
        other.cancelled().await;
    }

    #[tokio::test]
    async fn a_deadline_names_what_hangs() {
        let hanging = std::future::pending::<()>();
        let error = Shutdown::within(Duration::from_millis(1), "the inserter", hanging)
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), "the inserter did not stop within 1ms");
    }

    #[tokio::test]
    async fn sigterm_raises_the_stop() {
        let shutdown = Shutdown::on_signals().unwrap();
        let kill = std::process::Command::new("kill")
            .arg(std::process::id().to_string())
            .status()
            .unwrap();
        assert!(kill.success());
        Shutdown::within(Duration::from_secs(5), "the signal", shutdown.cancelled())
            .await
            .unwrap();
    }
}
