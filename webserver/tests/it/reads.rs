//! What piles have reported, as callers of two trees of organizations see it.

use serde_json::Value;
use store::Milli64;
use store::table::asset::Asset;
use store::table::boot_failed_record::BootFailedRecord;
use store::table::login_record::LoginRecord;
use store::table::organization_station::OrganizationStation;
use store::table::quarantine::Quarantine;
use store::table::trade_record::TradeRecord;
use store::table::warn_record::{State, WarnRecord};

use crate::world::{ACCOUNTS, Client, FOREIGN, GROUP, STRANGER, World};

/// Pile 1 stands at 站2001 of 集团, pile 2 at 站2002 of the other tree, pile 3 nowhere.
pub(crate) const OURS: u64 = 1;
pub(crate) const THEIRS: u64 = 2;
pub(crate) const NOBODYS: u64 = 3;

pub(crate) async fn world() -> anyhow::Result<(World, i64)> {
    let world = World::start().await?;
    world.stations(2).await?;
    let place = |organization_id, sta_id| OrganizationStation {
        timestamp: 1,
        organization_id,
        sta_id,
        ..OrganizationStation::default()
    };
    world.insert(&[place(GROUP, 2001), place(FOREIGN, 2002)]).await?;
    let asset = |device_id, sta_id, name, model| Asset {
        timestamp: 1,
        device_id,
        sta_id,
        name,
        model,
        ass_name: "一号桩",
        contract_num: "HT-1",
        ..Asset::default()
    };
    let assets = [
        asset(OURS, 2001, "AAAA", "DC-120"),
        asset(THEIRS, 2002, "BBBB", "DC-60"),
        asset(NOBODYS, 0, "CCCC", "DC-60"),
    ];
    world.insert(&assets).await?;
    Ok((world, store::versioned::now()))
}

fn failure(device_id: u64, timestamp: i64, trade_id: &str) -> BootFailedRecord<'_> {
    BootFailedRecord {
        timestamp,
        pile_time: timestamp,
        device_id,
        trade_id,
        dt_id: 1,
        gun_num: 2,
        app_time: "2026-11-21 10:00:00",
        failed_code: "0X68:车辆原因-BRM报文接收超时",
        failed_hex: "0X68",
        failed_party: "车辆原因",
        failed_text: "BRM报文接收超时",
        charge_way: "刷卡",
        vin: "LGXC16DF4A0000001",
        ..BootFailedRecord::default()
    }
}

async fn total(client: &Client, path: &str) -> anyhow::Result<u64> {
    let data = client.get(path).await?.data();
    let items = data["items"].as_array().unwrap().len() as u64;
    assert_eq!(data["total"], items, "{path}");
    Ok(items)
}

#[tokio::test]
async fn failures_are_listed_as_the_join_that_staff_use_gives_them() -> anyhow::Result<()> {
    let (world, now) = world().await?;
    let failures = [
        failure(OURS, now - 1000, "T1"),
        failure(OURS, now - 2000, "T2"),
        failure(OURS, now - 200_000_000, "OLD"),
        failure(THEIRS, now - 1000, "T3"),
        failure(NOBODYS, now - 1000, "T4"),
    ];
    world.insert(&failures).await?;
    let ours = world.client(ACCOUNTS[1]).await?;
    let list = ours.get("/boot_failure/list").await?.data();
    assert_eq!(list["total"], 2);
    let first = &list["items"][0];
    for (field, value) in [
        ("trade_id", "T1"),
        ("uuid", "AAAA"),
        ("ass_name", "一号桩"),
        ("model", "DC-120"),
        ("sta_name", "站2001"),
        ("failed_party", "车辆原因"),
    ] {
        assert_eq!(first[field], value, "{field}");
    }
    let theirs = "select count() from boot_failed_record as t \
        inner join (select * from asset final where flag_del=0) as a on t.device_id=a.device_id \
        inner join (SELECT * FROM station FINAL WHERE flag_del=0 and sta_id in( \
        select sta_id from organization_station final where flag_del =0 and organization_id = \
        (select organization_id from organization_user final where flag_del =0 and user_id =20))) as s \
        on a.sta_id=s.sta_id";
    assert_eq!(world.number(theirs).await?, 3);
    assert_eq!(
        total(&ours, "/boot_failure/list?from=1700000000000&to=1701000000000").await?,
        0
    );
    assert_eq!(
        total(
            &ours,
            &format!("/boot_failure/list?from={}&to={}", now - 300_000_000, now)
        )
        .await?,
        3
    );

    for (query, wanted) in [
        ("sta_id=2001", 2),
        ("sta_id=2002", 0),
        ("model=DC-120", 2),
        ("model=DC-60", 0),
        ("uuid=AAAA", 2),
        ("uuid=BBBB", 0),
        ("failed_hex=0X68", 2),
        ("failed_hex=0X69", 0),
        ("vin=lgxc16", 2),
        ("vin=%25", 0),
        ("trade_id=T2&sort=-device_id", 1),
        ("gun_num=2", 2),
        ("charge_way=%E5%88%B7%E5%8D%A1", 2),
        ("failed_party=%E8%BD%A6%E8%BE%86%E5%8E%9F%E5%9B%A0", 2),
    ] {
        assert_eq!(
            total(&ours, &format!("/boot_failure/list?{query}")).await?,
            wanted,
            "{query}"
        );
    }
    let stranger = world.client(STRANGER).await?;
    assert_eq!(total(&stranger, "/boot_failure/list").await?, 1);
    assert_eq!(total(&world.chief().await?, "/boot_failure/list").await?, 4);
    for query in ["from=5&to=5", "from=0&to=99999999999999", "sort=vin"] {
        let reply = ours.get(&format!("/boot_failure/list?{query}")).await?;
        assert_eq!(reply.failure().0, 422, "{query}");
    }

    let csv = ours.get("/boot_failure/list?export=csv").await?;
    assert_eq!(csv.text.lines().count(), 3, "{}", csv.text);
    assert!(csv.text.contains("站2001") && csv.text.contains("0X68"));
    let xlsx = ours.get("/boot_failure/list?export=xlsx").await?;
    assert!(xlsx.bytes.starts_with(b"PK"));
    Ok(())
}

