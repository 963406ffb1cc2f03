//! Every captured sample, published by `mosquitto_pub` as staff do: its rows and its reply.

use std::path::PathBuf;

use anyhow::Context;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::world::{SOON, World, message};

/// A sample: its file, the table it ends up in, its rows there, the reply.
struct Sample {
    file: &'static str,
    table: &'static str,
    rows: usize,
    reply: Option<&'static str>,
}

const fn sample(file: &'static str, table: &'static str, rows: usize, reply: Option<&'static str>) -> Sample {
    Sample {
        file,
        table,
        rows,
        reply,
    }
}

const SAMPLES: [Sample; 26] = [
    sample("login", "login_record", 1, Some("登录应答")),
    sample("run_data_v1", "run_data", 1, None),
    sample("run_data_v3", "run_data", 1, None),
    sample("run_data_v3.gbk", "run_data", 1, None),
    sample("run_data_v3.nul_padded", "run_data", 1, None),
    sample("change", "run_data", 1, None),
    sample("event", "warn_record", 1, Some("事件确认")),
    sample("alarm", "warn_record", 1, Some("事件确认")),
    sample("trade_record", "trade_record", 1, Some("充电记录确认")),
    sample("trade_record.alias", "trade_record", 1, Some("充电记录确认")),
    sample("trade_record.gbk", "trade_record", 1, Some("充电记录确认")),
    sample(
        "trade_record.gbk_vin_noise",
        "trade_record",
        1,
        Some("充电记录确认"),
    ),
    sample(
        "trade_record.vin_erased_flash",
        "trade_record",
        1,
        Some("充电记录确认"),
    ),
    sample(
        "trade_record.vin_gbk_backslash",
        "trade_record",
        1,
        Some("充电记录确认"),
    ),
    sample("trade_record.vin_noise", "trade_record", 1, Some("充电记录确认")),
    sample("boot_failed", "boot_failed_record", 1, Some("启动失败原因确认")),
    sample(
        "boot_failed.gbk",
        "boot_failed_record",
        1,
        Some("启动失败原因确认"),
    ),
    sample(
        "key_component_list",
        "key_component_action_count",
        3,
        Some("关键器件动作确认"),
    ),
    sample(
        "key_component_repeated",
        "key_component_action_count",
        3,
        Some("关键器件动作确认"),
    ),
    sample(
        "key_component_repeated.gbk",
        "key_component_action_count",
        3,
        Some("关键器件动作确认"),
    ),
    sample("answer", "command_record", 1, None),
    sample("answer_failed", "command_record", 1, None),
    sample("answer_sim", "command_record", 1, None),
    sample("download_progress", "command_record", 1, None),
    sample("log_uploaded", "command_record", 1, None),
    sample("unknown", "unknown_message", 1, None),
];

fn file(name: &str) -> PathBuf {
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/protocol/tests/samples");
    PathBuf::from(samples).join(format!("{name}.json"))
}

async fn mosquitto_pub(world: &World, uuid: &str, name: &str) -> anyhow::Result<()> {
    let status = Command::new("mosquitto_pub")
        .args(["-p", &world.stack.mqtt_port().to_string()])
        .args(["-t", &message::msg(uuid), "-f"])
        .arg(file(name))
        .status()
        .await
        .context("mosquitto_pub is needed: apt-get install -y mosquitto-clients")?;
    anyhow::ensure!(status.success(), "mosquitto_pub {name}");
    Ok(())
}

/// Rows without what differs from run to run. The samples are old, so their clocks are skewed and `timestamp` is
/// the time of receipt.
fn columns(table: &str) -> &'static str {
    match table {
        "command_record" => "* EXCEPT (timestamp, created_time, answered_time, device_id)",
        "unknown_message" => "* EXCEPT (recv_time, device_id, uuid)",
        "login_record" => "* EXCEPT (timestamp, recv_time, device_id, uuid)",
        "trade_record" => "* EXCEPT (timestamp, recv_time, device_id) REPLACE (length(raw) AS raw)",
        // A recovery of something unknown and an old event alike.
        _ => "* EXCEPT (timestamp, recv_time, device_id)",
    }
}

#[tokio::test]
async fn every_sample_gives_its_rows_and_its_reply() -> anyhow::Result<()> {
    let world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let uuid = |at: usize| message::uuid(1000 + at as u64);
    for (at, sample) in SAMPLES.iter().enumerate() {
        mosquitto_pub(&world, &uuid(at), sample.file).await?;
    }
    let (mut rows, mut replies) = (0, 0);
    for (at, sample) in SAMPLES.iter().enumerate() {
        let reply = match sample.reply {
            Some(command) => {
                let topic = message::cmd(&uuid(at));
                let heard = piles
                    .expect(&topic, message::is_any(command), SOON)
                    .await
                    .context(sample.file)?;
                replies += 1;
                serde_json::from_slice(&heard.payload)?
            }
            None => Value::Null,
        };
        let device = world.device_id(&uuid(at)).await?;
        let select = format!(
            "SELECT {} FROM {} WHERE device_id = {device} ORDER BY ALL",
            columns(sample.table),
            sample.table
        );
        let found = world
            .until_rows(&select, sample.rows)
            .await
            .context(sample.file)?;
        rows += found.len();
        insta::assert_json_snapshot!(sample.file, json!({"rows": found, "reply": without_clock(reply)}));
    }
    nothing_else(&world, rows).await?;
    let heard = piles.received();
    assert!(
        heard.is_empty(),
        "replies beyond the {replies} expected: {heard:?}"
    );
    world.tcu.assert_log_is_clean();
    Ok(())
}

