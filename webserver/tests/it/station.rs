//! Stations: what is added, seen, changed and refused.

use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use store::Milli64;
use store::table::asset::AssetVersion;
use store::table::boot_failed_record::BootFailedRecord;
use store::table::trade_record::TradeRecord;

use crate::asset::{add as add_asset, set_state};
use crate::world::{ACCOUNTS, Client, EAST, FOREIGN, GROUP, SHANGHAI, STRANGER, World};

pub(crate) async fn add(client: &Client, name: &str, organization_id: u64) -> anyhow::Result<Value> {
    let mut body = json!({ "sta_name": name });
    if organization_id != 0 {
        body["organization_id"] = organization_id.into();
    }
    Ok(client.post("/station/add", &body).await?.data())
}

fn version(station: &Value) -> Value {
    json!({ "sta_id": station["sta_id"], "timestamp": station["timestamp"] })
}

#[tokio::test]
async fn a_station_is_added_edited_listed_and_deleted() -> anyhow::Result<()> {
    let world = World::start().await?;
    let client = world.client(ACCOUNTS[1]).await?;
    let body = json!({
        "sta_name": " 虹桥一号站 ", "city": "上海", "capacity_kw": 1440.5, "longitude": 121.3, "latitude": 31.2,
        "time_zone": "Asia/Shanghai", "organization_id": SHANGHAI,
    });
    let first = client.post("/station/add", &body).await?.data();
    assert_eq!(
        (&first["sta_name"], &first["capacity_kw"]),
        (&"虹桥一号站".into(), &1440.5.into())
    );
    let same = client
        .post("/station/add", &json!({ "sta_name": "虹桥一号站" }))
        .await?;
    assert_eq!(same.failure(), (409, "场站名称已存在".into()));

    let mut edit = version(&first);
    edit["city"] = "苏州".into();
    let second = client.post("/station/edit", &edit).await?.data();
    assert_eq!(
        (&second["city"], &second["sta_name"]),
        (&"苏州".into(), &"虹桥一号站".into())
    );
    assert_eq!(client.post("/station/edit", &edit).await?.failure().0, 409);
    edit = version(&second);
    edit["latitude"] = 91.into();
    assert_eq!(
        client.post("/station/edit", &edit).await?.failure(),
        (422, "latitude：须在-90到90之间".into())
    );

    add(&client, "二号站", 0).await?;
    let list = client.get("/station/list?city=%E8%8B%8F%E5%B7%9E").await?.data();
    assert_eq!((&list["total"], &list["items"][0]), (&1.into(), &second));
    let csv = client.get("/station/list?export=csv&sort=-capacity_kw").await?;
    assert!(
        csv.text.lines().nth(1).unwrap().contains("1440.5"),
        "{}",
        csv.text
    );

    // Not with a pile.
    let pile = AssetVersion {
        timestamp: 1,
        device_id: 7,
        sta_id: second["sta_id"].as_u64().unwrap(),
        ..AssetVersion::default()
    };
    world.insert(std::slice::from_ref(&pile)).await?;
    let delete = client.post("/station/delete", &version(&second)).await?;
    assert_eq!(delete.failure(), (409, "场站仍有资产".into()));
    let gone = AssetVersion {
        timestamp: 2,
        flag_del: 1,
        ..pile
    };
    world.insert(&[gone]).await?;
    client.post("/station/delete", &version(&second)).await?.data();
    assert_eq!(
        client
            .post("/station/delete", &version(&second))
            .await?
            .failure()
            .0,
        404
    );
    let given = "SELECT count() FROM organization_station FINAL WHERE flag_del = 0";
    assert_eq!(world.number(given).await?, 1);
    let done = "SELECT count() FROM operation_record FINAL WHERE resource = 'station' AND result = '成功'";
    assert_eq!(world.number(done).await?, 4);
    Ok(())
}

