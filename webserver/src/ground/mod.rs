//! What every resource stands on: the conventions of the API, once. A resource reads its input with [`Body`],
//! [`Params`] or [`List`], learns who asks from [`Caller`], changes things through [`Ground::change`], and
//! answers with [`Answer`] or [`ApiError`]. Routes and permissions meet in [`access_table`].

pub(crate) mod access_table;
pub(crate) mod answer;
pub(crate) mod caller;
pub(crate) mod change;
pub(crate) mod check;
pub(crate) mod commands;
pub(crate) mod directory;
pub(crate) mod error;
pub(crate) mod export;
pub(crate) mod fields;
pub(crate) mod idempotency;
pub(crate) mod ids;
pub(crate) mod import;
pub(crate) mod input;
pub(crate) mod job;
pub(crate) mod kept;
pub(crate) mod known;
pub(crate) mod language;
pub(crate) mod list;
pub(crate) mod live;
pub(crate) mod lock;
pub(crate) mod observe;
pub(crate) mod openapi;
mod paging;
pub(crate) mod password;
pub(crate) mod permission;
pub(crate) mod pick;
pub(crate) mod pile;
pub(crate) mod piles;
pub(crate) mod places;
pub(crate) mod recent;
pub(crate) mod register;
pub(crate) mod scope;
pub(crate) mod selection;
pub(crate) mod session;
pub(crate) mod sight;
pub(crate) mod span;
pub(crate) mod success;
pub(crate) mod time;
pub(crate) mod today;
pub(crate) mod token;
pub(crate) mod total;
pub(crate) mod upload;
pub(crate) mod wake;
mod words;

use std::{sync::Arc, time::Duration};

use connections::Redis;
use store::{Clickhouse, redis_keys::RedisKeys};
use tokio_util::sync::CancellationToken;

pub(crate) use answer::{Answer, Envelope, Page};
pub(crate) use caller::{Address, Caller};
pub(crate) use change::{Change, Undone, lock, require_version};
pub(crate) use directory::one;
pub(crate) use error::ApiError;
pub(crate) use export::{Cell, Column, column};
pub(crate) use fields::{FromCell, SheetColumn, bodies};
pub(crate) use input::{Body, Params};
pub(crate) use language::{Language, Text};
pub(crate) use list::{List, Listed, Repeats};
pub(crate) use paging::Paging;
pub(crate) use piles::{Piles, within, within_early};
pub(crate) use places::{NAMELESS, NAMELESS_BUT_UUID, Shown, nameless, shown};
pub(crate) use scope::Scope;
pub(crate) use span::Span;
pub(crate) use success::FirstSuccess;
pub(crate) use words::Words;

use crate::{Config, WebError, config};

/// How long ClickHouse may take for a request.
const CLICKHOUSE_TIMEOUT: Duration = Duration::from_secs(10);
/// Queries that one web server has running at once: enough to keep the cores of a small database busy, few enough that
/// each gets its part of them.
const QUERIES: usize = 6;
/// How long a query waits for its turn; then the answer is 503 with `Retry-After`.
const QUERY_WAITS: Duration = Duration::from_secs(2);
/// Statistics of a span are at most so old, the shorter where they are counted quickly.
const STATISTICS_KEPT: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(60));
/// What all stations' piles are doing is counted at most so often; what single piles are doing is read as often.
const FLEET_KEPT: Duration = Duration::from_secs(2);
/// Streams of events that one web server serves at once.
const STREAMS: usize = 200;

/// What handlers work with; clones share it.
#[derive(Clone)]
pub(crate) struct Ground {
    /// ClickHouse.
    pub(crate) db: Clickhouse,
    /// The same, for what many requests wait for at once: it does not stand in line behind theirs.
    upkeep: Clickhouse,
    /// Redis; connects on first use, and again by itself.
    pub(crate) redis: Redis,
    /// The names of everything in Redis.
    pub(crate) keys: RedisKeys,
    /// Section `auth` of the configuration.
    pub(crate) auth: Arc<config::Auth>,
    /// Hashing of passwords, a few at a time.
    pub(crate) passwords: Arc<password::Passwords>,
    /// What piles are doing.
    pub(crate) live: Arc<live::Live>,
    /// What the day has brought.
    pub(crate) days: Arc<today::Days>,
    /// The way to the piles.
    pub(crate) commands: Arc<commands::Commands>,
    /// The way to `register`.
    pub(crate) register: Arc<register::Register>,
    /// Public keys whose signatures of firmware are accepted.
    pub(crate) trusted_keys: Arc<crate::TrustedKeys>,
    /// Which pile stands where.
    pub(crate) places: Arc<places::Places>,
    /// How many rows lists of events have.
    pub(crate) totals: total::Totals,
    /// Statistics of a span.
    pub(crate) statistics: kept::Kept,
    /// The fleet's state, counted.
    pub(crate) fleet: kept::Kept,
    /// Places for streams.
    pub(crate) streams: Arc<tokio::sync::Semaphore>,
    /// Cancelled when the server is to stop: streams would go on for ever.
    pub(crate) stop: CancellationToken,
    /// Places for imports.
    imports: Arc<tokio::sync::Semaphore>,
    tokens: Arc<token::Tokens>,
    directories: Arc<directory::Directories>,
}

impl Ground {
    /// Over connections that are made on first use.
    ///
    /// # Errors
    /// [`WebError::Redis`], [`WebError::Register`].
    pub(crate) fn new(config: &Config) -> Result<Self, WebError> {
        let upkeep = config.clickhouse.open(CLICKHOUSE_TIMEOUT);
        Ok(Self {
            db: upkeep.clone().at_most(QUERIES, QUERY_WAITS),
            upkeep,
            redis: config.redis.open().map_err(WebError::Redis)?,
            keys: RedisKeys::default(),
            auth: Arc::new(config.auth.clone()),
            passwords: Arc::default(),
            live: Arc::default(),
            days: Arc::default(),
            trusted_keys: Arc::new(config.ota.trusted_keys.clone()),
            commands: Arc::new(commands::Commands::new(&config.mqtt)),
            register: Arc::new(register::Register::new(&config.register)?),
            places: Arc::default(),
            totals: total::Totals::default(),
            statistics: kept::Kept::between(STATISTICS_KEPT.0, STATISTICS_KEPT.1),
            fleet: kept::Kept::at_most(FLEET_KEPT),
            streams: Arc::new(tokio::sync::Semaphore::new(STREAMS)),
            stop: CancellationToken::new(),
            imports: Arc::new(tokio::sync::Semaphore::new(job::AT_ONCE)),
            tokens: Arc::default(),
            directories: Arc::default(),
        })
    }
}
