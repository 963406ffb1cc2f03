//! What staff do with registrations over the web API: carried out by the real `register`, at a broker whose door it
//! keeps, and recorded once under the name of whoever has signed in.

use serde_json::{Value, json};
use store::table::{asset::Asset, organization_station::OrganizationStation};
use testkit::wait_until;

use crate::register::{SOON, Tcu, lets_in, world};
use crate::world::{ACCOUNTS, Client, GROUP, STRANGER, World};

pub(crate) const SN: &str = "SN0001";

/// A change that must be done.
pub(crate) async fn done(client: &Client, path: &str, body: &Value) -> anyhow::Result<Value> {
    let reply = client.post(path, body).await?;
    anyhow::ensure!(reply.status == 200, "{path} {body}: {}", reply.text);
    Ok(reply.data())
}

pub(crate) async fn detail(client: &Client, sn: &str) -> anyhow::Result<Value> {
    Ok(client.get(&format!("/registration/detail?sn={sn}")).await?.data())
}

/// Approves a TCU that waits; what it is told.
pub(crate) async fn approved(world: &World, chief: &Client, sn: &str) -> anyhow::Result<Value> {
    let mut tcu = Tcu::new(world, sn).await?;
    assert_eq!(tcu.ask().await?["结果"], "待审核");
    let approved = done(
        chief,
        "/registration/approve",
        &json!({"sn": sn, "reason": "新装"}),
    )
    .await?;
    assert_eq!(
        (&approved["state"], &approved["broker"], &approved["decided_by"]),
        (&json!("已注册"), &json!("已生效"), &json!(ACCOUNTS[0]))
    );
    let told = tcu.hears("密码", SOON).await?;
    assert_eq!(told["uuid"], approved["uuid"]);
    Ok(told)
}

/// As ops_tcu adopts a pile and records its login; waits until `register` has seen it.
pub(crate) async fn in_service(
    world: &World,
    chief: &Client,
    sn: &str,
    uuid: &str,
    device_id: u64,
) -> anyhow::Result<()> {
    let pile = Asset {
        timestamp: 1,
        device_id,
        sta_id: 2001,
        name: uuid,
        audit_status: "待接入",
        ..Asset::default()
    };
    world.insert(&[pile]).await?;
    let at = store::versioned::now();
    let login = format!(
        "INSERT INTO login_record (timestamp, pile_time, recv_time, device_id, uuid, reqid, model, sn, sim) \
         VALUES ({at}, {at}, {at}, {device_id}, '{uuid}', 1, 'DC-120', '{sn}', '8986')"
    );
    world.db.client().query_raw(&login).execute().await?;
    wait_until(SOON, || async {
        detail(chief, sn)
            .await
            .is_ok_and(|now| now["device_id"] == device_id)
    })
    .await
}

pub(crate) async fn station_of_the_group(world: &World) -> anyhow::Result<()> {
    world.stations(1).await?;
    let place = OrganizationStation {
        timestamp: 1,
        organization_id: GROUP,
        sta_id: 2001,
        ..OrganizationStation::default()
    };
    world.insert(&[place]).await
}

/// What was done, in order, as it is recorded: who, from where, what.
pub(crate) async fn recorded(world: &World, resource: &str) -> anyhow::Result<String> {
    let sql = format!(
        "SELECT arrayStringConcat(groupArray(concat(toString(user_id), ' ', account, ' ', address, ' ', \
         splitByChar('/', toString(operation))[-1], ' ', toString(result))), '; ') FROM \
         (SELECT * FROM operation_record FINAL WHERE resource = '{resource}' AND user_id != 0 ORDER BY timestamp, operation_id)"
    );
    Ok(world.db.client().query_raw(&sql).fetch_one::<String>().await?)
}

