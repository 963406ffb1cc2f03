//! `command_batch`: one command for many piles, at a rate, with pause and cancel.
//!
//! People write `command_batch` and `command_batch_pile`; this room asks, and writes what became of each pile. A pile
//! that is offline is waited for by ops_tcu until the command's deadline. A batch ends by itself: ops_tcu ends every
//! command it has taken, and what it never took ends here two minutes after its deadline.
//!
//! Nothing but rows is kept. A connector that takes over asks again whatever it does not find in `command_record`,
//! under the same mark, so that no pile gets a second command.

mod desk;
mod pile;
mod work;

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use proxy::{ProxyError, State};
use store::table::command_batch::{self, BatchState};
use store::versioned::now;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tracing::{info, warn};

use crate::dispatch::{Follower, Heard};
use crate::ground::Ground;
use crate::wake::{POLL, Sleeper, What};
use desk::Desk;

/// Commands on their way to the broker at once.
const IN_HAND: usize = 128;
/// How often piles are chosen.
const TICK: Duration = Duration::from_millis(20);
/// How often changed rows are written.
const WRITE_EVERY: Duration = Duration::from_millis(250);
/// How often it is looked who has not been heard of.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Which pile of which batch, and whether the broker has its command.
type Asked = (u64, u64, Result<(), ProxyError>);

/// The room of one term.
pub(crate) fn start(ground: &Ground) -> impl Future<Output = ()> + Send + use<> {
    let room = Room {
        follower: ground.dispatch.follow("b"),
        sleeper: ground.wake.sleeper(What::Batch),
        desk: Desk::new(ground.clone()),
        asking: FuturesUnordered::new(),
        unwritten: Vec::new(),
        ground: ground.clone(),
    };
    room.run()
}

struct Room {
    ground: Ground,
    follower: Follower,
    sleeper: Sleeper,
    desk: Desk,
    asking: FuturesUnordered<BoxFuture<'static, Asked>>,
    /// Outcomes whose rows are not written yet.
    unwritten: Vec<Heard>,
}

impl Room {
    async fn run(mut self) {
        let stop = self.ground.stop.clone();
        tokio::select! {
            () = self.work() => {}
            () = stop.cancelled() => {}
        }
        // What was heard and is not written comes again.
        let last = tokio::time::timeout(Duration::from_secs(5), self.write());
        if last.await.is_err() {
            info!("the last steps of batches are not written; the next term reads them from command_record");
        }
    }

    async fn work(&mut self) {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut refreshed, mut written, mut looked) = (Instant::now(), Instant::now(), Instant::now());
        self.refresh().await;
        loop {
            tokio::select! {
                Some(asked) = self.asking.next(), if !self.asking.is_empty() => self.asked(asked),
                Some(heard) = self.follower.next() => self.heard(heard),
                () = self.sleeper.sleep_until(refreshed + POLL) => {
                    self.refresh().await;
                    refreshed = Instant::now();
                }
                _ = tick.tick() => {
                    self.choose();
                    if written.elapsed() >= WRITE_EVERY {
                        self.write().await;
                        written = Instant::now();
                    }
                    if looked.elapsed() >= LOOK_EVERY {
                        self.look().await;
                        looked = Instant::now();
                    }
                }
            }
        }
    }

    /// Reads which batches there are, and what people have done to them.
    async fn refresh(&mut self) {
        match self.desk.refresh().await {
            Ok(withdrawn) => self.withdraw(withdrawn),
            Err(error) => warn!(%error, "batches cannot be read now"),
        }
    }

    fn withdraw(&mut self, withdrawn: Vec<(protocol::Uuid, String)>) {
        for (uuid, mark) in withdrawn {
            let dispatch = self.ground.dispatch.clone();
            // Its outcome is an outcome like any other, and what is lost of it is looked for.
            tokio::spawn(async move {
                let _ = tokio::time::timeout(Duration::from_secs(60), dispatch.cancel(uuid, &mark)).await;
            });
        }
    }

    /// Asks for the commands of piles whose turn it is.
    fn choose(&mut self) {
        while self.asking.len() < IN_HAND {
            let Some((batch_id, device_id)) = self.desk.next(now()) else {
                return;
            };
            let Some((uuid, ask)) = self.desk.ask(batch_id, device_id) else {
                self.desk
                    .end(batch_id, device_id, State::Refused, "通信编号无效，未下达");
                continue;
            };
            let dispatch = self.ground.dispatch.clone();
            self.asking.push(Box::pin(async move {
                let asked = dispatch.ask(uuid, &ask).await;
                (batch_id, device_id, asked)
            }));
        }
    }

    fn asked(&mut self, (batch_id, device_id, asked): Asked) {
        match asked {
            Ok(()) => self.desk.asked(batch_id, device_id),
            Err(ProxyError::Ask(error)) => {
                let reason = format!("命令有误，未下达：{error}");
                self.desk.end(batch_id, device_id, State::Refused, &reason);
            }
            // The term ends.
            Err(ProxyError::Closed) => self.desk.not_asked(batch_id, device_id),
        }
    }

    fn heard(&mut self, heard: Heard) {
        let outcome = heard.outcome();
        if let Some((batch_id, device_id)) = command_batch::of_mark(&outcome.mark) {
            self.desk
                .heard(batch_id, device_id, outcome.state, &outcome.reason);
        }
        self.unwritten.push(heard);
    }

    /// Writes what has changed; only then are the outcomes acknowledged. Until ClickHouse is there nothing else is
    /// done, since nothing could be written down.
    async fn write(&mut self) {
        let heard = std::mem::take(&mut self.unwritten);
        self.desk.write().await;
        heard.into_iter().for_each(Heard::done);
    }

    /// Looks for what was not heard of, and ends what nobody will be heard of any more.
    async fn look(&mut self) {
        match self.desk.look().await {
            Ok(withdrawn) => self.withdraw(withdrawn),
            Err(error) => warn!(%error, "command_record cannot be read now"),
        }
        metrics::gauge!("connector_batches_open").set(self.desk.batches() as f64);
        metrics::gauge!("connector_batch_piles_open").set(self.desk.piles() as f64);
    }
}

/// Whether people let a batch go on.
const fn runs(state: BatchState) -> bool {
    matches!(state, BatchState::Pending | BatchState::Running)
}
