//! The store against the real engine: one chdbd and one database per test.

mod assets;
mod columns;
mod commands;
mod deduplication;
mod existing;
mod failures;
mod files;
mod ota;
mod quoted_queries;
mod round_trip;
mod rows;
mod schema;
mod selection;
mod versioned;
mod warn_definitions;

use std::time::Duration;

use engines::{Chdbd, ChdbdOptions, Running};
use store::{Clickhouse, ClickhouseOptions, Record, schema::SchemaOptions};
use tempfile::TempDir;

/// A ClickHouse of one test; gone when dropped.
struct Engine {
    chdbd: Running,
    _folder: TempDir,
}

impl Engine {
    async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut options = ChdbdOptions::new(folder.path());
        options.program = Some(testkit::binary("chdbd", "chdbd")?);
        Ok(Self {
            chdbd: Chdbd::start(options).await?,
            _folder: folder,
        })
    }

    /// A handle on the database `sems`, which may not exist yet.
    fn handle(&self) -> Clickhouse {
        handle(self.chdbd.port())
    }
}

fn handle(port: u16) -> Clickhouse {
    Clickhouse::new(&ClickhouseOptions {
        url: format!("http://127.0.0.1:{port}"),
        database: "sems".into(),
        user: String::new(),
        password: String::new(),
        connect_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(30),
        compression: false,
    })
}

/// An engine with the schema applied.
async fn started() -> anyhow::Result<(Engine, Clickhouse)> {
    let engine = Engine::start().await?;
    let db = engine.handle();
    store::schema::apply(&db, &SchemaOptions::default()).await?;
    Ok((engine, db))
}

/// Carries out a statement that a test needs.
async fn run(db: &Clickhouse, sql: &str) -> anyhow::Result<()> {
    Ok(db.run("a test's statement", db.client().query_raw(sql)).await?)
}

/// The one number that a query gives.
async fn number(db: &Clickhouse, sql: &str) -> anyhow::Result<u64> {
    Ok(db.client().query_raw(sql).fetch_one::<u64>().await?)
}

/// Inserts rows of one type.
async fn insert<R: Record>(db: &Clickhouse, rows: &[R], token: &str) -> Result<(), store::StoreError> {
    let mut bytes = Vec::new();
    rows.iter().for_each(|row| row.encode(&mut bytes));
    db.insert_rows(R::TABLE, bytes.into(), token).await
}