/// 系统时间 sets the pile's clock, so it must be the present.
fn without_clock(mut reply: Value) -> Value {
    if let Some(clock) = reply.get_mut("系统时间") {
        let set = protocol::time::parse(clock.as_str().unwrap()).unwrap().ms;
        assert!((message::now() - set).abs() < 60_000, "{clock}");
        *clock = json!("[the present]");
    }
    reply
}

/// No sample left a trace where it has no business.
async fn nothing_else(world: &World, rows: usize) -> anyhow::Result<()> {
    world.until_drained().await?;
    let mut tables: Vec<_> = SAMPLES.iter().map(|sample| sample.table).collect();
    tables.sort_unstable();
    tables.dedup();
    tables.extend(["quarantine", "malformed_message"]);
    let counts: Vec<_> = tables
        .iter()
        .map(|table| format!("(SELECT count() FROM {table})"))
        .collect();
    let all = world.number(&format!("SELECT {}", counts.join(" + "))).await?;
    assert_eq!(all, rows as u64);
    assert_eq!(
        world.number("SELECT count() FROM asset").await?,
        SAMPLES.len() as u64
    );
    Ok(())
}

/// A change carries only what changed: its row and the state have the other points too, and other guns stay apart.
#[tokio::test]
async fn a_change_carries_the_other_points_over() -> anyhow::Result<()> {
    let world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let uuid = message::uuid(1);
    let topic = message::msg(&uuid);
    let change = |reqid: u32, gun: u8, points: Value| {
        json!({"命令": "数据变位", "reqid": reqid, "数据分区": format!("{gun}枪数据"), "系统时间": message::time(message::now()), "状态数据": points})
            .to_string()
    };
    piles.publish(&topic, message::run_data(1)).await?;
    // 输出电压 is 电压_V under the name of another firmware; 风扇转速 is nobody's.
    let points = json!([{"名称": "SOC", "值": 49}, {"名称": "输出电压", "值": "401.5"}, {"名称": "风扇转速", "值": "900"}]);
    piles.publish(&topic, change(2, 1, points)).await?;
    piles
        .publish(&topic, change(3, 2, json!([{"名称": "工作状态", "值": "空闲"}])))
        .await?;

    let rows = world
        .until_rows(
            "SELECT reqid, gun_num, work_state, link_state, voltage, current, energy, charged_minutes, soc, meter, extra, \
             timestamp = pile_time AS ordered_by_the_pile, clock_skew FROM run_data ORDER BY reqid",
            3,
        )
        .await?;
    let row = |reqid: u32, voltage: f64, soc: u8, extra: Value| {
        json!({
            "reqid": reqid, "gun_num": 1, "work_state": "充电中", "link_state": "已插枪", "voltage": voltage, "current": 61.5,
            "energy": 12.25, "charged_minutes": 13, "soc": soc, "meter": 1200.5, "extra": extra,
            "ordered_by_the_pile": 1, "clock_skew": 0,
        })
    };
    assert_eq!(rows[0], row(1, 398.2, 48, json!({})));
    assert_eq!(rows[1], row(2, 401.5, 49, json!({"风扇转速": "900"})));
    assert_eq!(
        (&rows[2]["work_state"], &rows[2]["voltage"], &rows[2]["soc"]),
        (&json!("空闲"), &Value::Null, &Value::Null)
    );
    world
        .until_state(&uuid, |state| {
            let known = state.guns.iter().map(|gun| (gun.gun, gun.soc, gun.voltage));
            state.online && known.eq([(1, Some(49), Some(401_500)), (2, None, None)])
        })
        .await
}

/// A recovery closes the warning that the pile raised: one row, however many versions.
#[tokio::test]
async fn a_warning_opens_and_closes() -> anyhow::Result<()> {
    let world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let uuid = message::uuid(1);
    let raised_at = message::now() / 1000 * 1000 - 60_000;
    let event = |reqid: u32, name: &str, code: &str, state: &str, at: i64| {
        json!({
            "命令": name, "reqid": reqid, "数据分区": "2枪数据", "系统时间": message::time(message::now()), "告警名称": "急停动作",
            "告警代码": code, "状态": state, "产生时间": message::time(at), "附加信息": "左侧",
        })
        .to_string()
    };
    let sent = [
        event(1, "事件上送", "E1", "发生", raised_at),
        event(2, "事件上送", "E1", "发生", raised_at),
        event(3, "告警", "E2", "发生", raised_at),
        event(4, "告警", "E1", "恢复", raised_at + 30_000),
    ];
    for (reqid, said) in (1..).zip(sent) {
        piles.publish(&message::msg(&uuid), said).await?;
        piles
            .expect(&message::cmd(&uuid), message::is("事件确认", reqid), SOON)
            .await?;
    }
    world.until_drained().await?;
    let rows = world
        .rows("SELECT warn_code, state, generate_time, recover_time, count, extra FROM warn_record FINAL ORDER BY warn_code")
        .await?;
    let row = |code: &str, state: &str, recovered: i64| json!({"warn_code": code, "state": state, "generate_time": raised_at, "recover_time": recovered, "count": 1, "extra": "左侧"});
    assert_eq!(
        rows,
        [row("E1", "恢复", raised_at + 30_000), row("E2", "发生", 0)]
    );
    world
        .until_state(&uuid, |state| {
            state
                .open_warnings
                .iter()
                .map(|open| open.warn_code.as_ref())
                .eq(["E2"])
        })
        .await
}
