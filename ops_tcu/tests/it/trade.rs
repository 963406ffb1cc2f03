//! Charge records: stored, confirmed and counted once, whatever bytes are in them and however often they are sent.

use protocol::reply::Reply;
use serde_json::json;
use testkit::MqttClient;

use crate::world::{SOON, World, message};

/// `车辆` in GB18030, a lone lead byte, and what erased flash reads as.
const GBK: &[u8] = b"\xb3\xb5\xc1\xbe";
const ODD: &[u8] = b"LGX\xb3";
const ERASED: &[u8] = &[0xff; 17];

fn number(n: u32) -> String {
    format!("000000000000000026010112{n:08}")
}

async fn confirmed(piles: &mut MqttClient, uuid: &str, reqid: u32, number: &str) -> anyhow::Result<()> {
    let topic = message::cmd(uuid);
    let heard = piles
        .expect(&topic, message::is("充电记录确认", reqid), SOON)
        .await?;
    let (_, reply) = Reply::parse(&heard.payload)?;
    let Reply::TradeRecordConfirmation(confirmation) = reply else {
        anyhow::bail!("{reply:?}");
    };
    anyhow::ensure!(
        confirmation.trade_number == number && confirmation.outcome == protocol::Outcome::Success,
        "{confirmation:?}"
    );
    Ok(())
}

/// Sends a record and waits for its confirmation.
async fn send(piles: &mut MqttClient, uuid: &str, reqid: u32, n: u32, vin: &[u8]) -> anyhow::Result<()> {
    let record = message::trade_record(reqid, &number(n), vin, "30.25");
    piles.publish(&message::msg(uuid), record).await?;
    confirmed(piles, uuid, reqid, &number(n)).await
}

/// Bytes that a generator without a library gives, the same every time.
fn noise(seed: u64) -> [u8; 17] {
    let mut state = seed;
    std::array::from_fn(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    })
}

#[tokio::test]
async fn a_record_is_one_however_often_it_is_sent_and_whatever_restarts() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let uuid = message::uuid(8708);
    let vins = [GBK, ODD, ERASED, b"LGXC16DF4A0000001", b""];
    let mut reqid = 0;
    // Within the memory of the worker, beyond it, past a restart of each program.
    for round in ["at once", "again", "ops_tcu restarted", "chdbd restarted"] {
        match round {
            "ops_tcu restarted" => {
                world.tcu.kill().await?;
                world.tcu.start_again().await?;
            }
            "chdbd restarted" => {
                world.stack.chdbd.restart().await?;
            }
            _ => {}
        }
        for (n, vin) in (0..).zip(vins) {
            for _ in 0..3 {
                reqid += 1;
                send(&mut piles, &uuid, reqid, n, vin).await?;
            }
        }
        // More of its records than the worker remembers, so that the next round is the database's to recognise.
        for n in 100..110 {
            reqid += 1;
            send(&mut piles, &uuid, reqid, n, b"").await?;
        }
        world.until_drained().await?;
    }
    let rows = world
        .rows(
            "SELECT trade_id, vin, lower(vin_raw_hex) AS bytes, conflict, energy, raw != '' AS raw FROM trade_record \
             WHERE trade_id < '00000000000000002601011200000100' ORDER BY trade_id",
        )
        .await?;
    let row = |n: u32, vin: &str, bytes: &str, raw: u8| json!({"trade_id": number(n), "vin": vin, "bytes": bytes, "conflict": 0, "energy": 30.25, "raw": raw});
    let expected = [
        row(0, "车辆", "b3b5c1be", 1),
        row(1, "LGX", "4c4758b3", 1),
        row(2, "", &"ff".repeat(17), 1),
        row(3, "LGXC16DF4A0000001", "", 0),
        row(4, "", "", 0),
    ];
    assert_eq!(rows, expected);
    assert_eq!(world.number("SELECT count() FROM trade_record").await?, 15);
    world.tcu.assert_log_is_clean();
    Ok(())
}

