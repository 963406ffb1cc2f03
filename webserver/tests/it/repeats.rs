//! Lists of events whose tables hold a row more than once, at the ends of months, and over many pages: each row
//! is listed once, the total is exact, and pages neither overlap nor leave anything out.

use std::collections::BTreeSet;

use serde_json::Value;
use store::table::asset::Asset;
use store::table::boot_failed_record::BootFailedRecord;
use store::table::login_record::LoginRecord;
use store::table::run_data::RunData;
use store::table::trade_record::TradeRecord;
use store::table::warn_record::{State, WarnRecord};

use crate::reads::{OURS, world};
use crate::world::{ACCOUNTS, Client, World};

/// 2026-11-01 00:00 in Shanghai: between two partitions.
const MONTH: i64 = 1_793_462_400_000;
const MINUTE: i64 = 60_000;

/// The items of one page, and the total.
async fn page(client: &Client, path: &str) -> anyhow::Result<(Vec<Value>, u64)> {
    let data = client.get(path).await?.data();
    let items = data["items"].as_array().cloned().unwrap_or_default();
    Ok((items, data["total"].as_u64().unwrap_or_default()))
}

/// Turns all pages; the total must be the same on each, and the rows that many different ones.
async fn all(client: &Client, path: &str, size: usize, told_by: &[&str]) -> anyhow::Result<Vec<Value>> {
    let mut seen = Vec::new();
    let mut different = BTreeSet::new();
    for nth in 1.. {
        let (items, total) = page(client, &format!("{path}&page_size={size}&page={nth}")).await?;
        for item in &items {
            let identity: Vec<String> = told_by.iter().map(|field| item[*field].to_string()).collect();
            assert!(different.insert(identity), "{path}, page {nth} repeats {item}");
        }
        seen.extend(items);
        if seen.len() as u64 >= total {
            assert_eq!(seen.len() as u64, total, "{path}");
            return Ok(seen);
        }
    }
    unreachable!("pages end")
}

fn charge(nth: i64, trade_id: &str) -> TradeRecord<'_> {
    TradeRecord {
        timestamp: MONTH + nth * MINUTE,
        pile_time: MONTH + nth * MINUTE,
        device_id: OURS,
        gun_num: 1,
        trade_id,
        content_hash: 7 * nth.unsigned_abs(),
        ..TradeRecord::default()
    }
}

/// Charges around the end of a month, each inserted once, some of them again: an insert is a part, and parts are
/// not merged while the test runs.
async fn charges(world: &World) -> anyhow::Result<()> {
    world
        .db
        .client()
        .query("SYSTEM STOP MERGES trade_record")
        .execute()
        .await?;
    let numbers: Vec<String> = (-6..6).map(|nth| format!("T{nth}")).collect();
    let charges: Vec<_> = (-6..6)
        .zip(&numbers)
        .map(|(nth, number)| charge(nth, number))
        .collect();
    for some in charges.chunks(5) {
        world.insert(some).await?;
    }
    let again = TradeRecord {
        recv_time: 1,
        ..charge(-1, "T-1")
    };
    world.insert(&[again, charge(0, "T0")]).await?;
    world.insert(&[charge(0, "T0")]).await
}

