//! What comes in beside the people's requests: the real `ops_tcu` and a flood of `tcu_sim`.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use store::Clickhouse;
use testkit::{Stack, WorkspaceProcess, wait_until};

use crate::platform::{OpsTcu, cpu_seconds};

/// Piles that send: the first of the generated ones, which are at the watched station, too.
const PILES: u64 = 20_000;

/// Running programs.
pub(crate) struct Ingest {
    ops_tcu: OpsTcu,
    flood: WorkspaceProcess,
    began: Instant,
    rows_before: u64,
}

impl Ingest {
    /// Starts both, and waits until rows arrive.
    pub(crate) async fn start(stack: &Stack, db: &Clickhouse, url: &str, rate: u32) -> anyhow::Result<Self> {
        let rows_before = rows(db).await?;
        let place = [
            ("OPS__CLICKHOUSE__URL", url),
            ("OPS__CLICKHOUSE__DATABASE", db.database()),
        ];
        let ops_tcu = OpsTcu::start(stack, &place).await?;
        let arguments = [
            "--quiet".to_owned(),
            "--flood".to_owned(),
            "--brokers".to_owned(),
            format!("127.0.0.1:{}", stack.mqtt_port()),
            "--piles".to_owned(),
            PILES.to_string(),
            "--rate".to_owned(),
            rate.to_string(),
        ];
        let log = stack.folder().join("tcu_sim.log");
        let flood = WorkspaceProcess::spawn("simulator", "tcu_sim", arguments, [], log).await?;
        let began = Instant::now();
        wait_until(Duration::from_secs(60), async || {
            rows(db).await.is_ok_and(|rows| rows > rows_before)
        })
        .await
        .with_context(|| format!("nothing comes in:\n{}", ops_tcu.process.output()))?;
        Ok(Self {
            ops_tcu,
            flood,
            began,
            rows_before,
        })
    }

    /// Ends the flood, waits for what is on the way, and says how much has become rows.
    pub(crate) async fn stop(mut self, db: &Clickhouse) -> anyhow::Result<()> {
        let seconds = self.began.elapsed().as_secs_f64();
        self.flood.kill().await?;
        let cpu = cpu_seconds(self.ops_tcu.process.pid().context("ops_tcu has ended")?)?;
        self.ops_tcu.process.stop(Duration::from_secs(60)).await?;
        let rows = rows(db).await? - self.rows_before;
        println!(
            "ingest beside it: {:.0} messages/s became rows, over {seconds:.0} s; ops_tcu {:.0} % of a core",
            rows as f64 / seconds,
            cpu / seconds * 100.0
        );
        Ok(())
    }
}

/// Of messages.
async fn rows(db: &Clickhouse) -> anyhow::Result<u64> {
    // A scalar subquery is Nullable to the engine, though a count never is.
    let sql = "SELECT assumeNotNull((SELECT count() FROM run_data)) + assumeNotNull((SELECT count() FROM trade_record))";
    let rows = db.rows::<u64>("rows", db.client().query(sql)).await?;
    Ok(rows.first().copied().unwrap_or_default())
}
