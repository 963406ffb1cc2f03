//! What staff do with assets while piles speak: swaps, deletions, imports.

use serde_json::json;
use testkit::MqttClient;

use crate::world::{LATER, SOON, World, message, until};

const OFTEN: (&str, &str) = ("DEVICE__REFRESH", "1s");

async fn log_in(piles: &mut MqttClient, uuid: &str, reqid: u32) -> anyhow::Result<()> {
    piles
        .publish(&message::msg(uuid), message::login(reqid, "SN"))
        .await?;
    let is_reply = message::is("登录应答", reqid);
    piles.expect(&message::cmd(uuid), is_reply, SOON).await?;
    Ok(())
}

/// A new version of a pile's asset, with these columns changed.
async fn change(world: &World, device_id: u64, columns: &str) -> anyhow::Result<()> {
    let sql = format!(
        "INSERT INTO asset SELECT * REPLACE (timestamp + 1 AS timestamp, {columns}) FROM asset FINAL \
         WHERE device_id = {device_id}"
    );
    Ok(world.stack.clickhouse().query_raw(&sql).execute().await?)
}

/// Logs in again and again until the logins go to a pile for which `wanted` holds; gives it.
async fn until_logins_go_to(
    world: &World,
    piles: &mut MqttClient,
    uuid: &str,
    wanted: impl Fn(u64) -> bool,
) -> anyhow::Result<u64> {
    let mut reqid = 1_000;
    let (mut found, mut outcome) = (None, Ok(()));
    until("logins go elsewhere", LATER, async || {
        reqid += 1;
        outcome = log_in(piles, uuid, reqid).await;
        let last = format!(
            "SELECT device_id FROM login_record WHERE uuid = '{uuid}' ORDER BY recv_time DESC, device_id DESC LIMIT 1"
        );
        found = world.number(&last).await.ok().filter(|device_id| wanted(*device_id));
        found.is_some() || outcome.is_err()
    })
    .await?;
    outcome?;
    found.ok_or_else(|| anyhow::anyhow!("no logins of {uuid}"))
}

#[tokio::test]
async fn a_swapped_tcu_becomes_the_pile_and_the_old_one_a_new_pile() -> anyhow::Result<()> {
    let world = World::start(&[OFTEN]).await?;
    let mut piles = world.piles().await?;
    let (old, new) = (message::uuid(8708), message::uuid(8709));
    log_in(&mut piles, &old, 1).await?;
    log_in(&mut piles, &new, 1).await?;
    let (pile, adopted) = (world.device_id(&old).await?, world.device_id(&new).await?);
    change(&world, pile, &format!("'{new}' AS name")).await?;
    change(&world, adopted, "1 AS flag_del").await?;

    until_logins_go_to(&world, &mut piles, &new, |device| device == pile).await?;
    let fresh = until_logins_go_to(&world, &mut piles, &old, |device| device != pile).await?;
    assert_ne!(fresh, adopted);
    assert_eq!(world.device_id(&old).await?, fresh);
    world.until_state(&new, |state| state.device_id == pile).await?;
    world.until_state(&old, |state| state.device_id == fresh).await?;
    world.tcu.assert_log_is_clean();
    Ok(())
}

#[tokio::test]
async fn a_deleted_asset_never_comes_back_by_itself() -> anyhow::Result<()> {
    let mut world = World::start(&[OFTEN]).await?;
    let mut piles = world.piles().await?;
    let uuid = message::uuid(8708);
    log_in(&mut piles, &uuid, 1).await?;
    let deleted = world.device_id(&uuid).await?;
    world
        .until_state(&uuid, |state| state.device_id == deleted)
        .await?;
    change(&world, deleted, "1 AS flag_del").await?;
    until("its state is taken back", LATER, async || {
        world.state(&uuid).await.is_ok_and(|state| state.is_none())
    })
    .await?;
    let next = until_logins_go_to(&world, &mut piles, &uuid, |device| device != deleted).await?;
    change(&world, next, "1 AS flag_del").await?;
    world.until_drained().await?;
    world.tcu.kill().await?;
    world.tcu.start_again().await?;
    let third = until_logins_go_to(&world, &mut piles, &uuid, |d| d != deleted && d != next).await?;
    assert_eq!(world.device_id(&uuid).await?, third);
    Ok(())
}

#[tokio::test]
async fn an_import_is_found_however_far_it_is_dated_back() -> anyhow::Result<()> {
    let world = World::start(&[OFTEN, ("DEVICE__UNKNOWN_DEVICE", "refuse")]).await?;
    let mut piles = world.piles().await?;
    let uuid = message::uuid(8708);
    piles
        .publish(&message::msg(&uuid), message::trade_record(1, "T1", b"", "1.5"))
        .await?;
    world
        .until_number(
            "SELECT count() FROM quarantine WHERE reason = 'unknown_device'",
            1,
        )
        .await?;
    let import = format!(
        "INSERT INTO asset (timestamp, device_id, dt_id, name, audit_status) VALUES (2, 77, 1, '{uuid}', '已审核')"
    );
    world.stack.clickhouse().query_raw(&import).execute().await?;
    // Its login is answered once it is known.
    until("the pile is known", LATER, async || {
        let login = message::login(2, "SN");
        let said = piles.publish(&message::msg(&uuid), login).await;
        said.is_ok()
            && world
                .number("SELECT count() FROM login_record WHERE device_id = 77")
                .await
                .is_ok_and(|n| n > 0)
    })
    .await?;
    change(&world, 77, "1 AS flag_del").await?;
    let refused = "SELECT count() FROM quarantine WHERE reason = 'unknown_device' AND trade_id LIKE 'later%'";
    let mut number = 0;
    until("it is refused again", LATER, async || {
        number += 1;
        let record = message::trade_record(3, &format!("later{number}"), b"", "1.5");
        let said = piles.publish(&message::msg(&uuid), record).await;
        said.is_ok() && world.number(refused).await.is_ok_and(|n| n > 0)
    })
    .await?;
    assert_eq!(world.number("SELECT uniqExact(device_id) FROM asset").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_command_for_a_uuid_that_nobody_has_makes_no_pile() -> anyhow::Result<()> {
    let world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let typo = message::uuid(8708);
    let ask = json!({"命令": "软件版本查询", "请求标识": "typo"});
    piles
        .publish(&format!("/xjdy/ops/v1/PXY/{typo}/cmd"), ask.to_string())
        .await?;
    let told = piles
        .expect(&format!("/xjdy/ops/v1/PXY/{typo}/resp"), |_| true, SOON)
        .await?;
    let told: serde_json::Value = serde_json::from_slice(&told.payload)?;
    assert_eq!(
        (&told["结果"], &told["失败原因"], &told["请求标识"]),
        (&json!("失败"), &json!("无此桩"), &json!("typo"))
    );
    world.until_drained().await?;
    assert_eq!(world.number("SELECT count() FROM asset").await?, 0);
    Ok(())
}
