//! Something is killed, cut or stalled in the middle of 2,000 messages a second. Whatever was confirmed is in the
//! database exactly once, whatever was not is confirmed when the pile sends it again, and nothing counts twice.

use std::time::Duration;

use testkit::{FaultProxy, Stack};
use tokio::time::{Instant, sleep};

use crate::world::fleet::Fleet;
use crate::world::{
    SOON, Settings, World, audit, audit_redelivered_run_data, audit_run_data, message, until,
};

/// How long ClickHouse stays away; a minute is no different, only longer.
const AWAY: Duration = Duration::from_secs(8);
/// How long a broken connection stays broken.
const CUT: Duration = Duration::from_secs(3);
/// Records confirmed before something happens, and again afterwards: three to a message in 50, so about a second.
const IN_FULL_SWING: usize = 150;
/// The most that a record may wait for its confirmation while only the database is away; a debug build shares two
/// cores with everything else.
const PROMPT: Duration = Duration::from_secs(5);

/// The log is synced seldom, so that at any moment a hundred messages are taken in and not yet safe.
#[tokio::test]
async fn ops_tcu_is_killed_again_and_again() -> anyhow::Result<()> {
    let mut world = World::start(&[("WAL__GROUP_INTERVAL", "50ms")]).await?;
    let fleet = Fleet::start(world.stack.mqtt_port());
    for _ in 0..3 {
        fleet.until_confirmed(IN_FULL_SWING).await?;
        world.tcu.kill().await?;
        world.tcu.start_again().await?;
    }
    fleet.until_confirmed(IN_FULL_SWING).await?;
    let made = fleet.finish().await?;
    audit_redelivered_run_data(&world, &made).await?;
    audit(&world, &made).await
}

#[tokio::test]
async fn chdbd_is_killed_again_and_again() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    let fleet = Fleet::start(world.stack.mqtt_port());
    for _ in 0..3 {
        fleet.until_confirmed(IN_FULL_SWING).await?;
        world.stack.chdbd.kill().await?;
        world.stack.chdbd.restart().await?;
    }
    fleet.until_confirmed(IN_FULL_SWING).await?;
    let made = fleet.finish().await?;
    audit_run_data(&world, &made).await?;
    audit(&world, &made).await
}

/// The broker loses what it had in memory; piles have its word for it, so run data may be missing. Records are not.
#[tokio::test]
async fn mosquitto_is_killed_again_and_again() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    let fleet = Fleet::start(world.stack.mqtt_port());
    for _ in 0..3 {
        fleet.until_confirmed(IN_FULL_SWING).await?;
        world.stack.mosquitto.kill().await?;
        world.stack.mosquitto.restart().await?;
        world.tcu.until_ready().await?;
    }
    fleet.until_confirmed(IN_FULL_SWING).await?;
    let made = fleet.finish().await?;
    audit(&world, &made).await
}

#[tokio::test]
async fn redis_is_killed_and_telemetry_goes_on() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    let fleet = Fleet::start(world.stack.mqtt_port());
    fleet.until_confirmed(IN_FULL_SWING).await?;
    world.stack.redis.kill().await?;
    let killed = Instant::now();
    fleet.until_confirmed(2 * IN_FULL_SWING).await?;
    let (status, body) = world.tcu.get("/health/ready").await?;
    assert_eq!(status, 503, "{body}");
    let ready: serde_json::Value = serde_json::from_str(&body)?;
    let others = ["broker", "clickhouse", "intake"].map(|name| ready["checks"][name] == "ok");
    assert!(ready["checks"]["redis"] != "ok" && others == [true; 3], "{ready}");
    world.stack.redis.restart().await?;
    fleet.until_confirmed(IN_FULL_SWING).await?;
    let slowest = fleet.slowest_since(killed);
    let made = fleet.finish().await?;
    assert!(slowest < Some(PROMPT), "{slowest:?}");
    // The latest states are written again, also those of piles that have fallen silent.
    let last = world.number("SELECT max(recv_time) FROM run_data").await?;
    for pile in 0..made.piles {
        let uuid = message::uuid(pile);
        world
            .until_state(&uuid, |state| state.last_seen as u64 + 1000 > last)
            .await?;
    }
    audit_run_data(&world, &made).await?;
    audit(&world, &made).await
}

