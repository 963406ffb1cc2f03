//! A country's worth of data, made by ClickHouse itself: the small tables row by row, the large ones by
//! `INSERT … SELECT FROM numbers` with hashes for chance, so that the same seed gives the same data.

mod events;
mod organizations;
mod state;

use std::time::{Duration, Instant};

use store::{Clickhouse, ClickhouseOptions, Record, schema};

pub(crate) use events::Watched;
pub(crate) use organizations::top_organization;
pub(crate) use state::{CROWDED_PILES, CROWDED_STATION, FIRST_CROWDED, FIRST_STATION};

/// The first pile's id; the others follow.
pub(crate) const FIRST_PILE: u64 = 1_000_000;
/// Piles that have run data have so many rows of it, 15 s apart: 1.7 days.
pub(crate) const RUN_ROWS_PER_PILE: u64 = 10_000;

/// How much of everything.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Sizes {
    /// Piles
    #[arg(long, default_value_t = 20_000)]
    pub(crate) assets: u64,
    /// Stations
    #[arg(long, default_value_t = 1_000)]
    pub(crate) stations: u64,
    /// Organizations, in six levels
    #[arg(long, default_value_t = 400)]
    pub(crate) organizations: u64,
    /// Rows of run data, of the last 1.7 days
    #[arg(long, default_value_t = 2_000_000)]
    pub(crate) run_data: u64,
    /// Charges of the last 30 days
    #[arg(long, default_value_t = 500_000)]
    pub(crate) trades: u64,
    /// Failed starts of the last 30 days
    #[arg(long, default_value_t = 200_000)]
    pub(crate) failures: u64,
    /// The full size instead: 200,000 piles, 5,000 stations, 2,000 organizations, 50 M rows of run data, 5 M
    /// charges, 2 M failed starts
    #[arg(long)]
    pub(crate) full: bool,
    /// Another seed, other data
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

impl Sizes {
    /// What is meant.
    pub(crate) fn resolved(&self) -> Self {
        if !self.full {
            return self.clone();
        }
        Self {
            assets: 200_000,
            stations: 5_000,
            organizations: 2_000,
            run_data: 50_000_000,
            trades: 5_000_000,
            failures: 2_000_000,
            ..self.clone()
        }
    }
}

/// Where to, and how much.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// ClickHouse's HTTP interface
    #[arg(long, default_value = "http://127.0.0.1:8123")]
    url: String,
    /// Database; must have no assets
    #[arg(long, default_value = "sems_bench")]
    database: String,
    #[command(flatten)]
    sizes: Sizes,
}

/// Fills a database of a running server.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let db = database(&options.url, &options.database);
    schema::apply(&db, &schema::SchemaOptions::default()).await?;
    let assets = db
        .rows::<u64>("assets", db.client().query("SELECT count() FROM asset"))
        .await?;
    anyhow::ensure!(assets == [0], "{} has assets already", options.database);
    fill(&db, &options.sizes.resolved(), store::versioned::now()).await?;
    println!("people: {}", People::ACCOUNTS.join(", "));
    println!("their password: {}", People::PASSWORD);
    Ok(())
}

/// A handle that waits for long statements.
pub(crate) fn database(url: &str, database: &str) -> Clickhouse {
    Clickhouse::new(&ClickhouseOptions {
        url: url.to_owned(),
        database: database.to_owned(),
        user: String::new(),
        password: String::new(),
        connect_timeout: Duration::from_secs(3),
        request_timeout: Duration::from_secs(600),
        compression: false,
    })
}

/// Who can sign in.
pub(crate) struct People;

impl People {
    /// 超管 of no organization, 管理员 of one of the third level.
    pub(crate) const ACCOUNTS: [&str; 2] = ["bench_chief", "bench_middle"];
    /// Of both.
    pub(crate) const PASSWORD: &str = "Bench-piles-2026";
}

/// Fills empty tables with data up to `now`, Unix ms.
pub(crate) async fn fill(db: &Clickhouse, sizes: &Sizes, now: i64) -> anyhow::Result<()> {
    let began = Instant::now();
    organizations::fill(db, sizes).await?;
    state::fill(db, sizes).await?;
    events::fill(db, sizes, now).await?;
    println!("everything in {:.0} s", began.elapsed().as_secs_f64());
    Ok(())
}

/// Lets somebody who may do everything sign in to an empty database.
pub(crate) async fn chief(db: &Clickhouse) -> anyhow::Result<()> {
    organizations::chief(db).await
}

async fn insert<R: Record>(db: &Clickhouse, rows: &[R]) -> anyhow::Result<()> {
    for (nth, chunk) in rows.chunks(100_000).enumerate() {
        let mut bytes = Vec::new();
        chunk.iter().for_each(|row| row.encode(&mut bytes));
        let token = format!("generate-{nth}");
        db.insert_rows(R::TABLE, bytes.into(), &token).await?;
    }
    Ok(())
}

/// Carries out a statement and says how long it took.
async fn execute(db: &Clickhouse, what: &'static str, sql: &str) -> anyhow::Result<()> {
    let began = Instant::now();
    db.run(what, db.client().query_raw(sql)).await?;
    println!("{what}: {:.1} s", began.elapsed().as_secs_f64());
    Ok(())
}

/// SQL for one of these texts, by chance.
fn one_of(chance: &str, texts: &[&str]) -> String {
    format!("['{}'][1 + {chance} % {}]", texts.join("','"), texts.len())
}

/// SQL for a chance of its own per row and purpose: an unsigned number.
fn chance(seed: u64, purpose: u64) -> String {
    format!("cityHash64(number, {seed}, {purpose})")
}
