//! People and roles: what counts at once, and what nobody may give.

use serde_json::{Value, json};

use crate::world::{ACCOUNTS, Client, EAST, FOREIGN, GROUP, PASSWORD, STRANGER, World};

async fn row(client: &Client, account: &str) -> anyhow::Result<Value> {
    let list = client.get(&format!("/user/list?words={account}")).await?.data();
    Ok(list["items"][0].clone())
}

fn new_user(account: &str, role_id: u64, organizations: &[u64]) -> Value {
    json!({ "account": account, "password": PASSWORD, "details": {
        "user_name": "新人", "role_id": role_id, "organization_ids": organizations } })
}

#[tokio::test]
async fn a_user_is_added_changes_his_password_and_is_shut_out_at_once() -> anyhow::Result<()> {
    let world = World::start().await?;
    let keeper = world.client(ACCOUNTS[1]).await?;
    let given = keeper
        .post("/user/add", &new_user("newcomer", 4, &[EAST]))
        .await?;
    assert_eq!(given.header("cache-control"), Some("no-store"));
    let taken = keeper
        .post("/user/add", &new_user("NewComer", 4, &[EAST]))
        .await?;
    assert_eq!(taken.failure(), (409, "账号已存在".into()));

    let newcomer = world.client("newcomer").await?;
    assert_eq!(newcomer.get("/device_model/list").await?.failure().0, 403);
    let change = json!({ "old_password": PASSWORD, "new_password": "Another-one-2026" });
    let newcomer = newcomer.with(&newcomer.post("/auth/password", &change).await?.data());
    assert_eq!(newcomer.get("/device_model/list").await?.status, 200);

    let mut person = row(&keeper, "newcomer").await?;
    assert_eq!(
        (&person["role_name"], &person["organization_ids"]),
        (&"只读".into(), &json!([EAST]))
    );
    let which = json!({ "user_id": person["user_id"], "timestamp": person["timestamp"] });
    keeper.post("/user/disable", &which).await?.data();
    assert_eq!(newcomer.get("/device_model/list").await?.failure().0, 401);
    let body = json!({ "account": "newcomer", "password": "Another-one-2026" });
    assert_eq!(
        newcomer.post("/auth/login", &body).await?.failure(),
        (401, "账号已停用".into())
    );
    assert_eq!(keeper.post("/user/enable", &which).await?.failure().0, 409);
    person = row(&keeper, "newcomer").await?;
    let which = json!({ "user_id": person["user_id"], "timestamp": person["timestamp"] });
    let enabled = keeper.post("/user/enable", &which).await?.data();
    assert_eq!(
        newcomer.get("/device_model/list").await?.failure().0,
        401,
        "an old session came back"
    );
    let reset = json!({ "user_id": person["user_id"], "timestamp": enabled["timestamp"] });
    let reset = keeper.post("/user/reset_password", &reset).await?.data();
    let password = reset["password"].as_str().unwrap();
    Client::sign_in(world.server.base(), "newcomer", password).await?;
    let which = json!({ "user_id": person["user_id"], "timestamp": reset["timestamp"] });
    keeper.post("/user/delete", &which).await?.data();
    assert_eq!(keeper.post("/user/delete", &which).await?.failure().0, 404);
    let members = "SELECT count() FROM organization_user FINAL WHERE flag_del = 0";
    assert_eq!(world.number(members).await?, 4);
    Ok(())
}

#[tokio::test]
async fn nobody_gives_or_touches_what_is_beyond_his_own() -> anyhow::Result<()> {
    let world = World::start().await?;
    let keeper = world.client(ACCOUNTS[1]).await?;
    let status = async |body: Value| anyhow::Ok(keeper.post("/user/add", &body).await?.failure().0);
    assert_eq!(status(new_user("climber", 1, &[GROUP])).await?, 403);
    assert_eq!(status(new_user("climber", 77, &[GROUP])).await?, 422);
    assert_eq!(status(new_user("climber", 4, &[FOREIGN])).await?, 422);
    assert_eq!(status(new_user("climber", 4, &[])).await?, 422);

    let chief = world.chief().await?;
    let above = row(&chief, ACCOUNTS[0]).await?;
    let which = |person: &Value| json!({ "user_id": person["user_id"], "timestamp": person["timestamp"] });
    assert_eq!(
        keeper
            .post("/user/reset_password", &which(&above))
            .await?
            .failure()
            .0,
        404
    );
    let outside = row(&chief, STRANGER).await?;
    assert_eq!(
        keeper.post("/user/delete", &which(&outside)).await?.failure().0,
        404
    );
    assert_eq!(chief.get("/user/list").await?.data()["total"], 5);
    assert_eq!(keeper.get("/user/list").await?.data()["total"], 3);

    // 超管 within the organization is seen, but not touched.
    chief
        .post("/user/add", &new_user("second", 1, &[GROUP]))
        .await?
        .data();
    let second = row(&keeper, "second").await?;
    assert_eq!(
        keeper
            .post("/user/reset_password", &which(&second))
            .await?
            .failure()
            .0,
        403
    );
    assert_eq!(
        keeper.post("/user/disable", &which(&second)).await?.failure().0,
        403
    );

    assert_eq!(
        chief.post("/user/delete", &which(&above)).await?.failure().0,
        409,
        "oneself"
    );
    chief.post("/user/delete", &which(&second)).await?.data();
    let details = json!({ "user_name": "x", "role_id": 4, "organization_ids": [GROUP] });
    let last = json!({ "user_id": above["user_id"], "timestamp": above["timestamp"], "details": details });
    let refused = chief.post("/user/edit", &last).await?.failure();
    assert_eq!(refused, (409, "不能移除最后一个超管".into()));
    Ok(())
}