#[tokio::test]
async fn confirmations_go_on_while_clickhouse_is_away_and_the_log_drains_afterwards() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    let fleet = Fleet::start(world.stack.mqtt_port());
    fleet.until_confirmed(IN_FULL_SWING).await?;
    world.stack.chdbd.kill().await?;
    let away = Instant::now();
    // The outage is the subject, not a wait for something.
    sleep(AWAY).await;
    fleet.until_all_confirmed().await?;
    let slowest = fleet.slowest_since(away);
    assert!(slowest < Some(PROMPT), "{slowest:?}");
    let segments = world.tcu.segments()?.len();
    assert!(
        segments > 2,
        "the log keeps what the database does not take: {segments} segments"
    );
    until("the backlog is measured", PROMPT, async || {
        let backlog = world.tcu.metric("ops_tcu_wal_backlog_bytes", "").await;
        backlog.is_ok_and(|bytes| bytes > 100_000.0)
    })
    .await?;
    world.stack.chdbd.restart().await?;
    fleet.until_confirmed(IN_FULL_SWING).await?;
    let made = fleet.finish().await?;
    audit_run_data(&world, &made).await?;
    audit(&world, &made).await
}

/// What was confirmed while the database is away lies in the log alone, and so does that a new pile was adopted.
#[tokio::test]
async fn ops_tcu_is_killed_while_clickhouse_is_away() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let new = message::uuid(8708);
    let fleet = Fleet::start(world.stack.mqtt_port());
    fleet.until_confirmed(IN_FULL_SWING).await?;
    world.stack.chdbd.kill().await?;
    for reqid in 1..=2 {
        piles
            .publish(&message::msg(&new), message::login(reqid, "SN"))
            .await?;
        piles
            .expect(&message::cmd(&new), message::is("登录应答", reqid), SOON)
            .await?;
        if reqid == 1 {
            fleet.until_confirmed(2 * IN_FULL_SWING).await?;
            world.tcu.kill().await?;
            world.stack.chdbd.restart().await?;
            world.tcu.start_again().await?;
        }
    }
    fleet.until_confirmed(IN_FULL_SWING).await?;
    let mut made = fleet.finish().await?;
    made.piles += 1;
    audit_redelivered_run_data(&world, &made).await?;
    audit(&world, &made).await
}

/// The database has done what it was asked and cannot say so: asked again, it must not do it twice.
#[tokio::test]
async fn connections_to_clickhouse_are_cut_in_the_middle_of_inserts() -> anyhow::Result<()> {
    let (world, proxy) = behind_a_proxy(clickhouse_port, clickhouse_setting).await?;
    let fleet = Fleet::start(world.stack.mqtt_port());
    for _ in 0..25 {
        fleet.until_confirmed(IN_FULL_SWING / 5).await?;
        // What is under way reaches the database, its answer goes no further than here.
        proxy.stall();
        fleet.until_confirmed(IN_FULL_SWING / 10).await?;
        proxy.cut();
        until("the cut is felt", SOON, async || {
            world.tcu.is_ready().await == Some(false)
        })
        .await?;
        proxy.heal();
    }
    let made = fleet.finish().await?;
    audit_run_data(&world, &made).await?;
    audit(&world, &made).await
}

#[tokio::test]
async fn the_connection_to_the_broker_is_cut_and_heals() -> anyhow::Result<()> {
    let (world, proxy) = behind_a_proxy(broker_port, broker_setting).await?;
    let fleet = Fleet::start(world.stack.mqtt_port());
    for _ in 0..2 {
        fleet.until_confirmed(IN_FULL_SWING).await?;
        proxy.cut();
        until("the cut is felt", SOON, async || {
            world.tcu.is_ready().await == Some(false)
        })
        .await?;
        proxy.heal();
        world.tcu.until_ready().await?;
    }
    fleet.until_confirmed(IN_FULL_SWING).await?;
    let made = fleet.finish().await?;
    audit_redelivered_run_data(&world, &made).await?;
    audit(&world, &made).await
}

