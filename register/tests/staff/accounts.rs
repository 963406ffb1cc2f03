//! The allow-list, and the broker's accounts of people.

use serde_json::json;

use super::world::{SOON, World};

#[tokio::test]
async fn the_allow_list_decides_who_waits() -> anyhow::Result<()> {
    let world = World::start().await?;
    let register = world.register("r1").await?;
    let entry = json!({"model": "DC-120", "contract_num": "HT1", "remark": "2026"});
    let added = register.done("/registration/allow_list/add", &entry).await?;
    assert_eq!(
        register
            .post("/registration/allow_list/add", &entry)
            .await?
            .status,
        409
    );
    assert_eq!(world.ask("SN1", "DC-120").await?["结果"], "成功");
    let listed = register.get("/registration/allow_list").await?;
    assert_eq!(listed.body["data"], json!({"total": 1, "items": [added]}));

    let stale = json!({"model": "DC-120", "contract_num": "HT1", "timestamp": 5});
    let refused = register.post("/registration/allow_list/delete", &stale).await?;
    assert_eq!(
        (refused.status, &refused.body["msg"]),
        (409, &json!("数据已被修改，请刷新后重试"))
    );
    let fresh = json!({"model": "DC-120", "contract_num": "HT1", "timestamp": added["timestamp"]});
    register.done("/registration/allow_list/delete", &fresh).await?;
    assert_eq!(
        register
            .post("/registration/allow_list/delete", &fresh)
            .await?
            .status,
        404
    );
    assert_eq!(world.ask("SN2", "DC-120").await?["结果"], "待审核");
    // Deleted and added again within the same millisecond or not: it is there.
    register.done("/registration/allow_list/add", &entry).await?;
    assert_eq!(world.ask("SN2", "DC-120").await?["结果"], "成功");
    Ok(())
}

#[tokio::test]
async fn staff_read_and_operators_command_until_their_account_is_gone() -> anyhow::Result<()> {
    let world = World::start().await?;
    let register = world.register("r1").await?;
    let body = json!({"username": "zhang.san", "role": "staff", "remark": "运维一组"});
    let added = register.done("/broker_account/add", &body).await?;
    let first = added["password"].as_str().unwrap().to_owned();
    assert_eq!(added["broker"], "已生效");
    assert_eq!(register.post("/broker_account/add", &body).await?.status, 409);

    let mut staff = world.connect("zhang", "zhang.san", &first).await?;
    staff.subscribe("/xjdy/ops/v1/TCU/+/#").await?;
    let mut engineer = world.engineer().await?;
    let topic = "/xjdy/ops/v1/TCU/AAAAALFW/cmd";
    staff.publish(topic, "from staff").await?;
    engineer.publish(topic, "from the engineer").await?;
    let heard = staff.expect(topic, |_| true, SOON).await?;
    assert_eq!(heard.payload, "from the engineer", "staff only read");

    let reset = json!({"username": "zhang.san", "timestamp": added["timestamp"]});
    let second = register.done("/broker_account/reset_password", &reset).await?;
    let second = second["password"].as_str().unwrap();
    assert!(
        world.connect("zhang", "zhang.san", &first).await.is_err(),
        "the old one no longer works"
    );
    world.connect("zhang", "zhang.san", second).await?;

    let listed = register.get("/broker_account/list").await?;
    let item = &listed.body["data"]["items"][0];
    assert_eq!(
        (&item["username"], &item["role"]),
        (&json!("zhang.san"), &json!("staff"))
    );
    assert!(!listed.body.to_string().contains("pbkdf2"));
    let deleted = register
        .done("/broker_account/delete", &json!({"username": "zhang.san"}))
        .await?;
    assert_eq!(deleted, json!({"broker": "已生效"}));
    assert!(world.connect("zhang", "zhang.san", second).await.is_err(), "gone");
    assert_eq!(
        register
            .post("/broker_account/delete", &json!({"username": "zhang.san"}))
            .await?
            .status,
        404
    );

    world
        .run("INSERT INTO broker_account SELECT 1, 0, 'ops_tcu', 'ops_tcu', '', ''")
        .await?;
    let service = register
        .post("/broker_account/reset_password", &json!({"username": "ops_tcu"}))
        .await?;
    assert_eq!(
        (service.status, &service.body["msg"]),
        (409, &json!("平台服务的账号不能在这里修改"))
    );
    let recorded =
        "SELECT count() FROM operation_record FINAL WHERE resource = 'broker_account' AND result = '成功'";
    assert_eq!(world.number(recorded).await?, 3);
    let secrets = format!(
        "SELECT count() FROM operation_record WHERE position(concat(before, after), '{first}') > 0 \
         OR position(concat(before, after), '{second}') > 0 OR position(concat(before, after), 'pbkdf2') > 0"
    );
    assert_eq!(world.number(&secrets).await?, 0);
    Ok(())
}