#[tokio::test]
async fn a_charge_that_is_there_more_than_once_is_listed_once() -> anyhow::Result<()> {
    let (world, _) = world().await?;
    charges(&world).await?;
    let client = world.client(ACCOUNTS[1]).await?;
    assert_eq!(world.number("SELECT count() FROM trade_record").await?, 15);
    let path = format!(
        "/trade_record/list?from={}&to={}",
        MONTH - 6 * MINUTE,
        MONTH + 6 * MINUTE
    );
    for size in [1, 2, 5, 500] {
        let found = all(&client, &path, size, &["trade_id"]).await?;
        let times: Vec<i64> = found
            .iter()
            .filter_map(|item| item["timestamp"].as_i64())
            .collect();
        let expected: Vec<i64> = (-6..6).rev().map(|nth| MONTH + nth * MINUTE).collect();
        assert_eq!(times, expected, "the newest first, of both months");
        assert!(
            found
                .iter()
                .all(|item| item["ass_name"] == "一号桩" && item["sta_name"] == "站2001")
        );
    }
    // Ends of the range: the first is within, the last is not.
    let path = format!("/trade_record/list?from={}&to={}", MONTH - MINUTE, MONTH + MINUTE);
    let found = all(&client, &path, 20, &["trade_id"]).await?;
    assert_eq!(
        found.iter().map(|item| &item["trade_id"]).collect::<Vec<_>>(),
        ["T0", "T-1"]
    );
    let path = format!("/trade_record/list?from={MONTH}&to={}", MONTH + MINUTE);
    assert_eq!(page(&client, &path).await?.1, 1);

    for (order, first) in [("-trade_id", "T5"), ("timestamp", "T-6")] {
        let path = format!("/trade_record/list?from=1793000000000&to=1794000000000&sort={order}");
        let found = all(&client, &path, 5, &["trade_id"]).await?;
        assert_eq!(
            (found.len(), &found[0]["trade_id"]),
            (12, &first.into()),
            "{order}"
        );
    }
    let csv = client
        .get("/trade_record/list?from=1793000000000&to=1794000000000&export=csv")
        .await?;
    assert_eq!(csv.text.lines().count(), 13, "{}", csv.text);
    let detail = client
        .get("/trade_record/detail?device_id=1&trade_id=T0")
        .await?
        .data();
    assert_eq!(detail["record"]["ass_name"], "一号桩");
    assert_eq!(detail["conflicts"], Value::Array(vec![]));
    Ok(())
}

#[tokio::test]
async fn merged_parts_keep_the_order_of_time() -> anyhow::Result<()> {
    let (world, _) = world().await?;
    charges(&world).await?;
    world
        .db
        .client()
        .query("SYSTEM START MERGES trade_record")
        .execute()
        .await?;
    world
        .db
        .client()
        .query("OPTIMIZE TABLE trade_record FINAL")
        .execute()
        .await?;
    assert_eq!(world.number("SELECT count() FROM trade_record").await?, 12);
    let projected = "SELECT sum(rows) FROM system.projection_parts WHERE active AND name = 'by_time' \
                     AND table = 'trade_record' AND database = currentDatabase()";
    assert_eq!(world.number(projected).await?, 12);
    let client = world.client(ACCOUNTS[1]).await?;
    let path = "/trade_record/list?from=1793000000000&to=1794000000000";
    assert_eq!(all(&client, path, 5, &["trade_id"]).await?.len(), 12);
    Ok(())
}