#[tokio::test]
async fn random_bytes_in_the_vin_cost_no_record() -> anyhow::Result<()> {
    const RECORDS: u32 = 400;
    let world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let uuid = message::uuid(8708);
    for n in 0..RECORDS {
        let record = message::trade_record(n + 1, &number(n), &noise(n.into()), "30.25");
        piles.publish(&message::msg(&uuid), record).await?;
    }
    for n in 0..RECORDS {
        confirmed(&mut piles, &uuid, n + 1, &number(n)).await?;
    }
    world.until_drained().await?;
    // What stands around the VIN has survived it, and its bytes are kept to the last.
    let rows = world
        .rows("SELECT trade_id, energy, charge_way, stop_reason, lower(hex(raw)) AS raw FROM trade_record ORDER BY trade_id")
        .await?;
    assert_eq!(rows.len(), RECORDS as usize);
    let mut unclean = 0;
    for (n, row) in (0..).zip(&rows) {
        let rest = (
            &row["trade_id"],
            &row["energy"],
            &row["charge_way"],
            &row["stop_reason"],
        );
        assert_eq!(
            rest,
            (
                &json!(number(n)),
                &json!(30.25),
                &json!("扫码"),
                &json!("用户停止")
            )
        );
        let vin: String = noise(n.into()).iter().map(|byte| format!("{byte:02x}")).collect();
        let raw = row["raw"].as_str().unwrap();
        unclean += u32::from(raw.contains(&vin));
    }
    assert_eq!(unclean, RECORDS, "no 17 random bytes of these are clean UTF-8");
    assert_eq!(world.number("SELECT count() FROM quarantine").await?, 0);
    Ok(())
}

#[tokio::test]
async fn the_same_number_with_other_contents_is_kept_beside_the_first() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let (one, other) = (message::uuid(1), message::uuid(2));
    let record = |reqid: u32, energy: &str| message::trade_record(reqid, &number(7), b"", energy);
    // Two in one segment; the same number of another pile is another charge.
    for (uuid, reqid, energy) in [
        (&one, 1, "30.25"),
        (&one, 2, "31.5"),
        (&one, 3, "31.5"),
        (&other, 4, "9.5"),
    ] {
        piles.publish(&message::msg(uuid), record(reqid, energy)).await?;
        confirmed(&mut piles, uuid, reqid, &number(7)).await?;
    }
    world.until_drained().await?;
    // A third one against what the database holds, and the first again from a worker without memory.
    world.tcu.kill().await?;
    world.tcu.start_again().await?;
    for (reqid, energy) in [(5, "32.5"), (6, "30.25"), (7, "32.500")] {
        piles.publish(&message::msg(&one), record(reqid, energy)).await?;
        confirmed(&mut piles, &one, reqid, &number(7)).await?;
    }
    world.until_drained().await?;
    let sql = "SELECT name, energy, conflict FROM trade_record t JOIN asset a ON a.device_id = t.device_id ORDER BY name, energy";
    let row =
        |uuid: &str, energy: f64, conflict: u8| json!({"name": uuid, "energy": energy, "conflict": conflict});
    assert_eq!(
        world.rows(sql).await?,
        [
            row(&one, 30.25, 0),
            row(&one, 31.5, 1),
            row(&one, 32.5, 1),
            row(&other, 9.5, 0)
        ]
    );
    Ok(())
}

#[tokio::test]
async fn a_poison_record_is_quarantined_whole_and_confirmed() -> anyhow::Result<()> {
    let world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let uuid = message::uuid(1);
    let whole = message::trade_record(1, &number(1), b"", "1");
    let huge = message::trade_record(3, &number(3), &vec![b'x'; 300 << 10], "1");
    let poison = [
        (1, number(1), whole[..whole.len() - 20].to_vec()),
        (
            2,
            number(2),
            format!(
                r#"{{"命令":"充电记录","reqid":2,"开始SOC":@@,"交易流水号":"{}","枪号":"1"}}"#,
                number(2)
            )
            .into_bytes(),
        ),
        (3, number(3), huge),
    ];
    for (reqid, number, payload) in &poison {
        for _ in 0..3 {
            piles.publish(&message::msg(&uuid), payload.clone()).await?;
            confirmed(&mut piles, &uuid, *reqid, number).await?;
        }
    }
    // No number, so nothing to confirm by; kept all the same.
    piles
        .publish(
            &message::msg(&uuid),
            r#"{"命令":"充电记录","reqid":4,"枪号":"1"}"#,
        )
        .await?;
    piles
        .expect(&message::cmd(&uuid), message::is("充电记录确认", 4), SOON)
        .await?;
    world.until_drained().await?;
    let rows = world
        .rows("SELECT reason, trade_id, table_name, length(payload) AS size, uuid FROM quarantine ORDER BY trade_id")
        .await?;
    let row = |reason: &str, n: Option<u32>, size: usize| {
        let (trade_id, table) = n.map_or_else(Default::default, |n| (number(n), "trade_record"));
        json!({"reason": reason, "trade_id": trade_id, "table_name": table, "size": size, "uuid": uuid})
    };
    let expected = [
        row("no_trade_number", None, 48),
        row("truncated", Some(1), poison[0].2.len()),
        row("syntax", Some(2), poison[1].2.len()),
        row("too_large", Some(3), poison[2].2.len()),
    ];
    assert_eq!(rows, expected);
    let bytes = world
        .rows(&format!(
            "SELECT lower(hex(payload)) AS bytes FROM quarantine WHERE trade_id = '{}'",
            number(1)
        ))
        .await?;
    let sent: String = poison[0].2.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(bytes[0]["bytes"], sent.as_str());
    assert_eq!(world.number("SELECT count() FROM trade_record").await?, 0);
    Ok(())
}

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

