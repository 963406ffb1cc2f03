//! 充电记录 published → 充电记录确认 received, while run data flows.

use testkit::Stack;

use crate::platform::{OpsTcu, tcu_sim};

/// What to measure with.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Messages a second
    #[arg(long, default_value_t = 5_000)]
    rate: u64,
    /// Seconds
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Share of charge records among them
    #[arg(long, default_value_t = 0.01)]
    trade_share: f64,
}

/// Runs it.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let stack = Stack::start().await?;
    let _ops_tcu = OpsTcu::start(&stack, &[]).await?;
    let report = tcu_sim(
        &stack,
        &[
            "--flood".into(),
            "--piles".into(),
            "20000".into(),
            "--rate".into(),
            options.rate.to_string(),
            "--duration".into(),
            format!("{}s", options.seconds),
            "--trade-share".into(),
            options.trade_share.to_string(),
        ],
    )
    .await?;
    let (times, records) = (&report["confirmation"], &report["records"]);
    println!(
        "{} messages/s for {} s, {} of them charge records",
        options.rate, options.seconds, options.trade_share
    );
    println!(
        "records: {} made, {} confirmed, {} resent",
        records["made"], records["confirmed"], records["resent"]
    );
    println!(
        "from record to confirmation: p50 {} ms, p90 {} ms, p99 {} ms, max {} ms",
        times["p50_ms"], times["p90_ms"], times["p99_ms"], times["max_ms"]
    );
    println!("bar: p99 of the confirmation under 50 ms");
    Ok(())
}
