//! Another TCU is put into a pile.

use serde_json::json;

use super::world::{World, until};

#[tokio::test]
async fn the_asset_keeps_its_device_id_and_the_old_tcu_is_let_go() -> anyhow::Result<()> {
    let world = World::start().await?;
    let register = world.register("r1").await?;
    world.allow("DC-120").await?;
    let old = world.ask("OLD", "DC-120").await?;
    let new = world.ask("NEW", "DC-120").await?;
    let [old_uuid, new_uuid] = [&old, &new].map(|told| told["uuid"].as_str().unwrap().to_owned());
    world.adopt(7001, &old_uuid).await?;
    world
        .run(&format!(
            "INSERT INTO asset (timestamp, device_id, name, audit_status, sta_id, responsible) \
             VALUES (2, 7001, '{old_uuid}', '已审核', 9, '王')"
        ))
        .await?;
    world.login(7001, &old_uuid, "OLD", 0).await?;
    until("the old one is in service", async || {
        let now = world.registration(&register, "OLD").await;
        now.is_ok_and(|now| now["device_id"] == 7001)
    })
    .await?;
    // The new one has spoken on the bench and was adopted.
    world.adopt(7002, &new_uuid).await?;

    let body = json!({"uuid": old_uuid, "new_sn": "NEW", "reason": "TCU损坏"});
    let swapped = register.done("/registration/swap", &body).await?;
    assert_eq!(
        (
            &swapped["sn"],
            &swapped["uuid"],
            &swapped["device_id"],
            &swapped["asset"]
        ),
        (&json!("NEW"), &json!(new_uuid), &json!(7001), &json!("已生效"))
    );
    let asset = "SELECT concat(toString(device_id), ' ', name, ' ', audit_status, ' ', toString(sta_id), ' ', responsible) \
        FROM asset FINAL WHERE flag_del = 0";
    assert_eq!(world.text(asset).await?, format!("7001 {new_uuid} 已审核 9 王"));
    let gone = "SELECT count() FROM asset FINAL WHERE flag_del = 1 AND device_id = 7002";
    assert_eq!(world.number(gone).await?, 1);
    let released = world.registration(&register, "OLD").await?;
    assert_eq!(
        (&released["state"], &released["device_id"]),
        (&json!("已释放"), &json!(0))
    );
    let kept_out = world
        .connect(
            "old",
            old["用户名"].as_str().unwrap(),
            old["密码"].as_str().unwrap(),
        )
        .await;
    assert!(kept_out.is_err());
    world
        .connect(
            "new",
            new["用户名"].as_str().unwrap(),
            new["密码"].as_str().unwrap(),
        )
        .await?;

    let again = register
        .post("/registration/swap", &json!({"device_id": 7001, "new_sn": "NEW"}))
        .await?;
    assert_eq!(
        (again.status, &again.body["msg"]),
        (409, &json!("该TCU已在这台桩上"))
    );
    Ok(())
}

#[tokio::test]
async fn a_tcu_that_never_asked_gets_a_uuid_and_one_in_use_elsewhere_is_not_taken() -> anyhow::Result<()> {
    let world = World::start().await?;
    let register = world.register("r1").await?;
    world.allow("DC-120").await?;
    // A pile from before registration: there is only its asset.
    world.adopt(7001, "AAAAALFW").await?;
    let body = json!({"device_id": 7001, "new_sn": "NEVER"});
    let swapped = register.done("/registration/swap", &body).await?;
    let uuid = swapped["uuid"].as_str().unwrap();
    assert_eq!(
        (&swapped["state"], &swapped["has_password"]),
        (&json!("已注册"), &json!(false))
    );
    assert_eq!(world.text("SELECT name FROM asset FINAL").await?, uuid);
    let asked = world.ask("NEVER", "whatever").await?;
    assert_eq!(
        (&asked["结果"], &asked["uuid"]),
        (&json!("成功"), &json!(uuid)),
        "it is told when it asks"
    );

    let other = world.ask("OTHER", "DC-120").await?;
    let other = other["uuid"].as_str().unwrap();
    world
        .run(&format!(
            "INSERT INTO asset (timestamp, device_id, name, audit_status) VALUES (2, 7003, '{other}', '已审核')"
        ))
        .await?;
    let refused = register
        .post(
            "/registration/swap",
            &json!({"device_id": 7001, "new_sn": "OTHER"}),
        )
        .await?;
    assert_eq!(
        (refused.status, &refused.body["msg"]),
        (409, &json!("该TCU属于另一台在用的桩，请先处理那台桩"))
    );
    let nobody = register
        .post(
            "/registration/swap",
            &json!({"uuid": "ZZZZZZZZ", "new_sn": "OTHER"}),
        )
        .await?;
    assert_eq!(
        (nobody.status, &nobody.body["msg"]),
        (404, &json!("没有这个资产"))
    );
    assert_eq!(
        world.number("SELECT count() FROM operation_record FINAL").await?,
        1
    );
    Ok(())
}