#[tokio::test]
async fn a_failure_is_shown_with_the_pile_and_its_versions_then() -> anyhow::Result<()> {
    let (world, now) = world().await?;
    world
        .insert(&[failure(OURS, now - 1000, "T1"), failure(OURS, now - 5000, "T0")])
        .await?;
    let login = |at, software_version| LoginRecord {
        timestamp: now + at,
        device_id: OURS,
        uuid: "AAAA",
        software_version,
        ..LoginRecord::default()
    };
    world
        .insert(&[login(-9000, "1.0"), login(-3000, "1.1"), login(-500, "2.0")])
        .await?;
    let path = format!(
        "/boot_failure/detail?device_id=1&trade_id=T1&timestamp={}",
        now - 1000
    );
    let detail = world.client(ACCOUNTS[3]).await?.get(&path).await?.data();
    assert_eq!(detail["failure"]["sta_name"], "站2001");
    assert_eq!(detail["asset"]["contract_num"], "HT-1");
    assert_eq!(detail["version"]["software_version"], "1.1");
    assert_eq!(
        (&detail["failures_before"], &detail["charges_before"]),
        (&2.into(), &0.into())
    );
    let stranger = world.client(STRANGER).await?;
    assert_eq!(stranger.get(&path).await?.failure().0, 404);
    assert_eq!(total(&stranger, "/login/list").await?, 0);
    let ours = world.client(ACCOUNTS[1]).await?;
    assert_eq!(
        total(&ours, "/login/list?software_version=1.1&uuid=AAAA").await?,
        1
    );
    let logins = ours.get("/login/list?sort=timestamp").await?.data();
    assert_eq!(logins["items"][0]["software_version"], "1.0");
    assert_eq!(logins["items"][0]["ass_name"], "一号桩");
    Ok(())
}

fn charge(device_id: u64, timestamp: i64, content_hash: u64) -> TradeRecord<'static> {
    TradeRecord {
        timestamp,
        recv_time: timestamp,
        device_id,
        trade_id: "0042",
        content_hash,
        conflict: u8::from(content_hash > 1),
        energy: Some(Milli64(12_345)),
        amount: Some(Milli64(9_990)),
        raw: if content_hash > 1 { b"{\"\xb1\":9.99}" } else { b"" },
        ..TradeRecord::default()
    }
}

