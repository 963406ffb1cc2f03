//! Schedules: what may recur, for whom, and when.

use serde_json::json;
use store::table::schedule_run::ScheduleRun;

use crate::piles::furnish;
use crate::world::{ACCOUNTS, GROUP, STRANGER, World};

#[tokio::test]
async fn schedules_are_kept_within_what_their_maker_sees() -> anyhow::Result<()> {
    let world = World::start().await?;
    furnish(&world).await?;
    let (chief, keeper) = (world.client(ACCOUNTS[1]).await?, world.client(ACCOUNTS[2]).await?);
    let stranger = world.client(STRANGER).await?;
    let body = json!({ "name": "SIM普查", "command": "SIM卡召唤", "cron": "30  2 * * *", "selection": { "all": true } });
    assert_eq!(keeper.post("/schedule/add", &body).await?.failure().0, 403);
    let added = chief.post("/schedule/add", &body).await?.data();
    assert_eq!(
        (&added["cron"], &added["enabled"]),
        (&json!("30 2 * * *"), &json!(true))
    );
    assert!(added["next_time"].as_i64().unwrap() > store::versioned::now());
    assert_eq!(
        added["selection"]["organization_id"], GROUP,
        "the connector knows no caller: the choice is bound"
    );
    for (field, value, named) in [
        ("name", json!(""), "name"),
        ("command", json!("重启"), "command"),
        ("cron", json!("* * * * *"), "cron"),
        ("cron", json!("0 0 30 2 *"), "cron"),
        ("selection", json!({}), "selection"),
        ("spread_s", json!(90_000), "spread_s"),
        ("fields", json!({ "x": 1 }), "fields"),
    ] {
        let mut bad = body.clone();
        bad["name"] = "另一个".into();
        bad[field] = value;
        let refused = chief.post("/schedule/add", &bad).await?.failure();
        assert!(
            refused.0 == 422 && refused.1.starts_with(named),
            "{field}: {refused:?}"
        );
    }
    assert_eq!(chief.post("/schedule/add", &body).await?.failure().0, 409);
    assert_eq!(stranger.get("/schedule/list").await?.data()["total"], 0);

    let id = added["schedule_id"].clone();
    let turned = json!({ "schedule_id": id, "timestamp": added["timestamp"], "enabled": false });
    assert_eq!(stranger.post("/schedule/enable", &turned).await?.failure().0, 404);
    let off = chief.post("/schedule/enable", &turned).await?.data();
    assert_eq!((&off["enabled"], &off["next_time"]), (&json!(false), &json!(0)));
    let edit =
        json!({ "schedule_id": id, "timestamp": off["timestamp"], "cron": "0 4 * * 1", "spread_s": 0 });
    let edited = chief.post("/schedule/edit", &edit).await?.data();
    assert_eq!(
        (&edited["cron"], &edited["spread_s"], &edited["name"]),
        (&json!("0 4 * * 1"), &json!(0), &json!("SIM普查"))
    );

    let run = ScheduleRun {
        timestamp: 1,
        schedule_id: id.as_u64().unwrap(),
        planned_time: 1_795_000_000_000,
        state: "started".into(),
        batch_id: 7,
        chosen: 2,
        ..ScheduleRun::default()
    };
    world.insert(&[run]).await?;
    let path = format!("/schedule/runs?schedule_id={id}");
    let runs = chief.get(&path).await?.data();
    assert_eq!(
        (&runs["total"], &runs["items"][0]["batch_id"]),
        (&json!(1), &json!(7))
    );
    assert_eq!(stranger.get(&path).await?.failure().0, 404);

    let times = chief
        .get("/schedule/preview?cron=0%204%20*%20*%201&count=3")
        .await?
        .data();
    let times: Vec<i64> = serde_json::from_value(times["times"].clone())?;
    assert!(
        times.len() == 3 && times.windows(2).all(|two| two[1] - two[0] == 7 * 86_400_000),
        "{times:?}"
    );
    let gone = json!({ "schedule_id": id, "timestamp": edited["timestamp"] });
    chief.post("/schedule/delete", &gone).await?.data();
    assert_eq!(chief.get("/schedule/list").await?.data()["total"], 0);
    Ok(())
}