pub(crate) fn by_the_chief(operations: &[&str]) -> String {
    let line = |operation: &&str| format!("10 {} 127.0.0.1 {operation} 成功", ACCOUNTS[0]);
    operations.iter().map(line).collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn a_tcu_lives_and_every_step_is_recorded_once() -> anyhow::Result<()> {
    let (world, _register) = world().await?;
    station_of_the_group(&world).await?;
    let chief = world.chief().await?;
    let told = approved(&world, &chief, SN).await?;
    let text = |key: &str| told[key].as_str().unwrap().to_owned();
    let (uuid, username, password) = (text("uuid"), text("用户名"), text("密码"));
    assert!(lets_in(&world, &username, &password).await);
    in_service(&world, &chief, SN, &uuid, 3001).await?;

    let change = async |operation: &str| {
        let timestamp = detail(&chief, SN).await?["timestamp"].clone();
        let body = json!({"sn": SN, "timestamp": timestamp, "reason": "试"});
        done(&chief, &format!("/registration/{operation}"), &body).await
    };
    let disabled = change("disable").await?;
    assert_eq!(
        (&disabled["state"], &disabled["sta_name"]),
        (&json!("已停用"), &json!("站2001"))
    );
    assert!(!lets_in(&world, &username, &password).await);
    assert_eq!(change("enable").await?["state"], "在役");
    assert!(lets_in(&world, &username, &password).await);
    let renamed = change("change_uuid").await?;
    assert_eq!(
        (&renamed["former_uuid"], &renamed["asset"]),
        (&json!(uuid), &json!("将在桩以新uuid登录后改名"))
    );
    assert_eq!(change("release").await?["state"], "已释放");
    assert!(!lets_in(&world, &username, &password).await);
    let steps = ["approve", "disable", "enable", "change_uuid", "release"];
    assert_eq!(recorded(&world, "registration").await?, by_the_chief(&steps));
    // And is found by who did it and what it was done to.
    let records = chief
        .get(&format!(
            "/operation_record/list?resource=registration&resource_id={SN}"
        ))
        .await?;
    assert_eq!(records.data()["total"], 5);
    assert!(!records.text.contains("pbkdf2") && !records.text.contains(&password));
    Ok(())
}

#[tokio::test]
async fn another_tcu_is_put_into_a_pile_and_one_is_turned_away() -> anyhow::Result<()> {
    let (world, _register) = world().await?;
    station_of_the_group(&world).await?;
    let chief = world.chief().await?;
    let old = approved(&world, &chief, "OLD").await?;
    let uuid = old["uuid"].as_str().unwrap().to_owned();
    in_service(&world, &chief, "OLD", &uuid, 3001).await?;
    let mut newcomer = Tcu::new(&world, "NEW").await?;
    assert_eq!(newcomer.ask().await?["结果"], "待审核");

    let version = detail(&chief, "OLD").await?["timestamp"].clone();
    let both = json!({"uuid": uuid, "device_id": 3001, "new_sn": "NEW"});
    assert_eq!(chief.post("/registration/swap", &both).await?.failure().0, 422);
    let body = json!({"uuid": uuid, "new_sn": "NEW", "reason": "TCU损坏", "timestamp": version});
    // Whoever does not see both, sees nothing.
    for account in [ACCOUNTS[1], STRANGER] {
        let reply = world
            .client(account)
            .await?
            .post("/registration/swap", &body)
            .await?;
        assert_eq!(reply.failure().0, 404, "{account}");
    }
    let swapped = done(&chief, "/registration/swap", &body).await?;
    assert_eq!(
        (
            &swapped["sn"],
            &swapped["device_id"],
            &swapped["asset"],
            &swapped["sta_name"]
        ),
        (&json!("NEW"), &json!(3001), &json!("已生效"), &json!("站2001"))
    );
    assert_eq!(detail(&chief, "OLD").await?["state"], "已释放");
    assert!(
        !lets_in(
            &world,
            old["用户名"].as_str().unwrap(),
            old["密码"].as_str().unwrap()
        )
        .await
    );

    let mut unwanted = Tcu::new(&world, "BAD").await?;
    assert_eq!(unwanted.ask().await?["结果"], "待审核");
    let refused = done(
        &chief,
        "/registration/refuse",
        &json!({"sn": "BAD", "reason": "不是我们的"}),
    )
    .await?;
    assert_eq!(refused["state"], "已拒绝");
    let retired = json!({"sn": "NEW", "timestamp": swapped["timestamp"]});
    assert_eq!(
        done(&chief, "/registration/retire", &retired).await?["state"],
        "已退役"
    );
    let steps = ["approve", "swap", "refuse", "retire"];
    assert_eq!(recorded(&world, "registration").await?, by_the_chief(&steps));
    Ok(())
}

#[tokio::test]
async fn refusals_come_in_registers_own_words_and_repeats_do_nothing() -> anyhow::Result<()> {
    let (world, _register) = world().await?;
    let chief = world.chief().await?;
    let mut tcu = Tcu::new(&world, SN).await?;
    assert_eq!(tcu.ask().await?["结果"], "待审核");
    let key = [("idempotency-key", "k1")];
    let body = json!({"sn": SN});
    let first = chief.post_with("/registration/approve", &body, &key).await?;
    let again = chief.post_with("/registration/approve", &body, &key).await?;
    assert_eq!((first.status, &first.text), (200, &again.text));
    assert_eq!(
        recorded(&world, "registration").await?,
        by_the_chief(&["approve"])
    );

    let (status, msg) = chief.post("/registration/approve", &body).await?.failure();
    assert_eq!(status, 409);
    assert!(msg.starts_with("已注册状态不允许批准；允许的操作："), "{msg}");
    let english = [("accept-language", "en")];
    let (status, msg) = chief
        .post_with("/registration/approve", &body, &english)
        .await?
        .failure();
    assert_eq!(status, 409);
    assert!(msg.contains("does not allow approve"), "{msg}");
    let late = json!({"sn": SN, "timestamp": 1});
    let (status, msg) = chief.post("/registration/disable", &late).await?.failure();
    assert_eq!((status, msg.as_str()), (409, "数据已被修改，请刷新后重试"));
    let long = json!({"sn": SN, "timestamp": first.data()["timestamp"], "reason": "长".repeat(501)});
    let (status, msg) = chief.post("/registration/disable", &long).await?.failure();
    assert_eq!((status, msg.as_str()), (422, "reason：不能超过500个字"));
    let huge = json!({"sn": SN, "reason": "x".repeat(70_000)});
    assert_eq!(chief.post("/registration/approve", &huge).await?.failure().0, 413);
    assert_eq!(
        recorded(&world, "registration").await?,
        by_the_chief(&["approve"])
    );
    Ok(())
}