#[tokio::test]
async fn money_is_for_those_who_may_see_it() -> anyhow::Result<()> {
    let (world, now) = world().await?;
    let charges = [
        charge(OURS, now - 3000, 1),
        charge(OURS, now - 2000, 2),
        charge(THEIRS, now - 1000, 1),
    ];
    world.insert(&charges).await?;
    let refused = |device_id, trade_id: &'static str| Quarantine {
        recv_time: now - 1000,
        device_id,
        uuid: "AAAA",
        table_name: if trade_id.is_empty() { "" } else { "trade_record" },
        reason: "unreadable",
        error: "9.99",
        trade_id,
        payload: b"{\"amount\":9.99}",
        ..Quarantine::default()
    };
    world
        .insert(&[refused(OURS, "0043"), refused(OURS, ""), refused(0, "0044")])
        .await?;
    let chief = world.chief().await?;
    let ours = world.client(ACCOUNTS[1]).await?;

    let list = ours.get("/trade_record/list?sort=timestamp").await?.data();
    assert_eq!(list["total"], 2);
    assert_eq!(list["items"][0]["energy"], 12.345);
    assert!(list["items"][0]["amount"].is_null());
    assert_eq!(list["items"][0]["sta_name"], "站2001");
    let all = chief.get("/trade_record/list").await?.data();
    assert_eq!(
        (&all["total"], &all["items"][0]["amount"]),
        (&3.into(), &9.99.into())
    );
    for path in [
        "/trade_record/list",
        "/trade_record/conflict/list",
        "/trade_record/quarantine/list",
    ] {
        for file in ["", "?export=csv"] {
            let path = format!("{path}{file}");
            let reply = ours.get(&path).await?;
            assert_eq!(reply.status, 200, "{}", reply.text);
            assert!(!reply.text.contains("9.99"), "{path}: {}", reply.text);
            let reply = chief.get(&path).await?;
            assert!(reply.text.contains("9.99"), "{path}: {}", reply.text);
        }
    }
    assert_eq!(ours.get("/trade_record/list?sort=amount").await?.failure().0, 422);

    let conflicts = chief.get("/trade_record/conflict/list").await?.data();
    assert_eq!(conflicts["total"], 1);
    assert_eq!(conflicts["items"][0]["raw_base64"], "eyKxIjo5Ljk5fQ==");
    assert_eq!(total(&ours, "/trade_record/quarantine/list").await?, 2);
    assert_eq!(
        total(&chief, "/trade_record/quarantine/list?device_id=0").await?,
        1
    );

    let path = "/trade_record/detail?device_id=1&trade_id=0042";
    let detail = ours.get(path).await?.data();
    assert_eq!(detail["record"]["conflict"], 0);
    assert!(detail["record"]["amount"].is_null() && detail["conflicts"][0]["amount"].is_null());
    assert_eq!(chief.get(path).await?.data()["conflicts"][0]["amount"], 9.99);
    assert_eq!(world.client(STRANGER).await?.get(path).await?.failure().0, 404);
    let permissions = chief.get("/role/permissions").await?.data();
    assert!(
        permissions
            .as_array()
            .unwrap()
            .contains(&Value::from("trade_record:amount"))
    );
    Ok(())
}

#[tokio::test]
async fn warnings_that_stand_are_seen_however_old() -> anyhow::Result<()> {
    let (world, now) = world().await?;
    let warning = |device_id, warn_code, ago: i64, state, recv_time| WarnRecord {
        timestamp: now - ago,
        generate_time: now - ago,
        recv_time,
        device_id,
        warn_code,
        warn_name: "急停按下",
        warn_level: 2,
        state,
        recover_time: if state == State::Recovered { now } else { 0 },
        count: 1,
        ..WarnRecord::default()
    };
    let year = 300 * 86_400_000;
    world
        .insert(&[
            warning(OURS, "W1", year, State::Raised, 1),
            warning(OURS, "W2", 5000, State::Raised, 1),
            warning(THEIRS, "W2", 5000, State::Raised, 1),
        ])
        .await?;
    world
        .insert(&[warning(OURS, "W2", 5000, State::Recovered, 2)])
        .await?;
    let ours = world.client(ACCOUNTS[2]).await?;
    let open = ours.get("/warn/list").await?.data();
    assert_eq!(open["total"], 1);
    let first = &open["items"][0];
    assert_eq!(
        (&first["warn_code"], &first["state"]),
        (&"W1".into(), &"发生".into())
    );
    assert_eq!(
        (&first["source"], &first["sta_name"]),
        (&"桩".into(), &"站2001".into())
    );
    let closed = ours.get("/warn/list?state=closed").await?.data();
    assert_eq!(
        (&closed["total"], &closed["items"][0]["warn_code"]),
        (&1.into(), &"W2".into())
    );
    assert_eq!(total(&ours, "/warn/list?warn_level=1").await?, 0);
    assert_eq!(total(&world.chief().await?, "/warn/list").await?, 2);
    assert_eq!(ours.get("/warn/list?state=half").await?.failure().0, 422);
    Ok(())
}
