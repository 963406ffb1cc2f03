//! How a service reaches ClickHouse, Redis and the broker: the sections of its configuration that say where they
//! are, the connections, and whether they answer.
//!
//! What goes over a connection is the service's own matter: no table or topic may enter here, and of keys only the one
//! under which every service says how it is.

mod clickhouse;
pub mod mqtt;
mod redis;
mod report;

use common::telemetry::Readiness;
use store::Clickhouse;

pub use self::clickhouse::{ClickhouseConfig, http_url};
pub use self::redis::{Redis, RedisConfig, open_redis, redis_url};
pub use self::report::{Figure, Reporter};

/// Adds the checks `clickhouse` and `redis` to a service's readiness. They ask over the service's own connections,
/// so that they say what its work meets with.
#[must_use]
pub fn checked(readiness: Readiness, db: &Clickhouse, redis: &Redis) -> Readiness {
    let (db, redis) = (db.clone(), redis.clone());
    readiness
        .with("clickhouse", move || clickhouse::answers(db.clone()))
        .with("redis", move || self::redis::answers(redis.clone()))
}
