//! What logins tell.

use std::net::IpAddr;

use protocol::Uuid;
use redis::AsyncCommands as _;
use register::watch::Sighting;
use serde_json::{Value, json};
use store::redis_keys::RedisKeys;

use super::world::{SOON, World, until};

const WARNINGS: &str = "SELECT count() FROM warn_record FINAL WHERE warn_code = 'PLATFORM-DUPLICATE-UUID'";

/// Two factory numbers on one uuid: one warning, however often they turn, however often it is read, and after a
/// restart.
#[tokio::test]
async fn two_tcus_under_one_uuid_are_one_warning() -> anyhow::Result<()> {
    let world = World::start().await?;
    for (sn, ago) in [("A", 50_000), ("B", 40_000), ("A", 30_000), ("B", 20_000)] {
        world.login(7001, "AAAAALFW", sn, ago).await?;
    }
    world.login(7002, "AAAAAAAB", "C", 10_000).await?;
    let register = world.register("r1").await?;
    let second = world.register("r2").await?;
    let count = "SELECT sum(count) FROM warn_record FINAL";
    until("three turns are counted", async || {
        world.number(count).await.is_ok_and(|count| count == 3)
    })
    .await?;
    assert_eq!(world.number(WARNINGS).await?, 1);
    let row = "SELECT concat(toString(device_id), ' ', warn_name, ' ', toString(source), ' ', toString(state), ' ', device_zone, \
        ' ', extra) FROM warn_record FINAL";
    assert_eq!(
        world.text(row).await?,
        "7001 uuid重复 平台 发生 桩数据 uuid AAAAALFW 先后由出厂编号 A 和 B 使用"
    );
    // A restart reads the last hour once more; then one more turn counts.
    drop((register, second));
    let _register = world.register("r3").await?;
    world.login(7001, "AAAAALFW", "A", 0).await?;
    until("the fourth is counted", async || {
        world.number(count).await.is_ok_and(|count| count == 4)
    })
    .await?;
    assert_eq!(world.number(WARNINGS).await?, 1);
    Ok(())
}

/// The newcomer gets a uuid of its own, once, and is told by a command that names it.
#[tokio::test]
async fn the_newcomer_gets_a_uuid_of_its_own_exactly_once() -> anyhow::Result<()> {
    let world = World::start().await?;
    let change = |config: &mut register::Config| config.duplicate.change_uuid = true;
    let one = world.register_with("r1", change).await?;
    let _two = world.register_with("r2", change).await?;
    world.allow("DC-120").await?;
    let owner = world.ask("OWNER", "DC-120").await?;
    let uuid = owner["uuid"].as_str().unwrap();
    let mut engineer = world.engineer().await?;
    let commands = format!("/xjdy/ops/v1/PXY/{uuid}/cmd");
    engineer.subscribe(&commands).await?;
    world.adopt(7001, uuid).await?;
    // The owner speaks last: it is told apart by what is registered.
    world.login(7001, uuid, "CLONE", 2_000).await?;
    world.login(7001, uuid, "OWNER", 1_000).await?;
    let command = engineer.expect(&commands, |_| true, SOON).await?;
    let command: Value = serde_json::from_slice(&command.payload)?;
    assert_eq!(
        (&command["命令"], &command["出厂编号"]),
        (&json!("更新ID"), &json!("CLONE"))
    );
    let clone = world.registration(&one, "CLONE").await?;
    assert_eq!(
        (&clone["uuid"], &clone["state"]),
        (&command["uuid"], &json!("已注册"))
    );
    assert_ne!(clone["uuid"], uuid);
    for n in 0..4 {
        let sn = ["CLONE", "OWNER"][n % 2];
        world.login(7001, uuid, sn, 500 - n as i64 * 100).await?;
    }
    let count = "SELECT sum(count) FROM warn_record FINAL";
    until("further turns are counted", async || {
        world.number(count).await.is_ok_and(|count| count >= 4)
    })
    .await?;
    let given = "SELECT count() FROM uuid_ledger FINAL WHERE reason = 'uuid重复'";
    assert_eq!(world.number(given).await?, 1);
    let records = "SELECT count() FROM operation_record FINAL WHERE account = 'register' AND result = '成功'";
    assert_eq!(world.number(records).await?, 1);
    let owner = world.registration(&one, "OWNER").await?;
    assert_eq!(owner["uuid"], uuid, "the owner keeps it");
    // It obeys, and is in service under its own.
    let own = clone["uuid"].as_str().unwrap();
    world.adopt(7002, own).await?;
    world.login(7002, own, "CLONE", 0).await?;
    until("the newcomer is in service", async || {
        let now = world.registration(&one, "CLONE").await;
        now.is_ok_and(|now| now["state"] == "在役" && now["device_id"] == 7002)
    })
    .await
}

/// Addresses that the broker's hook sees: they must come back to count.
#[tokio::test]
async fn addresses_that_take_turns_are_a_warning() -> anyhow::Result<()> {
    let world = World::start().await?;
    let register = world.register("r1").await?;
    world.adopt(7001, "AAAAALFW").await?;
    let uuid = Uuid::parse("AAAAALFW")?;
    for (n, address) in ["10.0.0.1", "10.0.0.2", "10.0.0.1"].into_iter().enumerate() {
        let at = register::ledger::now() + n as i64;
        let sighting = Sighting::address(uuid, address.parse::<IpAddr>()?, at);
        register.addresses.send(sighting).await?;
    }
    until("a warning is there", async || {
        world.number(WARNINGS).await.is_ok_and(|count| count == 1)
    })
    .await?;
    assert_eq!(
        world.text("SELECT extra FROM warn_record FINAL").await?,
        "uuid AAAAALFW 先后由来源地址 10.0.0.2 和 10.0.0.1 使用"
    );
    Ok(())
}

