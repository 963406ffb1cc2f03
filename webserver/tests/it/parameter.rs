//! Parameters: templates, who differs from one, and what is sent to put that right.

use serde_json::{Value, json};
use store::table::pile_parameter::PileParameter;

use crate::piles::{PILE, SECOND, THEIRS, UUID, furnish};
use crate::world::{ACCOUNTS, Client, STRANGER, World};

fn has(device_id: u64, name: &str, value: &str) -> PileParameter {
    PileParameter {
        timestamp: 1,
        device_id,
        name: name.into(),
        value: value.into(),
        read_time: 5,
        command: "参数查询".into(),
        ..PileParameter::default()
    }
}

/// The first pile has all that is wanted, the second one value of two.
async fn world() -> anyhow::Result<World> {
    let world = World::start().await?;
    furnish(&world).await?;
    world
        .insert(&[
            has(PILE, "电流_A", "200"),
            has(PILE, "电压_V", " 750.0"),
            has(PILE, "其他", "x"),
            has(SECOND, "电流_A", "100"),
            has(THEIRS, "电流_A", "100"),
        ])
        .await?;
    Ok(world)
}

async fn template(client: &Client) -> anyhow::Result<Value> {
    let body = json!({ "name": "标准", "model": "DC-120", "items": { "电流_A": "200", "电压_V": "750" } });
    Ok(client.post("/parameter/template/add", &body).await?.data())
}

#[tokio::test]
async fn templates_are_kept_by_organization() -> anyhow::Result<()> {
    let world = world().await?;
    let (keeper, stranger) = (world.client(ACCOUNTS[2]).await?, world.client(STRANGER).await?);
    let added = template(&keeper).await?;
    assert_eq!(added["items"], json!({ "电流_A": "200", "电压_V": "750" }));
    let twice = json!({ "name": " 标准 ", "items": { "a": "1" } });
    assert_eq!(
        keeper.post("/parameter/template/add", &twice).await?.failure().0,
        409
    );
    stranger.post("/parameter/template/add", &twice).await?.data();
    let list = keeper.get("/parameter/template/list?model=DC-120").await?.data();
    assert_eq!(
        (&list["total"], &list["items"][0]["name"]),
        (&json!(1), &json!("标准"))
    );
    let mut edit = json!({ "template_id": added["template_id"], "timestamp": added["timestamp"], "items": { "电流_A": "180" } });
    assert_eq!(
        stranger
            .post("/parameter/template/edit", &edit)
            .await?
            .failure()
            .0,
        404
    );
    let edited = keeper.post("/parameter/template/edit", &edit).await?.data();
    assert_eq!(
        (&edited["items"], &edited["name"]),
        (&json!({ "电流_A": "180" }), &json!("标准"))
    );
    assert_eq!(
        keeper.post("/parameter/template/edit", &edit).await?.failure().0,
        409
    );
    edit["timestamp"] = edited["timestamp"].clone();
    edit["items"] = json!({});
    assert_eq!(
        keeper.post("/parameter/template/edit", &edit).await?.failure().0,
        422
    );
    let gone = json!({ "template_id": added["template_id"], "timestamp": edited["timestamp"] });
    keeper.post("/parameter/template/delete", &gone).await?.data();
    assert_eq!(keeper.get("/parameter/template/list").await?.data()["total"], 0);
    Ok(())
}

#[tokio::test]
async fn who_differs_is_told_and_put_right() -> anyhow::Result<()> {
    let world = world().await?;
    let (keeper, stranger) = (world.client(ACCOUNTS[2]).await?, world.client(STRANGER).await?);
    let list = keeper
        .get(&format!("/parameter/list?device_id={PILE}"))
        .await?
        .data();
    assert_eq!(
        (&list["total"], &list["items"][0]["uuid"]),
        (&json!(3), &json!(UUID))
    );
    assert_eq!(stranger.get("/parameter/list").await?.data()["total"], 1);

    let id = template(&keeper).await?["template_id"].clone();
    let path = format!("/parameter/comparison?template_id={id}");
    let compared = keeper.get(&path).await?.data();
    let expected = json!([
        { "name": "电压_V", "wanted": "750", "has": null, "read_time": 0 },
        { "name": "电流_A", "wanted": "200", "has": "100", "read_time": 5 },
    ]);
    assert_eq!(
        (
            &compared["total"],
            &compared["items"][0]["device_id"],
            &compared["items"][0]["differences"]
        ),
        (&json!(1), &json!(SECOND), &expected)
    );
    assert_eq!(stranger.get(&path).await?.failure().0, 404);
    let csv = keeper.get(&format!("{path}&export=csv")).await?;
    assert_eq!(csv.text.lines().count(), 2, "{}", csv.text);

    let body = json!({ "template_id": id, "selection": { "all": true } });
    let put = keeper.post("/parameter/correct", &body).await?.data();
    assert_eq!((&put["chosen"], &put["differing"]), (&json!(2), &json!(1)));
    let batch = keeper
        .get(&format!("/command/batch/detail?batch_id={}", put["batch_id"]))
        .await?
        .data();
    assert_eq!(
        (
            &batch["kind"],
            &batch["command"],
            &batch["origin_id"],
            &batch["total"]
        ),
        (&json!("template"), &json!("参数配置"), &id, &json!(1))
    );
    let piles = keeper
        .get(&format!("/command/batch/piles?batch_id={}", put["batch_id"]))
        .await?
        .data();
    let request: Value = serde_json::from_str(piles["items"][0]["request"].as_str().unwrap())?;
    let settings = json!([{ "名称": "电压_V", "值": "750" }, { "名称": "电流_A", "值": "200" }]);
    assert_eq!(request, json!({ "配置列表": settings }));

    let right = json!({ "template_id": id, "selection": { "device_ids": [PILE] } });
    assert_eq!(
        keeper.post("/parameter/correct", &right).await?.data()["batch_id"],
        0
    );
    let other = json!({ "template_id": id, "selection": { "model": "DC-60" } });
    assert_eq!(keeper.post("/parameter/correct", &other).await?.failure().0, 422);
    let foreign = json!({ "template_id": id, "selection": { "device_ids": [THEIRS] } });
    assert_eq!(
        keeper.post("/parameter/correct", &foreign).await?.failure().0,
        404
    );
    Ok(())
}
