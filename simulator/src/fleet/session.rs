//! One pile's life on the network: connect, subscribe, carry messages both ways, come back after a loss.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use common::backoff::Backoff;
use protocol::Uuid;
use tokio::sync::watch;

use super::admission::Admission;
use super::station::{Exit, Place, Station};
use crate::ftp::Transfers;
use crate::link::{Hello, Link, NotOpen};
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
    /// How it comes by its credentials, where every pile has its own.
    admission: Option<Box<Admission>>,
    /// Where 更新主站 sent it, with the credentials for it, and failed attempts there.
    moved: Option<Moved>,
    /// Go on while there is no connection.
    transfers: Transfers,
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
        if let Some(fault) = pile.fault() {
            world.deeds.count_fault(fault);
        }
        let registrar = world.registrar.as_ref();
        let admission = registrar.map(|registrar| Box::new(Admission::new(registrar, &pile, &world)));
        let uuid = admission.as_ref().and_then(|own| own.uuid()).unwrap_or(uuid);
        let phase = world.phase();
        Self {
            world,
            index,
            uuid,
            pile,
            admission,
            moved: None,
            transfers: Transfers::default(),
            phase,
        }
    }

    /// Runs until the run stops.
    pub(super) async fn run(mut self) {
        let mut backoff = Backoff::new(FIRST_DELAY, LONGEST_DELAY);
        let mut has_connected = false;
        while self.is_wanted() {
            let delay = match self.attempt().await {
                Some(Ok(link)) => {
                    self.world.stats.count_connected();
                    if std::mem::replace(&mut has_connected, true) {
                        self.world.stats.reconnects.fetch_add(1, Relaxed);
                    }
                    backoff.reset();
                    match self.serve(link).await {
                        None => return,
                        Some(away) if away.is_zero() => backoff.next_delay(),
                        Some(away) => away,
                    }
                }
                Some(Err(NotYet::After(delay))) => delay,
                Some(Err(NotYet::Failed)) => {
                    self.note_failure();
                    backoff.next_delay()
                }
                None => return,
            };
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

    /// A connection, with credentials of its own if it needs some; none when the run is over.
    async fn attempt(&mut self) -> Option<Result<Link, NotYet>> {
        let mut phase = self.phase.clone();
        let stopping = async move { drop(phase.wait_for(|phase| *phase == Phase::Stopping).await) };
        tokio::select! {
            biased;
            () = stopping => None,
            opened = self.try_open() => Some(opened),
        }
    }

    async fn try_open(&mut self) -> Result<Link, NotYet> {
        if let Some(admission) = &mut self.admission {
            let ready = admission.prepare(&self.world, self.index, &mut self.pile).await;
            self.uuid = ready.map_err(NotYet::After)?;
        }
        let (broker, hello) = self.destination();
        let opened = self.world.open(&broker, &hello).await;
        if let Err(error) = &opened {
            self.world.stats.count_error(&error.to_string());
        }
        match (opened, &mut self.admission) {
            (Ok(link), Some(admission)) => {
                admission.let_in(&self.world);
                Ok(link)
            }
            (Ok(link), None) => Ok(link),
            (Err(NotOpen::Refused(_)), Some(admission)) if self.moved.is_none() => {
                Err(NotYet::After(admission.shut_out(&self.world)))
            }
            (Err(_), _) => Err(NotYet::Failed),
        }
    }

    fn destination(&self) -> (String, Hello) {
        let mut hello = self.world.hello(self.uuid.to_string());
        hello.will = Some((self.world.topics.status(self.uuid), OFFLINE));
        if let Some(admission) = &self.admission {
            hello.login = admission.login();
        }
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

    /// How long it stays away before it connects again; none when the run is over for this pile.
    async fn serve(&mut self, link: Link) -> Option<Duration> {
        let phase = self.phase.clone();
        let place = Place {
            index: self.index,
            uuid: self.uuid,
        };
        let station = Station::new(
            &self.world,
            place,
            &mut self.pile,
            &mut self.transfers,
            link,
            phase,
        );
        let exit = station.serve().await;
        self.pile.disconnected();
        match exit {
            Exit::Stopped => {
                self.world.stats.connected.fetch_sub(1, Relaxed);
                None
            }
            Exit::Lost(error) => {
                self.world.stats.count_lost(&error.to_string());
                Some(Duration::ZERO)
            }
            Exit::Again(reconnect) => {
                self.world.stats.connected.fetch_sub(1, Relaxed);
                let away = Duration::from_millis(reconnect.away_ms.unsigned_abs());
                self.follow(reconnect);
                Some(away)
            }
        }
    }

    fn follow(&mut self, reconnect: Reconnect) {
        if reconnect.is_restart {
            self.transfers.end_all();
        }
        if let Some(uuid) = reconnect.uuid {
            self.uuid = uuid;
            if let Some(admission) = &mut self.admission {
                admission.renamed(&self.world, uuid);
            }
        }
        if let Some(broker) = reconnect.broker {
            self.moved = Some(Moved {
                broker,
                login: reconnect.login,
                failures: 0,
            });
        }
    }
}

/// Why there is no connection now.
enum NotYet {
    /// The platform said so, or the broker: come back after this long.
    After(Duration),
    /// Nobody is there.
    Failed,
}
