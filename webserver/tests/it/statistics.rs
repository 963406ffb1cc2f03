//! Failed starts and charges counted.

use serde_json::{Value, json};
use store::Milli64;
use store::table::boot_failed_record::BootFailedRecord;
use store::table::login_record::LoginRecord;
use store::table::trade_record::TradeRecord;

use crate::reads::{NOBODYS, OURS, THEIRS, world};
use crate::world::{ACCOUNTS, Client, STRANGER};

/// Noon in China: whatever happens within the hour is of one day.
const NOON: i64 = 1_767_672_000_000;
const MINUTE: i64 = 60_000;
const RANGE: &str = "from=1767628800000&to=1767801600000";

fn failure<'a>(device_id: u64, timestamp: i64, cause: &'a str, vin: &'a str) -> BootFailedRecord<'a> {
    BootFailedRecord {
        timestamp,
        pile_time: timestamp,
        device_id,
        failed_hex: if cause.is_empty() { "" } else { "0X68" },
        failed_party: "车辆原因",
        failed_text: cause,
        vin,
        ..BootFailedRecord::default()
    }
}

/// What is asked of `/boot_failure/statistics`: total, groups, and of each group its key, failures and piles.
async fn counted(client: &Client, query: &str) -> anyhow::Result<(Value, Value, Value)> {
    let data = client
        .get(&format!("/boot_failure/statistics?{RANGE}&{query}"))
        .await?
        .data();
    let items = data["items"].as_array().unwrap().iter();
    let items = items.map(|item| json!([item["key"], item["failures"], item["piles"]]));
    Ok((
        data["total"].clone(),
        data["groups"].clone(),
        items.collect::<Vec<_>>().into(),
    ))
}

#[tokio::test]
async fn failures_are_counted_by_what_they_have_in_common() -> anyhow::Result<()> {
    let (world, _) = world().await?;
    world
        .insert(&[
            failure(OURS, NOON, "BRM报文接收超时", "LGXC16DF4A0000001"),
            failure(OURS, NOON + 70 * MINUTE, "BRM报文接收超时", "LGXC16DF4A0000002"),
            failure(OURS, NOON + 24 * 60 * MINUTE, "绝缘故障", ""),
            failure(THEIRS, NOON, "BRM报文接收超时", "LSVAG2180E2100000"),
            failure(NOBODYS, NOON, "", ""),
            failure(OURS, NOON - 48 * 60 * MINUTE, "BRM报文接收超时", ""),
        ])
        .await?;
    let login = |timestamp, software_version| LoginRecord {
        timestamp,
        device_id: OURS,
        uuid: "AAAA",
        software_version,
        ..LoginRecord::default()
    };
    world
        .insert(&[
            login(NOON - 30 * 86_400_000, "1.0"),
            login(NOON + 30 * MINUTE, "2.0"),
            login(NOON + 48 * 60 * MINUTE, "3.0"),
        ])
        .await?;
    let ours = world.client(ACCOUNTS[3]).await?;
    let chief = world.chief().await?;

    let of = |client, query| counted(client, query);
    let one = |key: &str, failures: u64| json!([key, failures, 1]);
    assert_eq!(
        of(&ours, "by=code").await?,
        (json!(3), json!(2), json!([["0X68", 2, 1], ["0X68", 1, 1]]))
    );
    assert_eq!(
        of(&chief, "by=code&top=1").await?,
        (json!(5), json!(3), json!([["0X68", 3, 2]]))
    );
    assert_eq!(of(&chief, "by=party").await?.2, json!([["车辆原因", 5, 3]]));
    let stations = json!([one("2001", 3), one("0", 1), one("2002", 1)]);
    assert_eq!(of(&chief, "by=station").await?, (json!(5), json!(3), stations));
    assert_eq!(
        of(&chief, "by=model").await?.2,
        json!([["DC-120", 3, 1], ["DC-60", 2, 2]])
    );
    // The version at that moment; of the other piles none is known.
    let versions = json!([["", 2, 2], one("2.0", 2), one("1.0", 1)]);
    assert_eq!(of(&chief, "by=firmware").await?.2, versions);
    let vehicles = json!([one("LGXC16DF", 2), ["", 2, 2], one("LSVAG218", 1)]);
    assert_eq!(sorted(of(&chief, "by=vehicle").await?.2), sorted(vehicles));
    assert_eq!(
        of(&ours, "by=vehicle&vin_length=3&vin=LGX").await?.2,
        json!([one("LGX", 2)])
    );
    let hours = of(&ours, "by=hour").await?.2;
    assert_eq!(hours.as_array().unwrap().len(), 24);
    assert_eq!((&hours[12], &hours[13]), (&one("12", 2), &one("13", 1)));
    assert_eq!(hours[0], json!(["0", 0, 0]));
    assert_eq!(
        of(&ours, "by=day").await?.2,
        json!([one("2026-01-06", 2), one("2026-01-07", 1)])
    );

    // A group opens its list.
    let data = ours
        .get(&format!("/boot_failure/statistics?{RANGE}&by=code"))
        .await?
        .data();
    let first = &data["items"][0];
    assert_eq!(
        (&first["party"], &first["name"]),
        (&"车辆原因".into(), &"BRM报文接收超时".into())
    );
    let cause = "BRM%E6%8A%A5%E6%96%87%E6%8E%A5%E6%94%B6%E8%B6%85%E6%97%B6";
    let list = ours
        .get(&format!("/boot_failure/list?{RANGE}&failed_text={cause}"))
        .await?
        .data();
    assert_eq!(list["total"], first["failures"]);
    let stranger = world.client(STRANGER).await?;
    assert_eq!(of(&stranger, "by=station").await?.2, json!([one("2002", 1)]));
    for query in [
        "by=colour",
        "by=code&top=0",
        "by=code&top=501",
        "by=code&vin_length=2",
        "top=3",
        "by=code&x=1",
    ] {
        let reply = ours.get(&format!("/boot_failure/statistics?{query}")).await?;
        assert_eq!(reply.failure().0, 422, "{query}");
    }
    Ok(())
}

