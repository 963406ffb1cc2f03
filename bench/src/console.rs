//! The world of `make bench-console`: the large database, the web server over it, and a station of 500 guns of which
//! a few change every second. The browser is the console's matter (`console/bench/`), which starts this, reads where
//! it is from one line of standard output, and closes standard input when it is done.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use testkit::{Stack, WorkspaceProcess, wait_until};
use tokio::io::AsyncReadExt as _;

use crate::api::client::Client;
use crate::api::world::{Data, Webserver, World};
use crate::generate::{CROWDED_PILES, CROWDED_STATION, FIRST_CROWDED, People};
use crate::platform::OpsTcu;

/// What to measure with.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    data: Data,
    /// Messages per second of the station's piles, each of which changes one gun
    #[arg(long, default_value_t = 10)]
    updates: u32,
}

/// Runs it until standard input ends.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let world = World::start(&options.data).await?;
    let place = [
        ("OPS__CLICKHOUSE__URL", world.place.url.as_str()),
        ("OPS__CLICKHOUSE__DATABASE", world.db.database()),
    ];
    let _ops_tcu = OpsTcu::start(&world.stack, &place).await?;
    let server = Webserver::start(&world.stack, &world.place).await?;
    let client = Client::sign_in(&server.base, People::ACCOUNTS[0], People::PASSWORD).await?;
    let flood = station(&world.stack, 500).await?;
    wait_until(Duration::from_secs(120), async || {
        guns(&client).await.is_ok_and(|guns| guns == CROWDED_PILES)
    })
    .await
    .context("the station's guns do not come in")?;
    drop(flood);
    let _flood = station(&world.stack, options.updates).await?;
    let there = json!({
        "base": server.base,
        "account": People::ACCOUNTS[0],
        "password": People::PASSWORD,
        "assets": world.sizes.assets,
        "station": CROWDED_STATION,
        "guns": CROWDED_PILES,
        "updates": options.updates,
    });
    println!("world {there}");
    let _ = tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}

/// Piles of the station that send so many messages a second.
async fn station(stack: &Stack, rate: u32) -> anyhow::Result<WorkspaceProcess> {
    let arguments = [
        "--quiet".to_owned(),
        "--flood".to_owned(),
        format!("--brokers=127.0.0.1:{}", stack.mqtt_port()),
        format!("--offset={FIRST_CROWDED}"),
        format!("--piles={CROWDED_PILES}"),
        format!("--rate={rate}"),
        "--connections=1".to_owned(),
        "--trade-share=0".to_owned(),
    ];
    let log = stack.folder().join(format!("tcu_sim-{rate}.log"));
    WorkspaceProcess::spawn("simulator", "tcu_sim", arguments, [], log).await
}

/// Guns that the monitor shows.
async fn guns(client: &Client) -> anyhow::Result<u64> {
    let path = format!("/station/monitor?sta_id={CROWDED_STATION}");
    let monitor = client.data(&path).await?;
    let piles = monitor["piles"].as_array().context("no piles")?;
    let guns = piles
        .iter()
        .filter_map(|pile| pile["live"]["guns"].as_array())
        .map(|guns| guns.len() as u64);
    Ok(guns.sum())
}