/// What becomes due while the broker is away is said once it is back: here the end of a command that nobody answered.
#[tokio::test]
async fn what_is_to_be_said_waits_for_the_broker() -> anyhow::Result<()> {
    let (world, proxy) = behind_a_proxy(broker_port, broker_setting).await?;
    let mut piles = world.piles().await?;
    let uuid = message::uuid(8708);
    piles
        .publish(&message::msg(&uuid), message::login(1, "SN"))
        .await?;
    let asked = r#"{"命令":"SIM卡召唤","请求标识":"mark","超时_秒":3}"#;
    piles
        .publish(&format!("/xjdy/ops/v1/PXY/{uuid}/cmd"), asked)
        .await?;
    piles
        .expect(&message::cmd(&uuid), message::is_any("SIM卡召唤"), SOON)
        .await?;
    proxy.cut();
    until("the command is over", SOON, async || {
        let over = world
            .tcu
            .metric("ops_tcu_commands_total", r#"kind="timed_out""#)
            .await;
        over.is_ok_and(|over| over == 1.0)
    })
    .await?;
    let outcome = |payload: &[u8]| String::from_utf8_lossy(payload).contains("timed_out");
    let topic = format!("/xjdy/ops/v1/PXY/{uuid}/resp");
    assert!(
        piles.expect(&topic, outcome, Duration::ZERO).await.is_err(),
        "it was cut off"
    );
    proxy.heal();
    piles.expect(&topic, outcome, SOON).await?;
    Ok(())
}

/// A database that neither answers nor hangs up is worse than one that is gone.
#[tokio::test]
async fn a_stalled_clickhouse_stops_neither_confirmations_nor_the_clock() -> anyhow::Result<()> {
    let (world, proxy) = behind_a_proxy(clickhouse_port, clickhouse_setting).await?;
    let fleet = Fleet::start(world.stack.mqtt_port());
    fleet.until_confirmed(IN_FULL_SWING).await?;
    proxy.stall();
    let stalled = Instant::now();
    // Long enough for the fleet to be read again in the meantime, which hangs.
    sleep(CUT).await;
    fleet.until_all_confirmed().await?;
    let slowest = fleet.slowest_since(stalled);
    assert!(slowest < Some(PROMPT), "{slowest:?}");
    let now = message::now();
    world
        .until_state(&message::uuid(1), |state| state.last_seen > now)
        .await?;
    proxy.heal();
    fleet.until_confirmed(IN_FULL_SWING).await?;
    let made = fleet.finish().await?;
    audit_run_data(&world, &made).await?;
    audit(&world, &made).await
}

fn broker_port(stack: &Stack) -> u16 {
    stack.mqtt_port()
}

fn broker_setting(port: u16) -> (&'static str, String) {
    ("MQTT__BROKERS", format!("127.0.0.1:{port}"))
}

fn clickhouse_port(stack: &Stack) -> u16 {
    stack.chdbd.port()
}

fn clickhouse_setting(port: u16) -> (&'static str, String) {
    ("CLICKHOUSE__URL", format!("http://127.0.0.1:{port}"))
}

/// A world in which one server is reached through a proxy: its port, and the setting that leads there.
async fn behind_a_proxy(
    server: impl FnOnce(&Stack) -> u16,
    setting: impl FnOnce(u16) -> (&'static str, String),
) -> anyhow::Result<(World, FaultProxy)> {
    let mut kept = None;
    let world = World::start_with(async |stack| {
        let proxy = FaultProxy::start(server(stack)).await?;
        let (key, value) = setting(proxy.port());
        kept = Some(proxy);
        Ok(Settings::of(stack).with(&[(key, &value), ("DEVICE__REFRESH", "1s")]))
    })
    .await?;
    Ok((world, kept.expect("the proxy was started above")))
}
