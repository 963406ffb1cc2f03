//! One TCU from its request to its retirement.

use serde_json::{Value, json};
use testkit::MqttClient;

use super::world::{Register, SOON, World, result, topics, until};

const SN: &str = "SN0001";

/// A TCU that waits, is approved, connects, is disabled, enabled, given another uuid, retired.
#[tokio::test]
async fn a_tcu_lives_and_every_step_is_recorded() -> anyhow::Result<()> {
    let world = World::start().await?;
    let register = world.register("r1").await?;
    assert_eq!(world.ask(SN, "DC-120").await?["结果"], "待审核");

    let mut newcomer = world.newcomer(SN).await?;
    let approved = register
        .done("/registration/approve", &json!({"sn": SN, "reason": "新装"}))
        .await?;
    assert_eq!(
        (&approved["state"], &approved["broker"]),
        (&json!("已注册"), &json!("已生效"))
    );
    let told = result(&mut newcomer, SN).await?;
    let [uuid, username, password] =
        ["uuid", "用户名", "密码"].map(|key| told[key].as_str().unwrap().to_owned());
    assert_eq!(approved["uuid"], uuid);

    let mut pile = connected(&world, &username, &password).await?;
    pile.subscribe(&format!("/xjdy/ops/v1/TCU/{uuid}/cmd")).await?;
    in_service(&world, &register, &uuid).await?;

    disable_closes_and_enable_lets_in(&world, &register, pile, (&username, &password)).await?;
    let renamed = change_uuid(&world, &register, &uuid).await?;
    let retired = register
        .done("/registration/retire", &json!({"sn": SN, "reason": "拆除"}))
        .await?;
    assert_eq!(
        (&retired["state"], &retired["uuid"]),
        (&json!("已退役"), &json!(renamed))
    );
    let refused = world.connect("pile-again", &username, &password).await;
    assert!(refused.is_err(), "a retired pile is kept out");

    let steps = "SELECT arrayStringConcat(groupArray(operation), ' ') FROM \
        (SELECT operation FROM operation_record FINAL WHERE resource_id = 'SN0001' AND account = '王工' \
         AND address = '127.0.0.1' AND result = '成功' ORDER BY timestamp)";
    let expected =
        ["approve", "disable", "enable", "change_uuid", "retire"].map(|s| format!("/registration/{s}"));
    assert_eq!(world.text(steps).await?, expected.join(" "));
    let secret = "SELECT count() FROM operation_record WHERE position(concat(before, after), 'pbkdf2') > 0";
    assert_eq!(world.number(secret).await?, 0);
    Ok(())
}

async fn connected(world: &World, username: &str, password: &str) -> anyhow::Result<MqttClient> {
    world.connect("pile", username, password).await
}

/// Its first login brings it into service and fills its asset.
async fn in_service(world: &World, register: &Register, uuid: &str) -> anyhow::Result<()> {
    world.adopt(7001, uuid).await?;
    world.login(7001, uuid, SN, 0).await?;
    until("it is in service", async || {
        let now = world.registration(register, SN).await;
        now.is_ok_and(|now| now["state"] == "在役" && now["device_id"] == 7001 && now["login_time"] != 0)
    })
    .await?;
    let asset = "SELECT concat(model, '|', contract_num, '|', sim, '|', audit_status) FROM asset FINAL";
    until("its asset is filled", async || {
        world
            .text(asset)
            .await
            .is_ok_and(|asset| asset == "DC-120|HT1|8986|待接入")
    })
    .await
}

async fn disable_closes_and_enable_lets_in(
    world: &World,
    register: &Register,
    mut pile: MqttClient,
    (username, password): (&str, &str),
) -> anyhow::Result<()> {
    let disabled = register
        .done("/registration/disable", &json!({"sn": SN, "reason": "欠费"}))
        .await?;
    assert_eq!(
        (&disabled["state"], &disabled["broker"]),
        (&json!("已停用"), &json!("已生效"))
    );
    until("its connection is closed", async || {
        pile.publish("/xjdy/ops/v1/TCU/x/msg", "{}").await.is_err()
    })
    .await?;
    assert!(
        world.connect("pile", username, password).await.is_err(),
        "kept out"
    );
    let again = register.post("/registration/disable", &json!({"sn": SN})).await?;
    assert_eq!(again.status, 409);
    assert_eq!(
        again.body["msg"],
        "已停用状态不允许停用；允许的操作：启用、退役、释放"
    );
    let enabled = register.done("/registration/enable", &json!({"sn": SN})).await?;
    assert_eq!(enabled["state"], "在役");
    connected(world, username, password).await?;
    Ok(())
}

