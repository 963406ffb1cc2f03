//! Keeps one child running, and tells what happens to it.

use std::{
    process::ExitStatus,
    sync::Arc,
    time::{Duration, Instant},
};

use common::shutdown::Shutdown;
use tokio::{sync::mpsc::UnboundedSender, task::JoinHandle};

use super::{child::Child, launcher::Launcher, terminal};
use crate::{
    error::UpError,
    health,
    plan::{Ports, Restarts, Service, Verdict},
};

const ASK_EVERY: Duration = Duration::from_millis(100);

/// What happens to a child.
#[derive(Debug)]
pub(super) enum Event {
    /// It runs under this process id.
    Started(u32),
    /// It has answered its readiness.
    Ready,
    /// It ended by itself.
    Ended {
        how: String,
        uptime: Duration,
        verdict: Verdict,
    },
    /// It cannot be started.
    Failed { error: UpError, delay: Duration },
}

/// Events of all children. Unbounded: a child makes a handful per restart, and restarts back off.
pub(super) type Events = UnboundedSender<(Service, Event)>;

/// The hold on one supervised child.
#[derive(Debug)]
pub(super) struct Supervisor {
    stop: Shutdown,
    task: JoinHandle<bool>,
}

impl Supervisor {
    /// Starts the child and keeps it running until [`Self::stop`].
    pub(super) fn start(service: Service, launcher: Arc<Launcher>, ports: Ports, events: Events) -> Self {
        let stop = Shutdown::new();
        let keeper = Keeper {
            service,
            launcher,
            ports,
            events,
            stop: stop.clone(),
        };
        Self {
            stop,
            task: tokio::spawn(keeper.keep()),
        }
    }

    /// Stops the child in good order; says whether it went by itself.
    pub(super) async fn stop(self) -> bool {
        self.stop.trigger();
        self.task.await.unwrap_or(false)
    }
}

struct Keeper {
    service: Service,
    launcher: Arc<Launcher>,
    ports: Ports,
    events: Events,
    stop: Shutdown,
}

impl Keeper {
    async fn keep(self) -> bool {
        let mut restarts = Restarts::default();
        loop {
            let begun = Instant::now();
            let launched = tokio::select! {
                launched = self.launcher.launch(self.service) => launched,
                () = self.stop.cancelled() => return true,
            };
            let verdict = match launched {
                Ok(child) => match self.attend(child).await {
                    Watched::Stopped(orderly) => return orderly,
                    Watched::Ended(status) => self.judge(&mut restarts, status, begun.elapsed()),
                },
                Err(error) => {
                    let verdict = restarts.judge(begun.elapsed(), None, true);
                    let delay = if let Verdict::Restart(delay) = verdict {
                        delay
                    } else {
                        Duration::ZERO
                    };
                    self.tell(Event::Failed { error, delay });
                    verdict
                }
            };
            let Verdict::Restart(delay) = verdict else {
                return true;
            };
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = self.stop.cancelled() => return true,
            }
        }
    }

    fn judge(&self, restarts: &mut Restarts, status: Option<ExitStatus>, uptime: Duration) -> Verdict {
        let endless = self.service != Service::Simulator;
        let verdict = restarts.judge(uptime, status.and_then(|status| status.code()), endless);
        let how = status.map_or_else(|| "lost".to_owned(), terminal::how);
        self.tell(Event::Ended { how, uptime, verdict });
        verdict
    }

    /// Watches one life of the child.
    async fn attend(&self, mut child: Child) -> Watched {
        self.tell(Event::Started(child.pid().unwrap_or_default()));
        let mut answered = false;
        loop {
            tokio::select! {
                status = child.exited() => return Watched::Ended(status.ok()),
                () = self.stop.cancelled() => {
                    return Watched::Stopped(child.stop(self.service.stop_deadline()).await);
                }
                () = self.until_ready(), if !answered => {
                    answered = true;
                    self.tell(Event::Ready);
                }
            }
        }
    }

    async fn until_ready(&self) {
        while health::ask(self.service, &self.ports).await.is_err() {
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    fn tell(&self, event: Event) {
        // Nobody listens any more once everything is being stopped.
        let _ = self.events.send((self.service, event));
    }
}

enum Watched {
    /// By itself; no status if the system lost it.
    Ended(Option<ExitStatus>),
    /// On our order; whether it obeyed in time.
    Stopped(bool),
}
