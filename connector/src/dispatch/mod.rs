//! Asks ops_tcu for commands, no faster than allowed, and spreads what becomes of them.
//!
//! For a room that wants commands of piles:
//!
//! 1. Choose a mark that tells the command from every other of this pile for ever, beginning with a prefix of the
//!    room's own (`b…` batches, `l…` logs, `o…` campaigns), and made of what the room's row knows: after a restart the
//!    same row must give the same mark. **The mark is the idempotency key**: asking again under it makes no second
//!    command, so a room that does not know whether it has asked simply asks again.
//! 2. [`Dispatch::follow`] the prefix before anything else, when the room is made.
//! 3. [`Dispatch::ask`], as often and as concurrently as the room likes: it waits for its turn under
//!    `dispatch.rate_per_s` and for the broker. It returns when the broker has the command; what becomes of it comes
//!    as [`Heard`].
//! 4. Handle [`Heard`]: write the row, then [`Heard::done`]. Outcomes come at least once, and `sent` several times
//!    (with progress). A final state may come again; it never changes.
//! 5. Outcomes can be missed (a broker that lost its memory): now and then, and after every start, ask
//!    [`Dispatch::standings`] for what was asked a while ago and is not final. What is not there was never taken by
//!    ops_tcu, or is not written yet: ask again under the same mark.
//! 6. Have a deadline of your own, somewhat above the command's: ops_tcu ends every command it has taken, but it may
//!    be away.

mod fan;
mod pace;
mod standing;

use std::collections::HashMap;
use std::sync::Arc;

use common::shutdown::Shutdown;
use protocol::Uuid;
use proxy::{Ask, Following, Proxy, ProxyError};
use store::{Clickhouse, StoreError};

pub use fan::{Follower, Heard};
pub use pace::Pace;
pub use standing::Standing;

use fan::Fan;

/// A clonable handle.
#[derive(Clone)]
pub struct Dispatch {
    proxy: Proxy,
    pace: Arc<Pace>,
    fan: Arc<Fan>,
    db: Clickhouse,
}

impl Dispatch {
    pub(crate) fn new(proxy: Proxy, rate_per_s: u32, db: Clickhouse) -> Self {
        Self {
            proxy,
            pace: Arc::new(Pace::new(rate_per_s)),
            fan: Arc::default(),
            db,
        }
    }

    /// Asks for a command, in its turn. Returns when the broker has it. Dropping the future gives up; whether it went
    /// out is unknown then, and asking again under the same mark is safe.
    ///
    /// # Errors
    /// [`ProxyError`]: it cannot be asked like that (it never can: end it as failed), or the term ends.
    pub async fn ask(&self, uuid: Uuid, ask: &Ask) -> Result<(), ProxyError> {
        self.pace.turn().await;
        self.proxy.ask(uuid, ask).await?;
        metrics::counter!("connector_commands_asked_total").increment(1);
        Ok(())
    }

    /// Withdraws what was asked under `mark`. Its outcome comes as [`Heard`], unless ops_tcu never had it.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn cancel(&self, uuid: Uuid, mark: &str) -> Result<(), ProxyError> {
        self.pace.turn().await;
        self.proxy.cancel(uuid, mark).await
    }

    /// Every outcome whose mark begins with `prefix`; an empty one follows all. To be called when a room is made:
    /// what came before is known from [`Dispatch::standings`] only.
    pub fn follow(&self, prefix: &'static str) -> Follower {
        self.fan.follow(prefix)
    }

    /// Where commands stand as `command_record` has it, by mark: for each pile and mark that it knows. `since` (Unix
    /// ms) is before the first of them was asked, and spares reading older months.
    ///
    /// # Errors
    /// [`StoreError::Query`].
    pub async fn standings(
        &self,
        asked: &[(u64, &str)],
        since: i64,
    ) -> Result<HashMap<(u64, String), Standing>, StoreError> {
        standing::read(&self.db, asked, since).await
    }

    /// Whether the broker is there.
    pub fn is_up(&self) -> bool {
        self.proxy.is_up()
    }

    /// Spreads outcomes until `stop`; what comes while rooms close is left to the next term.
    pub(crate) async fn spread(self, mut following: Following, stop: Shutdown) {
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                delivered = following.next() => match delivered {
                    Some(delivered) => self.fan.spread(delivered),
                    None => return,
                },
            }
        }
    }
}
