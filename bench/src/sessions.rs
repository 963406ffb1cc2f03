//! 200,000 sessions: how much memory ops_tcu needs for them, and how long a restart takes to have them back.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use testkit::Stack;

use crate::payload;
use crate::platform::OpsTcu;

/// What to measure with.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Piles
    #[arg(long, default_value_t = 200_000)]
    piles: u64,
}

/// Runs it: assets in ClickHouse, states in Redis, as a fleet of two-gun piles would have left them.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let stack = Stack::start().await?;
    let mut first = OpsTcu::start(&stack, &[]).await?;
    let empty = first.resident_mib()?;
    first.process.stop(Duration::from_secs(30)).await?;
    drop(first);
    fill_assets(&stack, options.piles).await?;
    fill_states(&stack, options.piles).await?;
    let started = Instant::now();
    let ops_tcu = OpsTcu::start(&stack, &[]).await?;
    let took = started.elapsed();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let loaded = ops_tcu.resident_mib()?;
    let line = ops_tcu.process.output();
    let restored = line
        .lines()
        .rev()
        .find(|l| l.contains("sessions restored"))
        .context("no word of restoring")?;
    println!("{} piles with two guns each", options.piles);
    println!("resident: {empty:.0} MiB empty, {loaded:.0} MiB loaded (bar 250)");
    println!(
        "restart until it takes messages in: {:.2} s (bar 5)",
        took.as_secs_f64()
    );
    println!("{restored}");
    Ok(())
}

async fn fill_assets(stack: &Stack, piles: u64) -> anyhow::Result<()> {
    // The uuid's letters by SQL: base 26, most significant first.
    let letters: Vec<String> = (0..8)
        .rev()
        .map(|power| format!("char(65 + intDiv(number, {}) % 26)", 26u64.pow(power)))
        .collect();
    let sql = format!(
        "INSERT INTO asset (timestamp, flag_del, device_id, dt_id, audit_status, name) \
         SELECT 1, 0, 1000000 + number, 1, '已审核', concat({}) FROM numbers({piles})",
        letters.join(", ")
    );
    Ok(stack.clickhouse().query(&sql).execute().await?)
}

async fn fill_states(stack: &Stack, piles: u64) -> anyhow::Result<()> {
    let mut redis = stack.redis_connection().await?;
    let keys = store::redis_keys::RedisKeys::default();
    for from in (0..piles).step_by(5000) {
        let mut pipeline = redis::pipe();
        for n in from..(from + 5000).min(piles) {
            let uuid = payload::uuid(n);
            let gun = |g: u8| {
                format!(
                    r#"{{"n":{g},"w":"空闲","l":"未插枪","v":239977,"a":2,"e":12345,"i":30,"s":55,"k":19754{n:05},"t":1795000000000}}"#
                )
            };
            let json = format!(
                r#"{{"u":"{uuid}","d":{},"dt":1,"o":true,"t":1795000000000,"sn":"SN2025{n:08}","fw":"1.0.7","m":"DC120-2","sim":"898604{n:014}","g":[{},{}]}}"#,
                1_000_000 + n,
                gun(1),
                gun(2),
            );
            pipeline
                .hset(keys.state_of(uuid), uuid.to_string(), json)
                .ignore();
        }
        pipeline.query_async::<()>(&mut redis).await?;
    }
    Ok(())
}