#[tokio::test]
async fn other_events_that_are_there_more_than_once_are_listed_once() -> anyhow::Result<()> {
    let (world, now) = world().await?;
    let tables = ["boot_failed_record", "login_record", "run_data"];
    for table in tables {
        let stop = format!("SYSTEM STOP MERGES {table}");
        world.db.client().query(&stop).execute().await?;
    }
    let at = now - MINUTE;
    // Two guns in one moment are two failures.
    let failure = |recv_time, gun_num, device_zone| BootFailedRecord {
        timestamp: at,
        recv_time,
        pile_time: at,
        device_id: OURS,
        gun_num,
        device_zone,
        failed_code: "0X68:车辆原因-BRM报文接收超时",
        failed_hex: "0X68",
        ..BootFailedRecord::default()
    };
    let login = |recv_time, sn| LoginRecord {
        timestamp: at,
        recv_time,
        device_id: OURS,
        uuid: "AAAA",
        sn,
        ..LoginRecord::default()
    };
    let sample = |recv_time, gun_num| RunData {
        timestamp: at,
        recv_time,
        pile_time: at,
        device_id: OURS,
        gun_num,
        ..RunData::default()
    };
    // Times of receipt differ, or the database would take the second insert for the first one repeated.
    for nth in 0..3 {
        world
            .insert(&[failure(nth, 1, "1枪数据"), failure(nth, 2, "2枪数据")])
            .await?;
        world.insert(&[login(nth, "a"), login(nth, "b")]).await?;
        world.insert(&[sample(nth, 1), sample(nth, 2)]).await?;
    }
    let client = world.client(ACCOUNTS[1]).await?;
    for (path, told_by) in [
        ("/boot_failure/list?gun_num=1".to_owned(), "timestamp"),
        ("/boot_failure/list?charge_way=".to_owned(), "gun_num"),
        ("/login/list?uuid=AAAA".to_owned(), "sn"),
        (
            format!(
                "/run_data/list?device_id={OURS}&from={}&to={now}",
                now - 86_400_000
            ),
            "gun_num",
        ),
    ] {
        let expected = if path.contains("gun_num=1") { 1 } else { 2 };
        assert_eq!(
            all(&client, &path, 1, &[told_by]).await?.len(),
            expected,
            "{path}"
        );
        assert_eq!(
            all(&client, &path, 20, &[told_by]).await?.len(),
            expected,
            "{path}"
        );
    }
    for table in tables {
        let sql = format!("SELECT count() FROM {table}");
        assert_eq!(
            world.number(&sql).await?,
            6,
            "{table}: there were repeats to leave out"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_warning_is_listed_in_its_newest_version_whatever_its_month() -> anyhow::Result<()> {
    let (world, _) = world().await?;
    world
        .db
        .client()
        .query("SYSTEM STOP MERGES warn_record")
        .execute()
        .await?;
    let warning = |nth: i64, recv_time, state| WarnRecord {
        timestamp: MONTH + nth,
        generate_time: MONTH + nth,
        recv_time,
        device_id: OURS,
        warn_code: "W1",
        state,
        ..WarnRecord::default()
    };
    world
        .insert(&[-2, -1, 0, 1].map(|nth| warning(nth, 10, State::Raised)))
        .await?;
    world
        .insert(&[
            warning(-1, 30, State::Recovered),
            warning(0, 30, State::Recovered),
        ])
        .await?;
    // An old version that comes late changes nothing.
    world.insert(&[warning(-1, 20, State::Raised)]).await?;
    let client = world.client(ACCOUNTS[1]).await?;
    let times = |items: Vec<Value>| -> Vec<i64> {
        items
            .iter()
            .filter_map(|item| Some(item["timestamp"].as_i64()? - MONTH))
            .collect()
    };
    let standing = all(&client, "/warn/list?warn_code=W1", 1, &["timestamp"]).await?;
    assert_eq!(times(standing), [1, -2]);
    let span = format!("from={}&to={}", MONTH - 1, MONTH + 1);
    for (state, expected) in [("open", [].as_slice()), ("closed", &[0, -1])] {
        let path = format!("/warn/list?state={state}&{span}");
        assert_eq!(
            times(all(&client, &path, 1, &["timestamp"]).await?),
            expected,
            "{state}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_pile_is_shown_as_it_stands_now() -> anyhow::Result<()> {
    let (world, _) = world().await?;
    charges(&world).await?;
    let chief = world.chief().await?;
    let path = format!("/trade_record/list?from={MONTH}&to={}", MONTH + MINUTE);
    assert_eq!(page(&chief, &path).await?.0[0]["ass_name"], "一号桩");
    // What this server changes shows at once.
    let edit = serde_json::json!({ "device_id": OURS, "timestamp": 1, "ass_name": "甲桩" });
    chief.post("/asset/edit", &edit).await?.data();
    assert_eq!(page(&chief, &path).await?.0[0]["ass_name"], "甲桩");
    // What others write, soon; it has a version of now.
    let moved = Asset {
        timestamp: store::versioned::now() + 1,
        device_id: OURS,
        sta_id: 2002,
        name: "AAAA",
        ass_name: "乙桩",
        ..Asset::default()
    };
    world.insert(&[moved]).await?;
    testkit::wait_until(std::time::Duration::from_secs(60), async || {
        let row = page(&chief, &path).await.map(|(items, _)| items[0].clone());
        row.is_ok_and(|row| row["ass_name"] == "乙桩" && row["sta_name"] == "站2002")
    })
    .await
}
