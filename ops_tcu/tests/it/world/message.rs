//! What piles say, as bytes, and where they say it.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// The present in Unix ms.
pub(crate) fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as i64)
}

/// 系统时间 of a moment.
pub(crate) fn time(ms: i64) -> String {
    protocol::time::format(ms)
}

/// The uuid with this counter.
pub(crate) fn uuid(counter: u64) -> String {
    protocol::Uuid::from_counter(counter)
        .expect("a test has few piles")
        .to_string()
}

/// Where a pile speaks.
pub(crate) fn msg(uuid: &str) -> String {
    format!("/xjdy/ops/v1/TCU/{uuid}/msg")
}

/// Where a pile is spoken to.
pub(crate) fn cmd(uuid: &str) -> String {
    format!("/xjdy/ops/v1/TCU/{uuid}/cmd")
}

/// Whether a payload is this 命令 with this reqid.
pub(crate) fn is(command: &str, reqid: u32) -> impl Fn(&[u8]) -> bool {
    move |payload| {
        let said: Value = serde_json::from_slice(payload).unwrap_or_default();
        said["命令"] == command && said["reqid"] == reqid
    }
}

/// Whether a payload is this 命令.
pub(crate) fn is_any(command: &str) -> impl Fn(&[u8]) -> bool {
    move |payload| serde_json::from_slice::<Value>(payload).is_ok_and(|said| said["命令"] == command)
}

/// Run data of gun 1.
pub(crate) fn run_data(reqid: u32) -> Vec<u8> {
    let points = [
        ("工作状态", "充电中"),
        ("车辆连接状态", "已插枪"),
        ("电压_V", "398.2"),
        ("电流_A", "61.5"),
        ("已充电量", "12.25"),
        ("已充时间", "13"),
        ("SOC", "48"),
        ("电表读数_度", "1200.5"),
    ];
    let points: Vec<_> = points
        .iter()
        .map(|(name, value)| json!({"名称": name, "值": value}))
        .collect();
    let said = json!({"命令": "运行数据", "reqid": reqid, "数据分区": "1枪数据", "系统时间": time(now()), "状态数据": points});
    said.to_string().into_bytes()
}

/// A charge record, with `vin` put in as it is.
pub(crate) fn trade_record(reqid: u32, number: &str, vin: &[u8], energy: &str) -> Vec<u8> {
    let (at, started, ended) = (time(now()), time(1_700_000_000_000), time(1_700_001_800_000));
    let before = format!(
        r#"{{"命令":"充电记录","reqid":{reqid},"系统时间":"{at}","数据分区":"1枪数据","交易流水号":"{number}","枪号":"1","车辆VIN码":""#
    );
    let after = format!(
        r#"","充电方式":"扫码","开始时间":"{started}","结束时间":"{ended}","开始SOC":"20","结束SOC":"80","充电电量_度":"{energy}","充电时长_分":"30","停止原因":"用户停止"}}"#
    );
    [before.as_bytes(), vin, after.as_bytes()].concat()
}

/// A charge that did not start, at `at`.
pub(crate) fn boot_failed(reqid: u32, number: &str, at: i64) -> Vec<u8> {
    let said = json!({
        "命令": "启动失败原因", "reqid": reqid, "数据分区": "1枪数据", "系统时间": time(now()), "产生时间": time(at),
        "交易流水号": number, "枪号": "1", "车辆VIN码": "", "充电方式": "密码", "失败原因": "0X68:车辆原因-BRM报文接收超时",
    });
    said.to_string().into_bytes()
}

/// A login with this 出厂编号.
pub(crate) fn login(reqid: u32, sn: &str) -> Vec<u8> {
    let said = json!({"命令": "登录", "reqid": reqid, "系统时间": time(now()), "软件版本": "V1.0.7", "型号": "DC120", "出厂编号": sn, "枪数量": 2});
    said.to_string().into_bytes()
}
