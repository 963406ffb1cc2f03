//! A pile's credentials: asked for when it has none, or when those it has no longer open the door.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use common::backoff::Backoff;
use protocol::Uuid;

use crate::pile::Pile;
use crate::register::{Answer, Credentials, Registrar, ask};
use crate::world::World;

const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// A broker refuses a disabled pile and a wrong password alike: after so many refusals in a row the pile asks for
/// other credentials, as one does whose password was changed.
const REFUSALS: u32 = 2;

/// See the module.
pub(super) struct Admission {
    sn: Box<str>,
    credentials: Option<Credentials>,
    /// Refused in a row.
    refusals: u32,
    /// Since when a pile that had no credentials wants some.
    waiting_since: Option<Instant>,
    least_pause: Duration,
    backoff: Backoff,
}

impl Admission {
    pub(super) fn new(registrar: &Registrar, pile: &Pile, world: &World) -> Self {
        let sn = pile.sn().into_boxed_str();
        let least_pause = world.options.register_retry;
        Self {
            credentials: registrar.remembered(&sn),
            sn,
            refusals: 0,
            waiting_since: None,
            least_pause,
            backoff: Backoff::new(least_pause, LONGEST_PAUSE),
        }
    }

    /// Its uuid, if it has one by now.
    pub(super) fn uuid(&self) -> Option<Uuid> {
        self.credentials.as_ref().map(|own| own.uuid)
    }

    /// User name and password.
    pub(super) fn login(&self) -> Option<(String, String)> {
        let own = self.credentials.as_ref()?;
        Some((own.username.to_string(), own.password.to_string()))
    }

    /// Asks for registration if need be; gives the uuid, or how long to wait.
    pub(super) async fn prepare(
        &mut self,
        world: &World,
        index: u32,
        pile: &mut Pile,
    ) -> Result<Uuid, Duration> {
        if let Some(uuid) = self.uuid().filter(|_| self.refusals < REFUSALS) {
            return Ok(uuid);
        }
        let Some(registrar) = &world.registrar else {
            return Err(LONGEST_PAUSE);
        };
        if self.credentials.is_none() {
            self.waiting_since.get_or_insert_with(Instant::now);
        }
        let answer = {
            let _turn = registrar.turn().await;
            let request = pile.ask_for_registration(&registrar.contract, world.now_ms());
            // Apart: a pile that runs must not carry the room for it.
            Box::pin(ask(world, index, &self.sn, request)).await
        };
        registrar.count(&answer);
        // Whatever the answer: those it has are worth another try, a disabled pile may have been let in again.
        self.refusals = 0;
        match answer {
            Answer::Registered(credentials) => {
                self.take(world, credentials);
                self.backoff.reset();
                return self.uuid().ok_or(LONGEST_PAUSE);
            }
            Answer::Held => {}
            Answer::Refused(why) => world.stats.count_error(&format!("registration refused: {why}")),
            Answer::None(why) => world.stats.count_error(&format!("registration: {why}")),
        }
        Err(self.pause())
    }

    /// The broker has let it in.
    pub(super) fn let_in(&mut self, world: &World) {
        self.refusals = 0;
        self.backoff.reset();
        if let (Some(since), Some(registrar)) = (self.waiting_since.take(), &world.registrar) {
            registrar.runs(since.elapsed());
        }
    }

    /// The broker has refused it; how long to stay away.
    pub(super) fn shut_out(&mut self, world: &World) -> Duration {
        self.refusals += 1;
        if let Some(registrar) = &world.registrar {
            registrar.counts.shut_out.fetch_add(1, Relaxed);
        }
        self.pause()
    }

    /// 更新ID: another uuid, the same account.
    pub(super) fn renamed(&mut self, world: &World, uuid: Uuid) {
        if let Some(own) = self.credentials.clone() {
            self.take(world, Credentials { uuid, ..own });
        }
    }

    fn take(&mut self, world: &World, credentials: Credentials) {
        let kept = world
            .registrar
            .as_ref()
            .map(|registrar| registrar.keep(&self.sn, &credentials));
        if let Some(Err(error)) = kept {
            world.stats.count_error(&format!("{error:#}"));
        }
        self.credentials = Some(credentials);
    }

    /// Never less than the least pause; the rest spreads a fleet that was refused together.
    fn pause(&mut self) -> Duration {
        self.least_pause + self.backoff.next_delay()
    }
}