/// What staff enter about a pile: it stands in a station of theirs.
async fn commission(world: &World, uuid: &str, device: u64) -> anyhow::Result<()> {
    let later = message::now() + 1;
    for sql in [
        "INSERT INTO organization_user SELECT 1, 0, 1001, 1".to_owned(),
        "INSERT INTO organization_station SELECT 1, 0, 1001, 2001".to_owned(),
        "INSERT INTO station (timestamp, flag_del, sta_id, sta_name) SELECT 1, 0, 2001, '东站'".to_owned(),
        format!(
            "INSERT INTO asset (timestamp, device_id, dt_id, sta_id, name, ass_name) \
             SELECT {later}, {device}, 1, 2001, '{uuid}', '一号桩'"
        ),
    ] {
        world.stack.clickhouse().query_raw(&sql).execute().await?;
    }
    Ok(())
}

/// A pile's asset is completed by staff, who then read their failed starts and sums as they always have: without
/// FINAL, and not doubled by what the pile repeats.
#[tokio::test]
async fn the_queries_of_staff_count_once_what_piles_repeat() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let (mine, foreign) = (message::uuid(1), message::uuid(2));
    let at = message::now() / 1000 * 1000 - 5_000;
    let answer = json!({
        "命令": "关键器件动作应答", "系统时间": message::time(at),
        "关键器件名称": [
            {"数据分区": "1枪数据", "器件类型": "直流输出接触器", "正常次数": "3", "异常次数": "1"},
            {"数据分区": "2枪数据", "器件类型": "直流输出接触器", "正常次数": "4", "异常次数": "0"},
        ],
    });
    let failed = |reqid: u32| message::boot_failed(reqid, &number(1), at);
    for round in 0..3 {
        if round == 2 {
            world.until_drained().await?;
            world.tcu.kill().await?;
            world.tcu.start_again().await?;
        }
        for uuid in [&mine, &foreign] {
            let (topic, cmd) = (message::msg(uuid), message::cmd(uuid));
            piles.publish(&topic, failed(round + 1)).await?;
            piles
                .expect(&cmd, message::is("启动失败原因确认", round + 1), SOON)
                .await?;
            piles.publish(&topic, answer.to_string()).await?;
            piles
                .expect(&cmd, message::is_any("关键器件动作确认"), SOON)
                .await?;
        }
    }
    world.until_drained().await?;
    let device = world.device_id(&mine).await?;
    commission(&world, &mine, device).await?;
    assert_eq!(world.rows(COMPONENT_SUMS).await?, [json!({"a": 14, "b": 2})]);
    let seen = world.rows(BOOT_FAILURES).await?;
    assert_eq!(
        seen,
        [json!({
            "timestamp": at, "dt_id": 1, "device_id": device, "trade_id": number(1), "device_zone": "1枪数据",
            "app_time": message::time(at), "gun_num": 1, "failed_code": "0X68:车辆原因-BRM报文接收超时", "charge_way": "密码",
            "vin": "", "start_soc": 0, "ass_name": "一号桩", "sta_id": 2001, "sta_name": "东站",
        })]
    );
    assert_eq!(world.number("SELECT count() FROM boot_failed_record").await?, 2);
    Ok(())
}
