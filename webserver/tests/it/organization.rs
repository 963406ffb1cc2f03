//! The tree, who belongs to it, and what it may see.

use serde_json::{Value, json};

use crate::world::{ACCOUNTS, Client, EAST, FOREIGN, GROUP, SHANGHAI, STRANGER, World};

fn details(name: &str) -> Value {
    json!({ "organization_name": name, "contact": "张三" })
}

async fn add(client: &Client, parent_id: u64, name: &str) -> anyhow::Result<Value> {
    let body = json!({ "parent_id": parent_id, "details": details(name) });
    Ok(client.post("/organization/add", &body).await?.data())
}

fn which(organization: &Value) -> Value {
    json!({ "organization_id": organization["organization_id"], "timestamp": organization["timestamp"] })
}

#[tokio::test]
async fn organizations_are_added_edited_moved_and_deleted() -> anyhow::Result<()> {
    let world = World::start().await?;
    let keeper = world.client(ACCOUNTS[1]).await?;
    let north = add(&keeper, GROUP, "华北").await?;
    let body = json!({ "parent_id": GROUP, "details": details("华北") });
    assert_eq!(keeper.post("/organization/add", &body).await?.failure().0, 409);
    let beijing = add(&keeper, north["organization_id"].as_u64().unwrap(), "北京").await?;

    let mut edit = which(&beijing);
    edit["details"] = details("北京公司");
    let beijing = keeper.post("/organization/edit", &edit).await?.data();
    assert_eq!(keeper.post("/organization/edit", &edit).await?.failure().0, 409);

    let mut relocate = which(&north);
    relocate["parent_id"] = beijing["organization_id"].clone();
    assert_eq!(
        keeper.post("/organization/move", &relocate).await?.failure().0,
        409,
        "a loop"
    );
    relocate["parent_id"] = EAST.into();
    let north = keeper.post("/organization/move", &relocate).await?.data();
    assert_eq!(
        keeper
            .post("/organization/delete", &which(&north))
            .await?
            .failure()
            .0,
        409
    );
    keeper
        .post("/organization/delete", &which(&beijing))
        .await?
        .data();
    keeper.post("/organization/delete", &which(&north)).await?.data();
    assert_eq!(
        keeper
            .post("/organization/delete", &which(&north))
            .await?
            .failure()
            .0,
        404
    );

    let tree = keeper.get("/organization/tree").await?.data();
    assert_eq!(
        (
            tree.as_array().unwrap().len(),
            &tree[0]["organization"]["organization_id"]
        ),
        (1, &GROUP.into())
    );
    assert_eq!(
        tree[0]["children"][0]["children"][0]["organization"]["organization_name"],
        "上海"
    );
    let users = keeper
        .get(&format!("/organization/user/list?organization_id={GROUP}"))
        .await?
        .data();
    assert_eq!(tree[0]["user_count"], users["total"]);
    let stations = keeper
        .get(&format!("/organization/station/list?organization_id={GROUP}"))
        .await?
        .data();
    assert_eq!(tree[0]["station_count"], stations["total"]);
    let all = world.chief().await?.get("/organization/tree").await?.data();
    assert_eq!(all.as_array().unwrap().len(), 2);
    Ok(())
}

#[tokio::test]
async fn what_is_outside_is_not_there() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.stations(3).await?;
    let stranger = world.client(STRANGER).await?;
    let body = json!({ "parent_id": GROUP, "details": details("x") });
    assert_eq!(stranger.post("/organization/add", &body).await?.failure().0, 404);
    let body = json!({ "parent_id": 0, "details": details("x") });
    assert_eq!(stranger.post("/organization/add", &body).await?.failure().0, 404);
    let edit = json!({ "organization_id": EAST, "timestamp": 1, "details": details("x") });
    assert_eq!(stranger.post("/organization/edit", &edit).await?.failure().0, 404);
    let relocate = json!({ "organization_id": FOREIGN, "timestamp": 1, "parent_id": EAST });
    assert_eq!(
        stranger.post("/organization/move", &relocate).await?.failure().0,
        404
    );
    assert_eq!(
        stranger.post("/organization/delete", &edit).await?.failure().0,
        422
    );
    let select = json!({ "organization_id": EAST, "user_id": 50 });
    assert_eq!(
        stranger
            .post("/organization/user/add", &select)
            .await?
            .failure()
            .0,
        404
    );
    let select = json!({ "organization_id": FOREIGN, "user_id": 20 });
    assert_eq!(
        stranger
            .post("/organization/user/add", &select)
            .await?
            .failure()
            .0,
        404
    );
    let select = json!({ "organization_id": EAST, "sta_ids": [] });
    assert_eq!(
        stranger
            .post("/organization/station/distribution", &select)
            .await?
            .failure()
            .0,
        404
    );
    // A station that nobody gave him.
    let select = json!({ "organization_id": FOREIGN, "sta_ids": [2001] });
    assert_eq!(
        stranger
            .post("/organization/station/distribution", &select)
            .await?
            .failure()
            .0,
        404
    );
    let list = format!("/organization/station/list?organization_id={EAST}");
    assert_eq!(stranger.get(&list).await?.failure().0, 404);
    let users = format!("/organization/user/list?organization_id={GROUP}");
    assert_eq!(stranger.get(&users).await?.data()["total"], 0);
    assert_eq!(world.number("SELECT count() FROM operation_record").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_member_sees_at_once_what_his_organization_may_see() -> anyhow::Result<()> {
    let world = World::start().await?;
    let (keeper, reader) = (world.client(ACCOUNTS[1]).await?, world.client(ACCOUNTS[3]).await?);
    let total = async |path: &str| anyhow::Ok(reader.get(path).await?.data()["total"].clone());
    assert_eq!(total("/organization/user/list").await?, 3);
    let member = |organization_id| json!({ "organization_id": organization_id, "user_id": 40 });
    keeper
        .post("/organization/user/add", &member(SHANGHAI))
        .await?
        .data();
    keeper
        .post("/organization/user/add", &member(SHANGHAI))
        .await?
        .data();
    keeper
        .post("/organization/user/delete", &member(GROUP))
        .await?
        .data();
    assert_eq!(total("/organization/user/list").await?, 1);
    keeper
        .post("/organization/user/delete", &member(SHANGHAI))
        .await?
        .data();
    assert_eq!(total("/organization/user/list").await?, 0);
    assert_eq!(total("/user/list").await?, 0);
    // Now outside of all that the keeper sees.
    assert_eq!(
        keeper
            .post("/organization/user/add", &member(SHANGHAI))
            .await?
            .failure()
            .0,
        404
    );
    let records = "SELECT count() FROM operation_record FINAL WHERE resource = 'organization_user'";
    assert_eq!(world.number(records).await?, 3);
    let seen = keeper
        .get("/operation_record/list?resource=organization_user")
        .await?
        .data();
    assert_eq!(seen["total"], 3);
    let stranger = world.client(STRANGER).await?;
    assert_eq!(stranger.get("/operation_record/list").await?.data()["total"], 0);
    Ok(())
}