#[tokio::test]
async fn a_station_is_there_only_for_those_it_was_given_to() -> anyhow::Result<()> {
    let world = World::start().await?;
    let (chief, manager, stranger) = (
        world.chief().await?,
        world.client(ACCOUNTS[1]).await?,
        world.client(STRANGER).await?,
    );
    let ours = add(&manager, "沪站", SHANGHAI).await?;
    let owners =
        "SELECT arraySort(groupArray(organization_id)) FROM organization_station FINAL WHERE flag_del = 0";
    let owners: Vec<u64> = world.db.client().query_raw(owners).fetch_one().await?;
    assert_eq!(owners, [GROUP, EAST, SHANGHAI]);
    add(&stranger, "外站", 0).await?;
    add(&chief, "无主站", 0).await?;
    let names = async |client: &Client| {
        let list = client.get("/station/list").await?.data();
        let names = list["items"].as_array().unwrap().iter();
        anyhow::Ok(
            names
                .map(|item| item["sta_name"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(names(&manager).await?, ["沪站"]);
    assert_eq!(names(&stranger).await?, ["外站"]);
    assert_eq!(names(&chief).await?.len(), 3);
    // What is outside is not there.
    let mut edit = version(&ours);
    edit["city"] = "x".into();
    for (path, body) in [("/station/edit", &edit), ("/station/delete", &version(&ours))] {
        assert_eq!(stranger.post(path, body).await?.failure().0, 404, "{path}");
    }
    let body = json!({ "sta_name": "新", "organization_id": GROUP });
    assert_eq!(stranger.post("/station/add", &body).await?.failure().0, 404);
    let body = json!({ "sta_name": "新", "organization_id": FOREIGN });
    assert_eq!(manager.post("/station/add", &body).await?.failure().0, 404);
    Ok(())
}

#[tokio::test]
async fn the_overview_counts_by_state_and_by_the_stations_day() -> anyhow::Result<()> {
    // Another day of a station's may begin meanwhile.
    while !counts_a_day(&World::start().await?).await? {}
    Ok(())
}

/// Whether both stations had the same day from beginning to end.
async fn counts_a_day(world: &World) -> anyhow::Result<bool> {
    let client = world.client(ACCOUNTS[1]).await?;
    let one = add(&client, "一号站", 0).await?;
    let body = json!({ "sta_name": "二号站", "time_zone": "Pacific/Kiritimati" });
    let two = client.post("/station/add", &body).await?.data();
    let first = add_asset(&client, "1号桩", "AAAAAAAB", &one).await?;
    let second = add_asset(&client, "2号桩", "AAAAAAAC", &two).await?;
    add_asset(&client, "3号桩", "", &two).await?;
    let id = |asset: &Value| asset["device_id"].as_u64().unwrap();
    set_state(world, "AAAAAAAB", id(&first), &["充电", "空闲"]).await?;
    set_state(world, "AAAAAAAC", id(&second), &["通信故障"]).await?;
    let now = store::versioned::now();
    let trade = |device_id, timestamp, trade_id| TradeRecord {
        device_id,
        timestamp,
        trade_id,
        energy: Some(Milli64(12_500)),
        ..TradeRecord::default()
    };
    let failure = |device_id, timestamp| BootFailedRecord {
        device_id,
        timestamp,
        ..BootFailedRecord::default()
    };
    let two_days = 2 * 86_400_000;
    world
        .insert(&[
            trade(id(&first), now, "1"),
            trade(id(&first), now - two_days, "2"),
            trade(id(&second), now, "3"),
        ])
        .await?;
    world
        .insert(&[failure(id(&second), now), failure(id(&second), now - two_days)])
        .await?;

    // One pile stands nowhere, one is no asset.
    let nowhere = AssetVersion {
        timestamp: 1,
        device_id: 77,
        ..AssetVersion::default()
    };
    world.insert(&[nowhere]).await?;
    world.insert(&[trade(77, now, "4"), trade(78, now, "5")]).await?;

    let chief = world.chief().await?;
    let overview = client.get("/station/overview").await?.data();
    let of_all = chief.get("/station/overview").await?.data();
    let stations = of_all["stations"].as_array().unwrap();
    if stations
        .iter()
        .any(|station| station["day_start"].as_i64().unwrap() > now)
    {
        return Ok(false);
    }
    let (total, stations) = (&overview["total"], &overview["stations"]);
    assert_eq!(
        (
            &total["piles"]["total"],
            &total["piles"]["charging"],
            &total["piles"]["fault"],
            &total["piles"]["unknown"]
        ),
        (&3.into(), &1.into(), &1.into(), &1.into())
    );
    assert_eq!(
        (&total["guns"]["total"], &total["guns"]["idle"]),
        (&3.into(), &1.into())
    );
    assert_eq!(
        (&total["energy"], &total["charges"], &total["boot_failures"]),
        (&25.0.into(), &2.into(), &1.into())
    );
    let names: Vec<_> = stations
        .as_array()
        .unwrap()
        .iter()
        .map(|station| &station["sta_name"])
        .collect();
    assert_eq!(names, ["一号站", "二号站"]);
    assert_eq!(stations[0]["figures"]["energy"], 12.5);
    // Six hours apart, modulo a day.
    let starts = |at: usize| stations[at]["day_start"].as_i64().unwrap();
    assert_eq!((starts(0) - starts(1)).rem_euclid(86_400_000), 6 * 3_600_000);
    // Over 0.2 kWh, and one failure.
    assert_eq!(total["first_success"], json!({ "succeeded": 2, "starts": 3 }));
    assert!(overview["unassigned"].is_null());

    // Those that need a look come first: a fault and a failed start against a day that only brought charges.
    let worst = client.get("/station/overview?top=1").await?.data();
    assert_eq!(
        (&worst["total"], worst["stations"].as_array().unwrap().len()),
        (total, 1)
    );
    assert_eq!(worst["stations"][0], stations[1]);
    assert_eq!(worst["day_start"], starts(0).min(starts(1)));
    assert_eq!(client.get("/station/overview?top=0").await?.failure().0, 422);
    let of_city = client.get("/station/overview?top=5&city=x").await?.data();
    assert_eq!(of_city["stations"], json!([]));

    // Piles of no station are for those who see all, and not of any city.
    let unassigned = &of_all["unassigned"];
    assert_eq!(
        (&unassigned["piles"]["total"], &unassigned["charges"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        (&of_all["total"]["piles"]["total"], &of_all["total"]["charges"]),
        (&4.into(), &3.into())
    );
    assert_eq!(of_all["stations"].as_array().unwrap().len(), 2);
    let of_city = chief.get("/station/overview?city=x").await?.data();
    assert!(of_city["unassigned"].is_null());
    assert_eq!(of_city["total"]["piles"]["total"], 0);
    let stranger = world
        .client(STRANGER)
        .await?
        .get("/station/overview")
        .await?
        .data();
    assert_eq!(
        (&stranger["total"]["piles"]["total"], &stranger["stations"]),
        (&0.into(), &json!([]))
    );
    Ok(true)
}

#[tokio::test]
async fn the_monitor_shows_what_is_and_streams_what_changes() -> anyhow::Result<()> {
    let world = World::start().await?;
    let client = world.client(ACCOUNTS[1]).await?;
    let station = add(&client, "一号站", 0).await?;
    let asset = add_asset(&client, "1号桩", "AAAAAAAB", &station).await?;
    add_asset(&client, "2号桩", "AAAAAAAC", &station).await?;
    let id = asset["device_id"].as_u64().unwrap();
    set_state(&world, "AAAAAAAB", id, &["空闲"]).await?;
    let path = format!("/station/monitor?sta_id={}", station["sta_id"]);
    let monitor = client.get(&path).await?.data();
    assert_eq!(
        (
            &monitor["piles"][0]["state"],
            &monitor["piles"][0]["live"]["guns"][0]["voltage"]
        ),
        (&"空闲".into(), &380.5.into())
    );
    assert_eq!(monitor["piles"][1]["state"], "未接入");
    let stranger = world.client(STRANGER).await?;
    assert_eq!(stranger.get(&path).await?.failure().0, 404);
    assert_eq!(stranger.get("/station/monitor").await?.data()["piles"], json!([]));

    let request = axum::http::Request::get(format!("{}/station/monitor/stream", world.server.base()))
        .header("authorization", format!("Bearer {}", client.token))
        .body(Full::<Bytes>::default())?;
    let browser = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http();
    let mut stream = browser.request(request).await?;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let body = stream.body_mut();
    let snapshot = event(body).await?.unwrap();
    assert!(
        snapshot.starts_with("event: snapshot") && snapshot.contains("AAAAAAAC"),
        "{snapshot}"
    );
    set_state(&world, "AAAAAAAB", id, &["充电"]).await?;
    let change = event(body).await?.unwrap();
    assert!(
        change.starts_with("event: change") && change.contains("充电"),
        "{change}"
    );
    assert!(!change.contains("AAAAAAAC"), "{change}");
    // It ends with the session.
    client.post("/auth/logout", &json!({})).await?.data();
    assert_eq!(event(body).await?, None);
    Ok(())
}

/// The next event that is no heartbeat; none at the end.
async fn event<B>(body: &mut B) -> anyhow::Result<Option<String>>
where
    B: HttpBody<Data = Bytes, Error: std::error::Error + Send + Sync + 'static> + Unpin,
{
    let mut text = String::new();
    while !text.ends_with("\n\n") || text.starts_with(':') {
        if text.starts_with(':') {
            text.clear();
        }
        let frame = tokio::time::timeout(Duration::from_secs(60), body.frame()).await?;
        let Some(frame) = frame.transpose()? else {
            return Ok(None);
        };
        text.push_str(std::str::from_utf8(frame.data_ref().map_or(&[], |data| data))?);
    }
    Ok(Some(text))
}