fn sorted(groups: Value) -> Vec<String> {
    let mut groups: Vec<_> = groups.as_array().unwrap().iter().map(Value::to_string).collect();
    groups.sort();
    groups
}

#[tokio::test]
async fn first_time_success_is_of_all_starts() -> anyhow::Result<()> {
    let (world, _) = world().await?;
    let charge = |device_id, nth: i64, energy: i64, minutes| TradeRecord {
        timestamp: NOON + nth * MINUTE,
        device_id,
        trade_id: ["0", "1", "2", "3", "4", "5"][nth as usize],
        content_hash: 1,
        energy: Some(Milli64(energy)),
        charged_minutes: Some(minutes),
        ..TradeRecord::default()
    };
    let mut again = charge(OURS, 0, 9_000, 60);
    (again.content_hash, again.conflict) = (2, 1);
    world
        .insert(&[
            charge(OURS, 0, 20_500, 30),
            // By its energy; by its time; by neither, as both are at the limit; not told.
            charge(OURS, 1, 201, 0),
            charge(OURS, 2, 0, 3),
            charge(OURS, 3, 200, 2),
            TradeRecord {
                energy: None,
                charged_minutes: None,
                ..charge(OURS, 4, 0, 0)
            },
            charge(THEIRS, 5, 1_000, 10),
            again,
        ])
        .await?;
    world
        .insert(&[
            failure(OURS, NOON, "急停", ""),
            failure(OURS, NOON + 24 * 60 * MINUTE, "急停", ""),
            failure(THEIRS, NOON, "急停", ""),
        ])
        .await?;
    let read = async |client: &Client, query: &str| {
        let path = format!("/trade_record/statistics?{RANGE}{query}");
        anyhow::Ok(client.get(&path).await?.data())
    };
    let ours = world.client(ACCOUNTS[3]).await?;
    let found = read(&ours, "").await?;
    let total = json!({
        "charges": 5, "energy": 20.901, "charged_minutes": 35, "boot_failures": 2,
        "first_success": { "succeeded": 3, "starts": 7 },
    });
    assert_eq!(found["total"], total);
    assert_eq!(found["days"].as_array().unwrap().len(), 2);
    assert_eq!(found["days"][1]["day"], "2026-01-07");
    assert_eq!(
        found["days"][1]["figures"]["first_success"],
        json!({ "succeeded": 0, "starts": 1 })
    );
    let chief = world.chief().await?;
    assert_eq!(
        read(&chief, "").await?["total"]["first_success"],
        json!({ "succeeded": 4, "starts": 9 })
    );
    for (query, charges) in [
        ("&sta_id=2002", 1),
        ("&uuid=AAAA", 5),
        ("&model=DC-60", 1),
        ("&device_id=3", 0),
    ] {
        assert_eq!(read(&chief, query).await?["total"]["charges"], charges, "{query}");
    }
    assert_eq!(
        chief
            .get("/trade_record/statistics?from=5&to=5")
            .await?
            .failure()
            .0,
        422
    );
    Ok(())
}

