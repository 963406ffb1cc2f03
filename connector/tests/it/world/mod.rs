//! The world of one test: real servers, `ops_tcu` and `connector` as programs, and piles that answer.

mod fleet;
mod piles;
mod program;
mod simulated;

use std::time::Duration;

use store::redis_keys::RedisKeys;
use store::schema::{self, SchemaOptions};
use store::{Clickhouse, ClickhouseOptions, Record};
use testkit::Stack;
use tokio::sync::{Semaphore, SemaphorePermit};

pub(crate) use fleet::{Fleet, Trouble};
pub(crate) use piles::{Piles, uuid};
pub(crate) use program::Program;
pub(crate) use simulated::{Simulated, Told};

/// A whole stack is three servers and half a gigabyte: no more of them at once, whatever the machine.
static STACKS: Semaphore = Semaphore::const_new(2);

/// Anything that is done at once, on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(60);
/// What takes several steps of several programs.
pub(crate) const LATER: Duration = Duration::from_secs(180);

/// See the module. Everything ends when it is dropped.
pub(crate) struct World {
    pub(crate) connector: Program,
    pub(crate) ops_tcu: Program,
    pub(crate) db: Clickhouse,
    pub(crate) stack: Stack,
    _one_of_few: SemaphorePermit<'static>,
}

impl World {
    /// All of it, ready, with assets for piles 1 to `piles`.
    pub(crate) async fn start(piles: u64) -> anyhow::Result<Self> {
        Self::start_with(piles, "").await
    }

    /// The same, with `more` settings of the connector.
    pub(crate) async fn start_with(piles: u64, more: &str) -> anyhow::Result<Self> {
        let one_of_few = STACKS.acquire().await?;
        let stack = Stack::start().await?;
        let db = Clickhouse::new(&ClickhouseOptions {
            url: stack.clickhouse_url(),
            database: stack.database().to_owned(),
            user: String::new(),
            password: String::new(),
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(60),
            compression: false,
        });
        schema::apply(&db, &SchemaOptions::default()).await?;
        // Before ops_tcu starts, or it would make others.
        let assets: Vec<_> = (1..=piles).map(piles::asset).collect();
        insert(&db, &assets).await?;
        let ops_tcu = Program::start("ops_tcu", &ops_tcu_settings(&stack), stack.folder()).await?;
        ops_tcu.until_ready().await?;
        let settings = settings(&stack) + more;
        let connector = Program::start("connector", &settings, stack.folder()).await?;
        connector.until_ready().await?;
        Ok(Self {
            connector,
            ops_tcu,
            db,
            stack,
            _one_of_few: one_of_few,
        })
    }

    /// A second connector, which waits until the first is gone.
    pub(crate) async fn another_connector(&self) -> anyhow::Result<Program> {
        Program::start("connector", &settings(&self.stack), self.stack.folder()).await
    }

    /// Inserts rows, as the web server would.
    pub(crate) async fn insert<R: Record>(&self, rows: &[R]) -> anyhow::Result<()> {
        insert(&self.db, rows).await
    }

    /// Says that there are new rows.
    pub(crate) async fn wake(&self, what: &str) -> anyhow::Result<()> {
        let mut redis = self.stack.redis_connection().await?;
        // Whether anybody heard it is nobody's matter: the room looks by itself.
        let publish = redis::cmd("PUBLISH").arg("connector:wake").arg(what).to_owned();
        publish.exec_async(&mut redis).await?;
        Ok(())
    }

    /// How many piles ops_tcu says are online.
    pub(crate) async fn online(&self) -> anyhow::Result<usize> {
        let mut redis = self.stack.redis_connection().await?;
        let mut online = 0;
        for key in RedisKeys::default().state_buckets() {
            let states: Vec<String> = redis::cmd("HVALS").arg(key).query_async(&mut redis).await?;
            online += states
                .iter()
                .filter(|state| state.contains(r#""o":true"#))
                .count();
        }
        Ok(online)
    }

    /// The one number that a query gives.
    pub(crate) async fn number(&self, sql: &str) -> anyhow::Result<u64> {
        Ok(self.db.client().query_raw(sql).fetch_one::<u64>().await?)
    }
}

async fn insert<R: Record>(db: &Clickhouse, rows: &[R]) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    rows.iter().for_each(|row| row.encode(&mut bytes));
    let token = format!("{:x}", rand::random::<u128>());
    Ok(db.insert_rows(R::TABLE, bytes.into(), &token).await?)
}

fn ops_tcu_settings(stack: &Stack) -> String {
    format!(
        r#"
        [mqtt]
        brokers = ["127.0.0.1:{mqtt}"]
        [worker]
        shards = 2
        [wal]
        dir = "{folder}/wal"
        segment_age = "200ms"
        {servers}
        "#,
        mqtt = stack.mqtt_port(),
        folder = stack.folder().display(),
        servers = servers(stack),
    )
}

fn settings(stack: &Stack) -> String {
    format!(
        r#"
        [mqtt]
        broker = "127.0.0.1:{mqtt}"
        username = ""
        [leader]
        lasts = "4s"
        {servers}
        "#,
        mqtt = stack.mqtt_port(),
        servers = servers(stack),
    )
}

fn servers(stack: &Stack) -> String {
    format!(
        r#"
        [clickhouse]
        url = "{clickhouse}"
        database = "{database}"
        [redis]
        url = "{redis}"
        [telemetry]
        listen = "127.0.0.1:0"
        [log]
        format = "json"
        "#,
        clickhouse = stack.clickhouse_url(),
        database = stack.database(),
        redis = stack.redis_url(),
    )
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
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
