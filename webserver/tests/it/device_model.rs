//! The example of a resource: what all of them have from the ground.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{ACCOUNTS, Client, World};

async fn add(client: &Client, model: &str) -> anyhow::Result<Value> {
    Ok(client
        .post("/device_model/add", &json!({ "model": model }))
        .await?
        .data())
}

#[tokio::test]
async fn a_model_is_added_edited_listed_and_deleted() -> anyhow::Result<()> {
    let world = World::start().await?;
    let client = world.client(ACCOUNTS[1]).await?;
    let first = add(&client, " DC-120 ").await?;
    assert_eq!(first["model"], "DC-120");
    let same = client
        .post("/device_model/add", &json!({ "model": "DC-120" }))
        .await?;
    assert_eq!(same.failure(), (409, "型号名称已存在".into()));

    let mut edit = first.clone();
    edit["model"] = "DC-180".into();
    let second = client.post("/device_model/edit", &edit).await?.data();
    assert!(second["timestamp"].as_i64() > first["timestamp"].as_i64());
    let late = client.post("/device_model/edit", &edit).await?;
    assert_eq!(late.failure(), (409, "数据已被他人修改，请刷新后重试".into()));

    add(&client, "AC-7%").await?;
    let list = client.get("/device_model/list?sort=-model").await?.data();
    assert_eq!(list["total"], 2);
    assert_eq!(list["items"][0], second);
    let found = client
        .get("/device_model/list?model=%25&page_size=1")
        .await?
        .data();
    assert_eq!(
        (&found["total"], &found["items"][0]["model"]),
        (&1.into(), &"AC-7%".into())
    );

    let delete = json!({ "model_id": second["model_id"], "timestamp": second["timestamp"] });
    client.post("/device_model/delete", &delete).await?.data();
    assert_eq!(
        client.post("/device_model/delete", &delete).await?.failure().0,
        404
    );
    assert_eq!(client.get("/device_model/list").await?.data()["total"], 1);

    let done = "SELECT count() FROM operation_record FINAL WHERE resource = 'device_model' AND result = '成功' \
                AND account = 'guanliyuan' AND address = '127.0.0.1'";
    assert_eq!(world.number(done).await?, 4);
    let edited = "SELECT count() FROM operation_record FINAL WHERE operation = '/device_model/edit' \
                  AND JSONExtractString(before, 'model') = 'DC-120' AND JSONExtractString(after, 'model') = 'DC-180'";
    assert_eq!(world.number(edited).await?, 1);
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_understood_is_refused_by_name() -> anyhow::Result<()> {
    let world = World::start().await?;
    let client = world.chief().await?;
    let post = async |text: &'static str, media: &str| {
        let headers = [("content-type", media), ("accept-language", "en")];
        let reply = client
            .request("POST", "/device_model/add", &headers, text.into())
            .await?;
        anyhow::Ok(reply.failure())
    };
    assert_eq!(post("{}", "text/plain").await?.0, 415);
    assert_eq!(post("{", "application/json").await?.0, 400);
    assert_eq!(
        post("{}", "application/json").await?,
        (422, "model: is required".into())
    );
    assert_eq!(post("{\"model\":1}", "application/json").await?.0, 422);
    let unknown = post("{\"model\":\"a\",\"x\":1}", "application/json; charset=utf-8").await?;
    assert_eq!(unknown, (422, "x: unknown field".into()));
    let huge = json!({ "model": "x".repeat(2 << 20) });
    assert_eq!(client.post("/device_model/add", &huge).await?.failure().0, 413);
    let deep: axum::body::Bytes = "[".repeat(500_000).into();
    let json_type = [("content-type", "application/json")];
    let reply = client
        .request("POST", "/device_model/add", &json_type, deep)
        .await?;
    assert!(matches!(reply.failure().0, 400 | 422), "{}", reply.text);

    for query in [
        "page=0",
        "page=x",
        "page_size=501",
        "sort=password",
        "nmae=1",
        "export=pdf",
    ] {
        let reply = client.get(&format!("/device_model/list?{query}")).await?;
        assert_eq!(reply.failure().0, 422, "{query}");
    }
    let edit = json!({ "model_id": 1, "timestamp": 1, "model": "a" });
    assert_eq!(client.post("/device_model/edit", &edit).await?.failure().0, 404);
    assert_eq!(world.number("SELECT count() FROM operation_record").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_list_is_exported_as_csv_and_as_a_workbook() -> anyhow::Result<()> {
    let world = World::start().await?;
    let client = world.chief().await?;
    for model in ["=1+1", "a,\"b\"", "直流"] {
        add(&client, model).await?;
    }
    let csv = client.get("/device_model/list?export=csv&sort=model").await?;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(
        csv.header("content-disposition"),
        Some("attachment; filename=\"device_model.csv\"")
    );
    let lines: Vec<_> = csv.text.split("\r\n").collect();
    assert_eq!(lines[0], "\u{feff}型号编号,型号名称,修改时间");
    assert!(
        lines[1].contains(",'=1+1,") && lines[2].contains("\"a,\"\"b\"\"\""),
        "{lines:?}"
    );
    let xlsx = client
        .get(
            "/device_model/list?export=xlsx&model=直流"
                .replace("直流", "%E7%9B%B4")
                .as_str(),
        )
        .await?;
    assert_eq!(xlsx.status, 200);
    assert!(xlsx.bytes.starts_with(b"PK"));
    Ok(())
}

#[tokio::test]
async fn an_idempotency_key_makes_one_of_many() -> anyhow::Result<()> {
    let world = World::start().await?;
    let client = world.chief().await?;
    let key = [("idempotency-key", "abc")];
    let body = json!({ "model": "DC-60" });
    let many = (0..8).map(|_| client.post_with("/device_model/add", &body, &key));
    let replies = futures_util::future::try_join_all(many).await?;
    assert!(replies.iter().all(|reply| reply.data() == replies[0].data()));
    let other = client
        .post_with("/device_model/add", &json!({ "model": "DC-61" }), &key)
        .await?;
    assert_eq!(other.failure(), (409, "该 Idempotency-Key 已用于其他内容".into()));
    assert_eq!(client.get("/device_model/list").await?.data()["total"], 1);
    let english = [("idempotency-key", "abc"), ("accept-language", "en")];
    let again = client.post_with("/device_model/add", &body, &english).await?;
    assert_eq!(
        (again.json()["msg"].as_str(), again.data()),
        (Some("Success"), replies[0].data())
    );
    // Somebody else's key is another.
    let somebody = world.client(ACCOUNTS[1]).await?;
    assert_eq!(
        somebody
            .post_with("/device_model/add", &body, &key)
            .await?
            .failure()
            .0,
        409
    );
    // What was refused may be tried again.
    let refused = [("idempotency-key", "def")];
    let bad = client
        .post_with("/device_model/add", &json!({ "model": "" }), &refused)
        .await?;
    assert_eq!(bad.failure().0, 422);
    client
        .post_with("/device_model/add", &json!({ "model": "ok" }), &refused)
        .await?
        .data();
    Ok(())
}

#[tokio::test]
async fn a_dependency_that_is_away_is_503_and_changes_nothing() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let client = world.chief().await?;
    add(&client, "one").await?;
    world.stack.chdbd.kill().await?;
    let list = client.get("/device_model/list").await?;
    assert_eq!(list.failure(), (503, "服务暂不可用：clickhouse".into()));
    assert_eq!(list.header("retry-after"), Some("5"));
    assert_eq!(
        client
            .post("/device_model/add", &json!({ "model": "two" }))
            .await?
            .failure()
            .0,
        503
    );
    world.stack.chdbd.restart().await?;
    world.stack.redis.kill().await?;
    let list = client.get("/device_model/list").await?;
    assert_eq!(list.failure(), (503, "服务暂不可用：redis".into()));
    assert_eq!(world.number("SELECT count() FROM device_model FINAL").await?, 1);
    Ok(())
}

#[tokio::test]
async fn who_lost_the_answer_asks_again_and_gets_it() -> anyhow::Result<()> {
    let world = World::start().await?;
    let client = world.chief().await?;
    for n in 0..6_u64 {
        let body = json!({ "model": format!("m{n}") });
        let key = format!("key-{n}");
        let key = [("idempotency-key", key.as_str())];
        let first = client.post_with("/device_model/add", &body, &key);
        // From before it arrives to after it is done.
        let cut = tokio::time::timeout(Duration::from_millis(n * 8), first);
        let cut = cut.await.map(|reply| reply.map(|reply| reply.data()));
        let again = client.post_with("/device_model/add", &body, &key).await?.data();
        if let Ok(answer) = cut {
            assert_eq!(answer?, again);
        }
    }
    assert_eq!(client.get("/device_model/list").await?.data()["total"], 6);
    assert_eq!(
        world.number("SELECT count() FROM operation_record FINAL").await?,
        6
    );
    Ok(())
}