/// The moment a month ends in China, its last day and the first of the next.
const MONTH_ENDS: [(i64, &str, &str); 3] = [
    (1_767_196_800_000, "2025-12-31", "2026-01-01"),
    (1_769_875_200_000, "2026-01-31", "2026-02-01"),
    (1_772_294_400_000, "2026-02-28", "2026-03-01"),
];

#[tokio::test]
async fn a_day_ends_at_midnight_in_china_also_at_the_end_of_a_month() -> anyhow::Result<()> {
    const DAY: i64 = 24 * 60 * MINUTE;
    let (world, _) = world().await?;
    let client = world.client(ACCOUNTS[3]).await?;
    for (midnight, last, first) in MONTH_ENDS {
        let charge = |timestamp, trade_id| TradeRecord {
            timestamp,
            device_id: OURS,
            trade_id,
            energy: Some(Milli64(1_000)),
            ..TradeRecord::default()
        };
        world
            .insert(&[
                charge(midnight - 1, last),
                charge(midnight, first),
                charge(midnight + 1, &format!("{first} too")),
            ])
            .await?;
        let failures = [midnight - 1, midnight].map(|at| failure(OURS, at, "急停", ""));
        world.insert(&failures).await?;

        let both = format!("from={}&to={}", midnight - DAY, midnight + DAY);
        let charges = client.get(&format!("/trade_record/statistics?{both}")).await?;
        let days: Vec<_> = charges.data()["days"]
            .as_array()
            .unwrap()
            .iter()
            .map(|day| {
                let figures = &day["figures"];
                json!([day["day"], figures["charges"], figures["boot_failures"]])
            })
            .collect();
        assert_eq!(days, [json!([last, 1, 1]), json!([first, 2, 1])]);
        let grouped = async |by: &str| {
            let path = format!("/boot_failure/statistics?{both}&by={by}");
            let data = client.get(&path).await?.data();
            let items = data["items"].as_array().unwrap().iter();
            let with_some = items.filter(|item| item["failures"] != 0);
            let counts = with_some.map(|item| json!([item["key"], item["failures"]]));
            anyhow::Ok(counts.collect::<Vec<_>>())
        };
        assert_eq!(grouped("day").await?, [json!([last, 1]), json!([first, 1])]);
        assert_eq!(grouped("hour").await?, [json!(["0", 1]), json!(["23", 1])]);
        // The day itself: from its midnight to before the next.
        let one = format!("/trade_record/list?from={}&to={midnight}", midnight - DAY);
        assert_eq!(client.get(&one).await?.data()["total"], 1, "{last}");
    }
    Ok(())
}
