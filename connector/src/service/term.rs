//! From taking the lock to letting go of it: the connection, and every room.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use common::backoff::Backoff;
use common::shutdown::Shutdown;
use connections::Redis;
use proxy::Proxy;
use store::Clickhouse;
use store::redis_keys::RedisKeys;
use store::schema::{self, SchemaOptions};
use tokio::task::{JoinHandle, JoinSet};
use tracing::{info, warn};

use super::health::Health;
use super::rooms;
use crate::config::Config;
use crate::dispatch::Dispatch;
use crate::files::Files;
use crate::ground::Ground;
use crate::wake::Wake;

/// A room's work, from the start of a term to its end.
pub(crate) type Room = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How long the connection may take to end.
const LEAVE_WITHIN: Duration = Duration::from_secs(4);

pub(super) struct Term {
    rooms: JoinSet<()>,
    stop: Shutdown,
    /// Raised behind the rooms, so that their last acknowledgements leave.
    leave: Shutdown,
    connection: JoinHandle<()>,
    health: Health,
}

impl Term {
    /// Connects, and opens every room.
    pub(super) async fn begin(
        config: &Arc<Config>,
        db: &Clickhouse,
        redis: &Redis,
        client: redis::Client,
        keys: &RedisKeys,
        health: &Health,
    ) -> Self {
        let (stop, leave) = (Shutdown::new(), Shutdown::new());
        let (proxy, following, connection) = Proxy::following(&config.mqtt.proxy(), leave.clone());
        let dispatch = Dispatch::new(proxy.clone(), config.dispatch.rate_per_s, db.clone());
        let ground = Ground {
            config: config.clone(),
            db: db.clone(),
            redis: redis.clone(),
            keys: keys.clone(),
            topics: config.mqtt.topics(),
            dispatch: dispatch.clone(),
            files: Files::new(config.clone(), db.clone(), redis.clone(), keys.clone()),
            wake: Wake::new(),
            stop: stop.clone(),
        };
        let mut rooms = JoinSet::new();
        rooms.spawn(
            ground
                .wake
                .clone()
                .listen(client, keys.connector_wake(), stop.clone()),
        );
        // All of them are made before the first outcome is spread: each follows from its beginning.
        for (name, room) in rooms::all(&ground) {
            rooms.spawn(open(name, room, db.clone(), stop.clone()));
        }
        tokio::spawn(dispatch.spread(following, stop.clone()));
        health.works(proxy);
        metrics::gauge!("connector_working").set(1.0);
        Self {
            rooms,
            stop,
            leave,
            connection,
            health: health.clone(),
        }
    }

    /// Stops the rooms, then the connection. A room that does not stop in time is cut off: its rows say how far it
    /// came.
    pub(super) async fn end(mut self, deadline: Duration) {
        self.health.waits();
        metrics::gauge!("connector_working").set(0.0);
        self.stop.trigger();
        let ending = async { while self.rooms.join_next().await.is_some() {} };
        if let Err(error) = Shutdown::within(deadline, "a room of the connector", ending).await {
            warn!(%error, "it is cut off");
            self.rooms.shutdown().await;
        }
        self.leave.trigger();
        let _ = tokio::time::timeout(LEAVE_WITHIN, self.connection).await;
        info!("this connector no longer works");
    }
}

/// A room works on tables, so these must be there.
async fn open(name: &'static str, room: Room, db: Clickhouse, stop: Shutdown) {
    let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
    while let Err(error) = schema::apply(&db, &SchemaOptions::default()).await {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        warn!(room = name, %error, cause, "the tables are not there yet; trying again");
        tokio::select! {
            () = backoff.wait() => {}
            () = stop.cancelled() => return,
        }
    }
    room.await;
    if !stop.is_triggered() {
        warn!(room = name, "the room has ended by itself");
    }
}
