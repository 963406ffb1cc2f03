//! The world of one test: real Mosquitto, Redis and ClickHouse, `ops_tcu` as a program beside them, and what a
//! test asks of them.

mod audit;
pub(crate) mod fleet;
mod http;
pub(crate) mod message;
mod ops_tcu;
mod rows;

use std::time::Duration;

use anyhow::Context;
use store::redis_keys::RedisKeys;
use store::{DeviceState, Table};
use testkit::engines::MosquittoOptions;
use testkit::{MqttClient, Stack};
use tokio::sync::{Semaphore, SemaphorePermit};

pub(crate) use audit::{audit, audit_records, audit_redelivered_run_data, audit_run_data};
pub(crate) use ops_tcu::{OpsTcu, Settings};
pub(crate) use testkit::logged;

/// A whole stack is three servers and half a gigabyte: no more of them at once, whatever the machine.
static STACKS: Semaphore = Semaphore::const_new(4);

/// Anything that takes no longer than a few commits and a drained segment, on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(30);
/// Long enough for a backlog to drain.
pub(crate) const LATER: Duration = Duration::from_secs(90);

/// See the module. Everything ends when it is dropped.
pub(crate) struct World {
    pub(crate) tcu: OpsTcu,
    pub(crate) stack: Stack,
    _one_of_few: SemaphorePermit<'static>,
}

impl World {
    /// All of it, ready to take messages in. `settings` are `SECTION__KEY` and value.
    pub(crate) async fn start(settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        Self::start_with(async |stack| Ok(Settings::of(stack).with(settings))).await
    }

    /// The same, with settings that depend on where the servers listen.
    pub(crate) async fn start_with(
        settings: impl AsyncFnOnce(&Stack) -> anyhow::Result<Settings>,
    ) -> anyhow::Result<Self> {
        let world = Self::behind(|_| {}, settings).await?;
        world.tcu.until_ready().await?;
        world.stop_merges().await?;
        Ok(world)
    }

    /// The same with a broker as `broker` would have it, ready or not.
    pub(crate) async fn behind(
        broker: impl FnOnce(&mut MosquittoOptions),
        settings: impl AsyncFnOnce(&Stack) -> anyhow::Result<Settings>,
    ) -> anyhow::Result<Self> {
        let one_of_few = STACKS.acquire().await?;
        let stack = Stack::start_with(broker).await?;
        let settings = settings(&stack).await?;
        let tcu = OpsTcu::spawn(&settings).await?;
        Ok(Self {
            tcu,
            stack,
            _one_of_few: one_of_few,
        })
    }

    /// In the background ClickHouse merges equal rows into one, so that what is there twice soon looks like once.
    /// Here nothing is merged, also after a restart, and `count()` without FINAL tells.
    async fn stop_merges(&self) -> anyhow::Result<()> {
        for table in Table::ALL {
            let sql = format!(
                "ALTER TABLE {} MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1, \
                 max_bytes_to_merge_at_min_space_in_pool = 1",
                table.name()
            );
            self.stack.clickhouse().query_raw(&sql).execute().await?;
        }
        Ok(())
    }

    /// A client that hears what piles and services are sent.
    pub(crate) async fn piles(&self) -> anyhow::Result<MqttClient> {
        let mut client = self.stack.mqtt("piles").await?;
        client.subscribe("/xjdy/ops/v1/TCU/+/cmd").await?;
        client.subscribe("/xjdy/ops/v1/PXY/+/resp").await?;
        Ok(client)
    }

    /// Waits until a pile's state in Redis is as wanted.
    pub(crate) async fn until_state(
        &self,
        uuid: &str,
        wanted: impl Fn(&DeviceState<'_>) -> bool,
    ) -> anyhow::Result<()> {
        let mut last = None;
        let waited = until("the state in Redis", SOON, async || {
            last = self.state(uuid).await.unwrap_or_default();
            let state = last.as_deref().map(serde_json::from_str);
            state.is_some_and(|state| state.is_ok_and(|state| wanted(&state)))
        });
        let outcome = waited.await;
        outcome.with_context(|| format!("{uuid}: {last:?}"))
    }

    /// A pile's state in Redis, as JSON.
    pub(crate) async fn state(&self, uuid: &str) -> anyhow::Result<Option<String>> {
        let mut redis = self.stack.redis_connection().await?;
        let key = RedisKeys::default().state_of(protocol::Uuid::parse(uuid)?);
        Ok(redis::cmd("HGET")
            .arg(key)
            .arg(uuid)
            .query_async(&mut redis)
            .await?)
    }

    /// Waits until nothing lies in the write-ahead log: what is not in the database now never will be.
    pub(crate) async fn until_drained(&self) -> anyhow::Result<()> {
        until("the log is drained", LATER, async || {
            self.tcu.segments().is_ok_and(|segments| segments.is_empty())
        })
        .await
    }
}

/// Waits for a condition, which the error names.
pub(crate) async fn until(
    what: &str,
    within: Duration,
    condition: impl AsyncFnMut() -> bool,
) -> anyhow::Result<()> {
    let mut condition = condition;
    let deadline = tokio::time::Instant::now() + within;
    while !condition().await {
        anyhow::ensure!(
            tokio::time::Instant::now() < deadline,
            "waited {within:?} in vain: {what}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
