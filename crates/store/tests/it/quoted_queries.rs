//! The two queries that staff already use, to the letter.

use clickhouse::Row;
use serde::Deserialize;
use store::table::key_component_action_count::KeyComponentActionCount;
use store::table::{asset::Asset, boot_failed_record::BootFailedRecord};

use crate::{insert, run, started};

const COMPONENT_SUMS: &str =
    "select sum (switching_cycles) as a, sum(abnormal_switching_cycles) as b from key_component_action_count";

const BOOT_FAILURES: &str = "select t.timestamp as timestamp, t.dt_id as dt_id, t.device_id as device_id,
       trade_id, device_zone, app_time, gun_num, failed_code, charge_way, vin, start_soc, ass_name,
       a.sta_id as sta_id, s.sta_name as sta_name
from boot_failed_record as t
inner join (select * from asset final where flag_del=0) as a on t.device_id=a.device_id
inner join (SELECT * FROM station FINAL WHERE flag_del=0 and sta_id in(
    select sta_id from organization_station final where flag_del =0 and organization_id =
      (select organization_id from organization_user final where flag_del =0 and user_id =1))) as s on a.sta_id=s.sta_id";

#[derive(Row, Deserialize, PartialEq, Debug)]
struct Sums {
    a: u64,
    b: u64,
}

#[tokio::test]
async fn the_sums_of_component_actions() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let row = |name, switching_cycles, abnormal_switching_cycles| KeyComponentActionCount {
        timestamp: 1_750_148_560_000,
        key_component_name: name,
        switching_cycles,
        abnormal_switching_cycles,
        ..KeyComponentActionCount::default()
    };
    insert(&db, &[row("直流输出接触器", 3, 1), row("交流接触器", 4, 0)], "a").await?;
    let sums = db
        .rows::<Sums>("sums", db.client().query_raw(COMPONENT_SUMS))
        .await?;
    assert_eq!(sums, [Sums { a: 7, b: 1 }]);
    Ok(())
}

#[derive(Row, Deserialize, PartialEq, Debug)]
struct BootFailure {
    timestamp: i64,
    dt_id: u64,
    device_id: u64,
    trade_id: String,
    device_zone: String,
    app_time: String,
    gun_num: u8,
    failed_code: String,
    charge_way: String,
    vin: String,
    start_soc: u8,
    ass_name: String,
    sta_id: u64,
    sta_name: String,
}

#[tokio::test]
async fn the_boot_failures_a_user_may_see() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    for sql in [
        "INSERT INTO organization_user SELECT 1, 0, 1001, 1",
        "INSERT INTO organization_station SELECT 1, 0, 1001, 2001",
        "INSERT INTO station (timestamp, flag_del, sta_id, sta_name) SELECT 1, 0, 2001, '东站'",
        "INSERT INTO station (timestamp, flag_del, sta_id, sta_name) SELECT 1, 0, 2002, '西站'",
    ] {
        run(&db, sql).await?;
    }
    let asset = |device_id, sta_id| Asset {
        device_id,
        sta_id,
        ass_name: "一号桩",
        ..Asset::default()
    };
    insert(&db, &[asset(7, 2001), asset(8, 2002)], "assets").await?;
    let failure = |device_id| BootFailedRecord {
        timestamp: 1_750_244_895_000,
        device_id,
        dt_id: 5,
        gun_num: 1,
        device_zone: "1枪数据",
        failed_code: "0X68:车辆原因-BRM报文接收超时",
        ..BootFailedRecord::default()
    };
    insert(&db, &[failure(7), failure(8)], "failures").await?;
    let seen = db
        .rows::<BootFailure>("failures", db.client().query_raw(BOOT_FAILURES))
        .await?;
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].device_id, seen[0].sta_name.as_str()), (7, "东站"));
    assert_eq!(seen[0].failed_code, "0X68:车辆原因-BRM报文接收超时");
    assert_eq!(seen[0].ass_name, "一号桩");
    Ok(())
}
