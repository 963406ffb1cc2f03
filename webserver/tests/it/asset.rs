//! Assets: what is added, seen, changed and refused, and what is shown of their piles.

use serde_json::{Value, json};
use store::DeviceState;
use store::device_state::GunState;
use store::redis_keys::RedisKeys;
use store::table::login_record::LoginRecord;

use crate::station::add as add_station;
use crate::world::{ACCOUNTS, Client, STRANGER, World};

/// Writes what ops_tcu would.
pub(crate) async fn set_state(
    world: &World,
    uuid: &str,
    device_id: u64,
    guns: &[&str],
) -> anyhow::Result<()> {
    let guns = guns.iter().zip(1..).map(|(work, gun)| GunState {
        gun,
        work_state: (*work).into(),
        voltage: Some(380_500),
        ..GunState::default()
    });
    let state = DeviceState {
        uuid: uuid.into(),
        device_id,
        online: true,
        last_seen: 1_741_778_206_000,
        guns: guns.collect(),
        ..DeviceState::default()
    };
    let mut redis = world.stack.redis_connection().await?;
    redis::cmd("HSET")
        .arg(RedisKeys::default().state_of(uuid.parse()?))
        .arg(uuid)
        .arg(serde_json::to_string(&state)?)
        .exec_async(&mut redis)
        .await?;
    Ok(())
}

pub(crate) async fn add(client: &Client, name: &str, uuid: &str, station: &Value) -> anyhow::Result<Value> {
    let body = json!({ "ass_name": name, "name": uuid, "sta_id": station["sta_id"] });
    Ok(client.post("/asset/add", &body).await?.data())
}

fn version(asset: &Value) -> Value {
    json!({ "device_id": asset["device_id"], "timestamp": asset["timestamp"] })
}

#[tokio::test]
async fn an_asset_is_added_edited_listed_and_deleted() -> anyhow::Result<()> {
    let world = World::start().await?;
    let client = world.client(ACCOUNTS[1]).await?;
    let station = add_station(&client, "一号站", 0).await?;
    client
        .post("/device_model/add", &json!({ "model": "DC-120" }))
        .await?
        .data();
    let first = add(&client, "1号桩", "AAAAAMWY", &station).await?;
    assert_eq!(
        (&first["sta_name"], &first["audit_status"], &first["state"]),
        (&"一号站".into(), &"待审核".into(), &Value::Null)
    );
    let body = json!({ "ass_name": "x", "name": "AAAAAMWY", "sta_id": station["sta_id"] });
    assert_eq!(
        client.post("/asset/add", &body).await?.failure(),
        (409, "该 uuid 已属于另一资产".into())
    );

    let refused = [
        (json!({ "ass_name": "x", "sta_id": 1 }), "sta_id：场站不存在"),
        (json!({ "ass_name": "x" }), "sta_id：场站不存在"),
        (
            json!({ "ass_name": "x", "sta_id": station["sta_id"], "model": "?" }),
            "model：型号不存在",
        ),
        (json!({ "ass_name": "x", "name": "abc" }), "name：须为8个大写字母"),
        (json!({ "sta_id": 1 }), "ass_name：必填"),
    ];
    for (body, rule) in refused {
        assert_eq!(
            client.post("/asset/add", &body).await?.failure(),
            (422, rule.into()),
            "{body}"
        );
    }

    let mut edit = version(&first);
    edit["model"] = "DC-120".into();
    edit["sim"] = "89860000000000000001".into();
    let second = client.post("/asset/edit", &edit).await?.data();
    assert_eq!(
        (&second["model"], &second["name"]),
        (&"DC-120".into(), &"AAAAAMWY".into())
    );
    assert_eq!(client.post("/asset/edit", &edit).await?.failure().0, 409);

    add(&client, "2号桩", "", &station).await?;
    for (query, total) in [
        ("", 2),
        ("model=DC-120", 1),
        ("uuid=AAAAAMWY&sim=89860000000000000001", 1),
        ("words=2%E5%8F%B7", 1),
        ("contract_num=x", 0),
        (&format!("sta_id={}", station["sta_id"]), 2),
    ] {
        let list = client.get(&format!("/asset/list?{query}")).await?.data();
        assert_eq!(list["total"], total, "{query}");
    }
    let csv = client.get("/asset/list?export=csv&sort=-ass_name").await?;
    assert!(
        csv.text.lines().nth(2).unwrap().contains(",AAAAAMWY,"),
        "{}",
        csv.text
    );

    client.post("/asset/delete", &version(&second)).await?.data();
    assert_eq!(
        client.post("/asset/delete", &version(&second)).await?.failure().0,
        404
    );
    // Its uuid is free again.
    add(&client, "3号桩", "AAAAAMWY", &station).await?;
    Ok(())
}

