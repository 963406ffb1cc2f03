//! The orderly stop, and the starts that must fail with a clear word.

use std::time::Duration;

use testkit::{Stack, WorkspaceProcess};

use crate::world::fleet::Fleet;
use crate::world::{SOON, Settings, World, audit, audit_redelivered_run_data, logged, message, until};

/// As configured below.
const DEADLINE: Duration = Duration::from_secs(20);
/// For a process to be started, read its configuration and end.
const START: Duration = Duration::from_secs(10);

#[tokio::test]
async fn sigterm_in_the_middle_of_traffic_loses_nothing() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    let fleet = Fleet::start(world.stack.mqtt_port());
    for _ in 0..3 {
        fleet.until_confirmed(150).await?;
        let confirmed = fleet.confirmed_trades();
        assert_eq!(world.tcu.stop(DEADLINE).await?, Some(0));
        // The database was there, so an orderly stop leaves nothing in the log.
        assert!(world.tcu.segments()?.is_empty(), "{:?}", world.tcu.segments()?);
        assert!(logged(&world.tcu.log(), "ops_tcu has stopped").is_some());
        let stored = world.rows("SELECT trade_id FROM trade_record").await?;
        let stored: Vec<_> = stored
            .iter()
            .map(|row| row["trade_id"].as_str().unwrap())
            .collect();
        let missing: Vec<_> = confirmed
            .iter()
            .filter(|number| !stored.contains(&number.as_str()))
            .collect();
        assert!(
            missing.is_empty(),
            "confirmed, stopped, and not in the database: {missing:?}"
        );
        // And the other way round: the last confirmations went out before it left.
        until("what is in the database is confirmed", SOON, async || {
            let confirmed = fleet.confirmed_trades();
            stored.iter().all(|number| confirmed.iter().any(|c| c == number))
        })
        .await?;
        world.tcu.start_again().await?;
    }
    fleet.until_confirmed(150).await?;
    let made = fleet.finish().await?;
    audit_redelivered_run_data(&world, &made).await?;
    audit(&world, &made).await
}

/// What was confirmed and is not in the database yet stays in the log for the next start.
#[tokio::test]
async fn a_stop_without_clickhouse_keeps_its_deadline_and_the_log() -> anyhow::Result<()> {
    let mut world = World::start(&[("SHUTDOWN__DEADLINE", "2s")]).await?;
    let fleet = Fleet::start(world.stack.mqtt_port());
    fleet.until_confirmed(150).await?;
    world.stack.chdbd.kill().await?;
    fleet.until_confirmed(150).await?;
    assert_eq!(world.tcu.stop(Duration::from_secs(8)).await?, Some(0));
    assert!(!world.tcu.segments()?.is_empty());
    assert!(world.tcu.log().contains("the log keeps it for the next start"));
    world.stack.chdbd.restart().await?;
    world.tcu.start_again().await?;
    let made = fleet.finish().await?;
    audit_redelivered_run_data(&world, &made).await?;
    audit(&world, &made).await
}

/// It waits for the database before it takes anything in; that must not make it deaf.
#[tokio::test]
async fn a_start_without_clickhouse_waits_and_can_be_stopped() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    world.tcu.stop(DEADLINE).await?;
    world.stack.chdbd.kill().await?;
    let mut waiting = world.tcu.twin().await?;
    until("it says what it waits for", START, async || {
        logged(&waiting.output(), "waiting for ClickHouse to know the fleet").is_some()
    })
    .await?;
    assert_eq!(waiting.stop(START).await?.code(), Some(0), "{}", waiting.output());

    // What piles say meanwhile is kept by the broker.
    let uuid = message::uuid(1);
    piles
        .publish(&message::msg(&uuid), message::login(1, "SN"))
        .await?;
    world.stack.chdbd.restart().await?;
    world.tcu.start_again().await?;
    piles
        .expect(&message::cmd(&uuid), message::is("登录应答", 1), SOON)
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_start_without_redis_and_broker_waits_for_neither() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    world.tcu.stop(DEADLINE).await?;
    world.stack.redis.kill().await?;
    world.stack.mosquitto.kill().await?;
    world.tcu.start_again_unready().await?;
    until("it takes messages in", SOON, async || {
        logged(&world.tcu.log(), "ops_tcu takes messages in").is_some()
            && world.tcu.is_ready().await == Some(false)
    })
    .await?;
    world.stack.mosquitto.restart().await?;
    let mut piles = world.piles().await?;
    let (uuid, mut reqid) = (message::uuid(1), 0);
    let (topic, cmd) = (message::msg(&uuid), message::cmd(&uuid));
    // The broker has forgotten the session, so a pile that speaks before it is there again speaks to nobody.
    until("a pile is answered", SOON, async || {
        reqid += 1;
        let said = piles.publish(&topic, message::login(reqid, "SN")).await;
        let answered = piles.expect(&cmd, message::is_any("登录应答"), Duration::from_millis(300));
        said.is_ok() && answered.await.is_ok()
    })
    .await?;
    world.stack.redis.restart().await?;
    world.tcu.until_ready().await?;
    world
        .until_state(&uuid, |state| state.online && state.sn == "SN")
        .await
}