/// A fleet that logs in for the first time: few inserts, not one per pile. Also logins from before the watch began.
#[tokio::test]
async fn a_fleet_comes_into_service_in_batches() -> anyhow::Result<()> {
    const PILES: u64 = 5_000;
    let world = World::start().await?;
    let now = register::ledger::now();
    let uuid = "concat('AA', arrayStringConcat(arrayMap(i -> char(65 + intDiv(number, toUInt64(pow(26, 5 - i))) % 26), range(6))))";
    world
        .run(&format!(
            "INSERT INTO registration (timestamp, sn, uuid, state, model, username, request_time) \
             SELECT {now} - 9, concat('SN', toString(number)), {uuid}, '已注册', 'DC-120', {uuid}, 1 FROM numbers({PILES})"
        ))
        .await?;
    world
        .run(&format!(
            "INSERT INTO asset (timestamp, device_id, name, audit_status) \
             SELECT 1, number + 1, {uuid}, '待接入' FROM numbers({PILES})"
        ))
        .await?;
    // Half of them long before any register ran.
    world
        .run(&format!(
            "INSERT INTO login_record (timestamp, recv_time, device_id, uuid, reqid, sn) \
             SELECT {now} - if(number % 2 = 0, 86400000, 1000) AS t, t, number + 1, {uuid}, 1, concat('SN', toString(number)) \
             FROM numbers({PILES})"
        ))
        .await?;
    let _register = world.register("r1").await?;
    let in_service =
        "SELECT count() FROM registration FINAL WHERE state = '在役' AND device_id != 0 AND login_time != 0";
    until("all are in service", async || {
        world.number(in_service).await.is_ok_and(|n| n == PILES)
    })
    .await?;
    let filled = "SELECT count() FROM asset FINAL WHERE model = 'DC-120'";
    until("all assets are filled", async || {
        world.number(filled).await.is_ok_and(|n| n == PILES)
    })
    .await?;
    let right = "SELECT count() FROM registration FINAL WHERE device_id = toUInt64(substring(sn, 3)) + 1";
    assert_eq!(world.number(right).await?, PILES);
    Ok(())
}

/// A register died between registration and asset; another adopted the new uuid before it heard whose it is.
#[tokio::test]
async fn what_was_cut_short_is_completed() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.adopt(7001, "AAAAALFW").await?;
    world.adopt(7002, "AAAAAAAB").await?;
    world.adopt(7003, "AAAAAAAC").await?;
    world.adopt(7004, "AAAAAAAC").await?;
    for (sn, uuid, device_id) in [("SN1", "AAAAAAAB", 7001), ("SN2", "AAAAAAAC", 7003)] {
        world
            .run(&format!(
                "INSERT INTO registration (timestamp, sn, uuid, state, device_id, request_time) \
                 VALUES (5, '{sn}', '{uuid}', '在役', {device_id}, 1)"
            ))
            .await?;
    }
    let _register = world.register("r1").await?;
    let names = "SELECT arrayStringConcat(arraySort(groupArray(concat(toString(device_id), name))), ' ') \
        FROM asset FINAL WHERE flag_del = 0";
    until("registrations and assets agree", async || {
        let names = world.text(names).await;
        names.is_ok_and(|names| names == "7001AAAAAAAB 7003AAAAAAAC")
    })
    .await
}

/// While a web server changes an asset the watch leaves it alone, and afterwards writes beside what was changed.
#[tokio::test]
async fn what_staff_change_meanwhile_is_kept() -> anyhow::Result<()> {
    let world = World::start().await?;
    let register = world.register("r1").await?;
    world.allow("DC-120").await?;
    let (pile, other) = (
        world.ask("SN1", "DC-120").await?,
        world.ask("SN2", "DC-120").await?,
    );
    let (uuid, others) = (pile["uuid"].as_str().unwrap(), other["uuid"].as_str().unwrap());
    world.adopt(7001, uuid).await?;
    world.adopt(7002, others).await?;
    let client = redis::Client::open(world.stack.redis_url())?;
    let mut redis = client.get_multiplexed_async_connection().await?;
    let lock = RedisKeys::default().asset_lock(7001);
    let _: () = redis.set(&lock, "a web server").await?;
    world.login(7001, uuid, "SN1", 1_000).await?;
    until("it is in service", async || {
        let known = world.registration(&register, "SN1").await;
        known.is_ok_and(|known| known["state"] == "在役")
    })
    .await?;
    // Once the other asset, which nothing holds back, is filled, this one has had its turn as well.
    world.login(7002, others, "SN2", 500).await?;
    until("the other asset is filled", async || {
        let filled = "SELECT count() FROM asset FINAL WHERE device_id = 7002 AND model = 'DC-120'";
        world.number(filled).await.is_ok_and(|n| n == 1)
    })
    .await?;
    let shown = "SELECT concat(model, ' ', toString(sta_id)) FROM asset FINAL WHERE device_id = 7001";
    assert_eq!(world.text(shown).await?, " 0");
    world
        .run(
            "INSERT INTO asset SELECT * REPLACE (timestamp + 1 AS timestamp, 5 AS sta_id) FROM asset FINAL \
             WHERE device_id = 7001",
        )
        .await?;
    let _: () = redis.del(&lock).await?;
    until("the asset is filled", async || {
        world.text(shown).await.is_ok_and(|shown| shown == "DC-120 5")
    })
    .await
}