#[tokio::test]
async fn a_changed_role_counts_at_once() -> anyhow::Result<()> {
    let world = World::start().await?;
    let (chief, reader) = (world.chief().await?, world.client(ACCOUNTS[3]).await?);
    let roles = chief.get("/role/list").await?.data();
    assert_eq!(roles["total"], 4);
    let role = &roles["items"][3];
    let edit = |role: &Value, permissions: Value| {
        json!({ "role_id": role["role_id"], "timestamp": role["timestamp"], "details": {
            "role_name": role["role_name"], "permissions": permissions } })
    };
    assert_eq!(reader.get("/device_model/list").await?.status, 200);
    let edited = chief
        .post("/role/edit", &edit(role, json!(["user:read"])))
        .await?
        .data();
    assert_eq!(reader.get("/device_model/list").await?.status, 403);
    let wide = json!(["device_model:*"]);
    chief.post("/role/edit", &edit(&edited, wide)).await?.data();
    reader
        .post("/device_model/add", &json!({ "model": "x" }))
        .await?
        .data();

    let top = chief
        .post("/role/edit", &edit(&roles["items"][0], json!([])))
        .await?;
    assert_eq!(top.failure().0, 409);
    for wrong in [json!(["x"]), json!(["a:b:c"]), json!([1])] {
        assert_eq!(
            chief.post("/role/edit", &edit(&edited, wrong)).await?.failure().0,
            422
        );
    }
    // Who may edit roles, but not everything, gives only what he has.
    let body = json!({ "details": { "role_name": "角色员", "permissions": ["role:*", "user:*"] } });
    let added = chief.post("/role/add", &body).await?.data();
    chief
        .post(
            "/user/add",
            &new_user("roles", added["role_id"].as_u64().unwrap(), &[GROUP]),
        )
        .await?
        .data();
    let person = world.client("roles").await?;
    let change = json!({ "old_password": PASSWORD, "new_password": "Another-one-2026" });
    let person = person.with(&person.post("/auth/password", &change).await?.data());
    let more = json!({ "details": { "role_name": "更多", "permissions": ["asset:read"] } });
    assert_eq!(person.post("/role/add", &more).await?.failure().0, 403);
    // 管理员 is the role of somebody of the other tree as well.
    let wide = json!({ "details": { "role_name": "全部角色", "permissions": ["*:*"] } });
    let wide = chief.post("/role/add", &wide).await?.data();
    let body = new_user("allroles", wide["role_id"].as_u64().unwrap(), &[GROUP]);
    chief.post("/user/add", &body).await?.data();
    let within = world.client("allroles").await?;
    let within = within.with(&within.post("/auth/password", &change).await?.data());
    let refused = within
        .post("/role/edit", &edit(&roles["items"][1], json!(["user:read"])))
        .await?;
    assert_eq!(refused.failure(), (403, "其他组织的用户也使用该角色".into()));
    within
        .post("/role/edit", &edit(&roles["items"][2], json!(["user:read"])))
        .await?
        .data();
    let less = json!({ "details": { "role_name": "更少", "permissions": ["user:read"] } });
    let less = person.post("/role/add", &less).await?.data();
    let which = |role: &Value| json!({ "role_id": role["role_id"], "timestamp": role["timestamp"] });
    person.post("/role/delete", &which(&less)).await?.data();
    assert_eq!(
        chief.post("/role/delete", &which(&added)).await?.failure().0,
        409,
        "still used"
    );
    Ok(())
}