#[tokio::test]
async fn a_second_one_on_the_same_log_is_refused_and_disturbs_nothing() -> anyhow::Result<()> {
    let world = World::start(&[]).await?;
    let mut twin = world.tcu.twin().await?;
    let code = ended(&mut twin).await?;
    let said = twin.output();
    assert_eq!(code, Some(1), "{said}");
    let folder = world.stack.folder().join("wal").display().to_string();
    assert!(said.contains("in use") && said.contains(&folder), "{said}");
    assert!(!said.contains("ops_tcu starts"), "{said}");
    let mut piles = world.piles().await?;
    let uuid = message::uuid(1);
    piles
        .publish(&message::msg(&uuid), message::login(1, "SN"))
        .await?;
    piles
        .expect(&message::cmd(&uuid), message::is("登录应答", 1), SOON)
        .await?;
    Ok(())
}

async fn ended(process: &mut WorkspaceProcess) -> anyhow::Result<Option<i32>> {
    let mut code = None;
    until("it ends by itself", START, async || {
        code = process.ended().ok().flatten().map(|status| status.code());
        code.is_some()
    })
    .await?;
    Ok(code.flatten())
}

#[tokio::test]
async fn a_bad_configuration_ends_with_64_and_names_the_key() -> anyhow::Result<()> {
    let stack = Stack::start().await?;
    let good = Settings::of(&stack);
    let cases = [
        ("DEVICE__UNKNOWN_DEVICE", "perhaps", "device.unknown_device"),
        ("WAL__SEGMENT_AGE", "soon", "wal.segment_age"),
        ("WAL__SEGMENT_BYTES", "many", "wal.segment_bytes"),
        ("MQTT__BROKERS", "localhost", "mqtt.brokers"),
        ("MQTT__BROKERS", "", "mqtt.brokers"),
        ("MQTT__CLIENT_ID", "", "mqtt.client_id"),
        ("MQTT__ORG", "xjdy/ops", "mqtt.org"),
        ("MQTT__KEEP_ALIVE", "0s", "mqtt.keep_alive"),
        ("MQTT__MAX_PACKET", "1KiB", "mqtt.max_packet"),
        ("MQTT__VERSION", "4", "mqtt.version"),
        ("TELEMETRY__LISTEN", "here", "telemetry.listen"),
        ("DEVICE__NODE", "-1", "device.node"),
        ("DEVICE__NODE", "16", "device.node"),
        ("REDIS__URL", "localhost", "redis.url"),
        ("CLICKHOUSE__URL", "localhost:8123", "clickhouse.url"),
        ("WAL__MAX_BYTES", "0", "wal.max_bytes"),
        ("MQTT__BROKER", "localhost:1883", "`broker`"),
    ];
    for (key, value, named) in cases {
        for arguments in [&[][..], &["--check-config"]] {
            let mut process = good.clone().with(&[(key, value)]).run(arguments).await?;
            let code = ended(&mut process).await?;
            let said = process.output();
            assert_eq!(code, Some(64), "{key}={value}: {said}");
            assert!(said.contains(named), "{key}={value}: {said}");
        }
    }
    // Only the start reads what is to be logged.
    let mut process = good.clone().with(&[("LOG__FILTER", "a=b=c")]).run(&[]).await?;
    assert_eq!(ended(&mut process).await?, Some(64), "{}", process.output());
    assert!(process.output().contains("a=b=c"), "{}", process.output());
    let mut process = good.run(&["--check-config"]).await?;
    assert_eq!(ended(&mut process).await?, Some(0), "{}", process.output());
    assert_eq!(process.output(), "configuration ok\n");
    Ok(())
}
