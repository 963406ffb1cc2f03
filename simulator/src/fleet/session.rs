//! One pile's life on the network: connect, subscribe, carry messages both ways, come back after a loss.

use std::sync::Arc;
use std::time::Duration;

use common::backoff::Backoff;
use protocol::Uuid;
use tokio::sync::watch;

use super::station::{Exit, Station};
use crate::link::{Hello, Link};
use crate::pile::output::Reconnect;
use crate::pile::{OFFLINE, Pile};
use crate::world::{Phase, World};

const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(30);
/// Failed attempts at a new broker before the pile goes back to the old one (更新主站).
const MOVE_ATTEMPTS: u32 = 3;

/// A pile and where it connects.
pub(super) struct Session {
    world: Arc<World>,
    index: u32,
    uuid: Uuid,
    pile: Pile,
    /// Where 更新主站 sent it, with the credentials for it, and failed attempts there.
    moved: Option<Moved>,
    phase: watch::Receiver<Phase>,
}

struct Moved {
    broker: String,
    login: Option<(String, String)>,
    failures: u32,
}

impl Session {
    pub(super) fn new(world: Arc<World>, index: u32) -> Self {
        let uuid = world
            .options
            .uuid(index)
            .expect("the options were validated up to the last pile");
        let pile = Pile::new(Arc::clone(&world.profile), uuid, world.now_ms());
        let phase = world.phase();
        Self {
            world,
            index,
            uuid,
            pile,
            moved: None,
            phase,
        }
    }

    /// Runs until the run stops.
    pub(super) async fn run(mut self) {
        let mut backoff = Backoff::new(FIRST_DELAY, LONGEST_DELAY);
        let mut has_connected = false;
        while self.is_wanted() {
            match self.open().await {
                Some(link) => {
                    self.world.stats.count_connected();
                    if std::mem::replace(&mut has_connected, true) {
                        self.world
                            .stats
                            .reconnects
                            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                    backoff.reset();
                    if self.serve(link).await {
                        return;
                    }
                }
                None if !self.is_wanted() => return,
                None => self.note_failure(),
            }
            let delay = backoff.next_delay();
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                _ = self.phase.wait_for(|phase| *phase == Phase::Stopping) => return,
            }
        }
    }

    /// A pile that has nothing left to say does not connect again once the run winds down.
    fn is_wanted(&self) -> bool {
        match *self.phase.borrow() {
            Phase::Running => true,
            Phase::Lingering => !self.pile.is_settled(),
            Phase::Stopping => false,
        }
    }

    async fn open(&mut self) -> Option<Link> {
        let (broker, hello) = self.destination();
        let opening = Link::open(&broker, self.world.version(), &hello);
        tokio::select! {
            opened = opening => opened.map_err(|error| self.world.stats.count_error(&error)).ok(),
            _ = self.phase.wait_for(|phase| *phase == Phase::Stopping) => None,
        }
    }

    fn destination(&self) -> (String, Hello) {
        let mut hello = self.world.hello(self.uuid.to_string());
        hello.will = Some((self.world.topics.status(self.uuid), OFFLINE));
        match &self.moved {
            Some(moved) => {
                hello.login = moved.login.clone().or(hello.login);
                (moved.broker.clone(), hello)
            }
            None => (self.world.broker(self.index).to_owned(), hello),
        }
    }

    fn note_failure(&mut self) {
        if let Some(moved) = &mut self.moved {
            moved.failures += 1;
            if moved.failures >= MOVE_ATTEMPTS {
                self.moved = None;
            }
        }
    }

    /// True when the run is over for this pile.
    async fn serve(&mut self, link: Link) -> bool {
        let phase = self.phase.clone();
        let station = Station::new(&self.world, self.index, self.uuid, &mut self.pile, link, phase);
        let exit = station.serve().await;
        self.pile.disconnected();
        match exit {
            Exit::Stopped => {
                self.world
                    .stats
                    .connected
                    .fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
                true
            }
            Exit::Lost(error) => {
                self.world.stats.count_lost(&error.to_string());
                false
            }
            Exit::Again(reconnect) => {
                self.world
                    .stats
                    .connected
                    .fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
                self.follow(reconnect);
                false
            }
        }
    }

    fn follow(&mut self, reconnect: Reconnect) {
        self.uuid = reconnect.uuid.unwrap_or(self.uuid);
        if let Some(broker) = reconnect.broker {
            self.moved = Some(Moved {
                broker,
                login: reconnect.login,
                failures: 0,
            });
        }
    }
}
