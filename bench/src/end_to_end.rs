//! Through one Mosquitto, load generator included: how much ops_tcu takes, durable and into ClickHouse,
//! against a bare rumqttc subscriber that acknowledges by itself and throws everything away.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use testkit::{Stack, wait_until};

use crate::platform::{OpsTcu, cpu_seconds, tcu_sim};

/// What to measure with.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Messages per run
    #[arg(long, default_value_t = 600_000)]
    messages: u64,
    /// Pairs of runs, bare and platform in turn
    #[arg(long, default_value_t = 3)]
    pairs: usize,
    /// Piles that send
    #[arg(long, default_value_t = 20_000)]
    piles: u64,
}

/// Runs it.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    println!(
        "{} messages a run, {} piles, generator and all engines on this machine",
        options.messages, options.piles
    );
    let mut ratios = Vec::new();
    for _ in 0..options.pairs {
        let bare = bare(options).await?;
        let platform = platform(options).await?;
        ratios.push(platform / bare);
        println!(
            "bare {bare:>8.0}/s   platform {platform:>8.0}/s   ratio {:.3}",
            platform / bare
        );
    }
    ratios.sort_by(f64::total_cmp);
    println!("median ratio: {:.3} (bar 0.85)", ratios[ratios.len() / 2]);
    Ok(())
}

fn flood(options: &Options) -> Vec<String> {
    let numbers = [("--messages", options.messages), ("--piles", options.piles)];
    let mut arguments: Vec<String> = vec!["--flood".into(), "--trade-share".into(), "0".into()];
    arguments.extend(
        numbers
            .into_iter()
            .flat_map(|(name, value)| [name.into(), value.to_string()]),
    );
    arguments
}

/// Messages a second that a subscriber takes which does nothing.
async fn bare(options: &Options) -> anyhow::Result<f64> {
    let stack = Stack::start().await?;
    let mut mqtt = MqttOptions::new("bare", "127.0.0.1", stack.mqtt_port());
    mqtt.set_max_packet_size(1 << 20, 1 << 20)
        .set_clean_session(false);
    let (client, mut events) = AsyncClient::new(mqtt, 10);
    let mut network = events.network_options();
    network.set_tcp_nodelay(true);
    events.set_network_options(network);
    client
        .subscribe("/xjdy/ops/v1/TCU/+/msg", QoS::AtLeastOnce)
        .await?;
    let wanted = options.messages;
    let (ready, subscribed) = tokio::sync::oneshot::channel();
    // On a thread of its own, as ops_tcu's poller is.
    let taking = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async move {
            let (mut ready, mut count, mut first) = (Some(ready), 0, Instant::now());
            while count < wanted {
                match events.poll().await? {
                    Event::Incoming(Packet::Publish(_)) => {
                        if count == 0 {
                            first = Instant::now();
                        }
                        count += 1;
                    }
                    Event::Incoming(Packet::SubAck(_)) => drop(ready.take().map(|r| r.send(()))),
                    _ => {}
                }
            }
            anyhow::Ok(first.elapsed())
        })
    });
    subscribed.await?;
    tcu_sim(&stack, &flood(options)).await?;
    let took = tokio::task::spawn_blocking(move || taking.join())
        .await?
        .expect("the subscriber does not panic")?;
    Ok(wanted as f64 / took.as_secs_f64())
}

/// Messages a second that ops_tcu takes, by the times of receipt in the rows that ClickHouse counts.
async fn platform(options: &Options) -> anyhow::Result<f64> {
    let stack = Stack::start().await?;
    let mut ops_tcu = OpsTcu::start(&stack, &[]).await?;
    let chdbd = stack.chdbd.pid().context("chdbd has ended")?;
    let before = (ops_tcu.cpu_seconds()?, cpu_seconds(chdbd)?);
    tcu_sim(&stack, &flood(options)).await?;
    let published = Instant::now();
    let wanted = options.messages;
    wait_until(Duration::from_secs(300), async || {
        rows(&stack).await.is_ok_and(|(count, _)| count >= wanted)
    })
    .await
    .context("not every message became a row")?;
    let drained = published.elapsed();
    let (count, span_ms) = rows(&stack).await?;
    anyhow::ensure!(count == wanted, "{count} rows for {wanted} messages");
    let per = |seconds: f64| seconds * 1e6 / wanted as f64;
    println!(
        "  ops_tcu {:.1} µs, chdbd {:.1} µs of processor per message; last row visible {:.1} s after the last publish; {:.0} MiB resident",
        per(ops_tcu.cpu_seconds()? - before.0),
        per(cpu_seconds(chdbd)? - before.1),
        drained.as_secs_f64(),
        ops_tcu.resident_mib()?,
    );
    ops_tcu.process.stop(Duration::from_secs(30)).await?;
    Ok(wanted as f64 / (span_ms as f64 / 1000.0))
}

/// Rows in the table, and milliseconds from the first receipt to the last.
async fn rows(stack: &Stack) -> anyhow::Result<(u64, i64)> {
    let sql = "SELECT count(), max(recv_time) - min(recv_time) FROM run_data";
    Ok(stack.clickhouse().query(sql).fetch_one::<(u64, i64)>().await?)
}