#[tokio::test]
async fn an_asset_is_shown_with_all_that_is_known_of_its_pile() -> anyhow::Result<()> {
    let world = World::start().await?;
    let client = world.client(ACCOUNTS[1]).await?;
    let station = add_station(&client, "一号站", 0).await?;
    let asset = add(&client, "1号桩", "AAAAAMWY", &station).await?;
    let id = asset["device_id"].as_u64().unwrap();
    let path = format!("/asset/detail?device_id={id}");
    let detail = client.get(&path).await?.data();
    assert_eq!(
        (&detail["state"], &detail["live"], &detail["last_login"]),
        (&"未接入".into(), &Value::Null, &Value::Null)
    );

    set_state(&world, "AAAAAMWY", id, &["空闲", "充电"]).await?;
    let login = |timestamp, software_version| LoginRecord {
        timestamp,
        device_id: id,
        software_version,
        ..LoginRecord::default()
    };
    world.insert(&[login(1, "1.0.6"), login(2, "1.0.7")]).await?;
    let sql = format!(
        "INSERT INTO traffic_daily VALUES (toDate(now(), 'Asia/Shanghai'), {id}, '运行数据', 'up', 3, 300), \
         (toDate(now(), 'Asia/Shanghai') - 40, {id}, '运行数据', 'up', 5, 500)"
    );
    world.db.client().query_raw(&sql).execute().await?;
    let sql = format!(
        "INSERT INTO key_component (timestamp, device_id, key_component_id, key_component_name) VALUES (1, {id}, 5, '熔断器')"
    );
    world.db.client().query_raw(&sql).execute().await?;
    let detail = client.get(&path).await?.data();
    assert_eq!(detail["state"], "充电");
    assert_eq!(detail["live"]["guns"][1]["voltage"], 380.5);
    assert_eq!(detail["last_login"]["software_version"], "1.0.7");
    assert_eq!(detail["traffic"]["up_bytes"], 300);
    assert_eq!(detail["components"][0]["key_component_name"], "熔断器");
    let list = client.get("/asset/list?state=%E5%85%85%E7%94%B5").await?.data();
    assert_eq!(
        (&list["total"], &list["items"][0]["state"]),
        (&1.into(), &"充电".into())
    );
    let list = client.get("/asset/list?state=%E7%A6%BB%E7%BA%BF").await?.data();
    assert_eq!(list["total"], 0);

    // Not for others.
    let stranger = world.client(STRANGER).await?;
    assert_eq!(stranger.get(&path).await?.failure().0, 404);
    assert_eq!(stranger.get("/asset/list").await?.data()["total"], 0);
    for path in ["/asset/edit", "/asset/delete"] {
        assert_eq!(
            stranger.post(path, &version(&asset)).await?.failure().0,
            404,
            "{path}"
        );
    }
    let body = json!({ "ass_name": "x", "sta_id": station["sta_id"] });
    assert_eq!(stranger.post("/asset/add", &body).await?.failure().0, 422);
    assert_eq!(client.get("/asset/detail?device_id=1").await?.failure().0, 404);
    assert_eq!(client.get("/asset/detail").await?.failure().0, 422);
    Ok(())
}