/// Gives the uuid that it has afterwards.
async fn change_uuid(world: &World, register: &Register, uuid: &str) -> anyhow::Result<String> {
    let mut engineer = world.engineer().await?;
    let commands = format!("/xjdy/ops/v1/PXY/{uuid}/cmd");
    engineer.subscribe(&commands).await?;
    let body = json!({"sn": SN, "reason": "重新编号"});
    let changed = register.done("/registration/change_uuid", &body).await?;
    let fresh = changed["uuid"].as_str().unwrap().to_owned();
    assert_ne!(fresh, uuid);
    assert_eq!(
        (&changed["former_uuid"], &changed["broker"], &changed["asset"]),
        (&json!(uuid), &json!("已生效"), &json!("将在桩以新uuid登录后改名"))
    );
    let command = engineer.expect(&commands, |_| true, SOON).await?;
    let command: Value = serde_json::from_slice(&command.payload)?;
    assert_eq!(
        (&command["命令"], &command["uuid"], &command["出厂编号"]),
        (&json!("更新ID"), &json!(fresh), &json!(SN))
    );
    let names = "SELECT arrayStringConcat(arraySort(groupArray(concat(toString(device_id), name))), ' ') \
        FROM asset FINAL WHERE flag_del = 0";
    assert_eq!(
        world.text(names).await?,
        format!("7001{uuid}"),
        "ops_tcu must still find the pile"
    );
    // A repetition sends it again and takes no further uuid.
    let again = register.done("/registration/change_uuid", &body).await?;
    assert_eq!(
        (&again["uuid"], &again["timestamp"]),
        (&changed["uuid"], &changed["timestamp"])
    );
    engineer.expect(&commands, |_| true, SOON).await?;
    // It logs in under the former one once more, and is reminded.
    world.login(7001, uuid, SN, 0).await?;
    engineer.expect(&commands, |_| true, SOON).await?;
    // Then it has changed, and the former one is no longer let in. ops_tcu adopted it, not knowing whose it is.
    world.adopt(7009, &fresh).await?;
    world.login(7009, &fresh, SN, 0).await?;
    until("the change is carried out", async || {
        let now = world.registration(register, SN).await;
        now.is_ok_and(|now| now["former_uuid"] == "" && now["login_time"] != 0 && now["device_id"] == 7001)
    })
    .await?;
    until("the asset is renamed and the adopted one gone", async || {
        world
            .text(names)
            .await
            .is_ok_and(|names| names == format!("7001{fresh}"))
    })
    .await?;
    Ok(fresh)
}

/// 拒绝 tells the waiting TCU why; 批准 later is possible; 释放 lets it register anew under another uuid.
#[tokio::test]
async fn refused_then_approved_then_released() -> anyhow::Result<()> {
    let world = World::start().await?;
    let register = world.register("r1").await?;
    world.ask(SN, "X").await?;
    let mut newcomer = world.newcomer(SN).await?;
    register
        .done("/registration/refuse", &json!({"sn": SN, "reason": "未签合同"}))
        .await?;
    let told = result(&mut newcomer, SN).await?;
    assert_eq!(
        (&told["结果"], &told["失败原因"]),
        (&json!("失败"), &json!("注册申请已被拒绝：未签合同"))
    );
    register.done("/registration/approve", &json!({"sn": SN})).await?;
    let told = result(&mut newcomer, SN).await?;
    let (username, password) = (told["用户名"].as_str().unwrap(), told["密码"].as_str().unwrap());
    connected(&world, username, password).await?;

    let released = register.done("/registration/release", &json!({"sn": SN})).await?;
    assert_eq!(
        (&released["state"], &released["uuid"]),
        (&json!("已释放"), &json!(""))
    );
    assert!(connected(&world, username, password).await.is_err(), "kept out");
    world.allow("X").await?;
    let anew = world.ask(SN, "X").await?;
    assert_eq!(anew["结果"], "成功");
    assert_ne!(anew["uuid"], told["uuid"], "no uuid is used twice");
    assert!(topics().register().starts_with('/'));
    Ok(())
}
