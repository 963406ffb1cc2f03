//! What decoding costs beside plain parsing, in nanoseconds a message, all in one run:
//! `cargo bench -p protocol`.
//!
//! The yardstick is sonic-rs into a struct of `Cow` fields, on a run-data payload of 435 bytes.

use std::borrow::Cow;
use std::hint::black_box;
use std::time::{Duration, Instant};

use protocol::{Frame, Uplink};
use serde::Deserialize;

/// What a service would write that does not care about points, units or damage.
#[derive(Deserialize)]
#[allow(dead_code, reason = "read by deserialising, which is what is measured")]
struct PlainRunData<'a> {
    #[serde(rename = "命令", borrow)]
    command: Cow<'a, str>,
    reqid: u32,
    #[serde(rename = "数据分区", borrow)]
    zone: Cow<'a, str>,
    #[serde(rename = "系统时间", borrow)]
    time: Cow<'a, str>,
    #[serde(rename = "状态数据", borrow)]
    points: Vec<PlainPoint<'a>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "read by deserialising, which is what is measured")]
struct PlainPoint<'a> {
    #[serde(rename = "名称", borrow)]
    name: Cow<'a, str>,
    #[serde(rename = "值", borrow)]
    value: Cow<'a, str>,
}

/// The sample of the field, 435 bytes.
const LIST: &str = concat!(
    r#"{"命令":"运行数据","reqid":3,"数据分区":"1枪数据","系统时间":"2025-03-12 19:16:46+0800","状态数据":["#,
    r#"{"名称":"工作状态","值":"空闲"},{"名称":"车辆连接状态","值":"已插枪"},{"名称":"电压_V","值":"239.977"},"#,
    r#"{"名称":"电流_A","值":"0.002"},{"名称":"已充电量","值":"0.002"},{"名称":"已充时间","值":"0"},"#,
    r#"{"名称":"SOC","值":"0"},{"名称":"电表读数_度","值":"19.754"}]}"#
);

const FLAT: &str = concat!(
    r#"{"命令":"运行数据","reqid":3,"数据分区":"1枪数据","系统时间":"2025-03-12 19:16:46+0800","工作状态":"空闲","#,
    r#""车辆连接状态":"未插枪","电压_V":"239.746","电流_A":"0.001","已充电量":"0","已充时间":"0","SOC":"0","#,
    r#""电表读数_度":"19.726"}"#
);

const RECORD: &str = concat!(
    r#"{"命令":"充电记录","reqid":9,"系统时间":"2025-06-18 19:40:00+0800","数据分区":"1枪数据","#,
    r#""交易流水号":"00000000000000002506181906190401","枪号":"1","车辆VIN码":"LGXC16DF4A0000001","#,
    r#""充电方式":"扫码","开始时间":"2025-06-18 19:06:19+0800","结束时间":"2025-06-18 19:39:58+0800","#,
    r#""开始SOC":"20","结束SOC":"80","开始电表读数_度":"100.5","结束电表读数_度":"130.75","#,
    r#""充电电量_度":"30.25","尖电量_度":"0","峰电量_度":"10","平电量_度":"20.25","谷电量_度":"0","#,
    r#""充电时长_分":"33","停止原因":"用户停止","金额_元":"36.30"}"#
);

/// Rounds alternate between the candidates, so that a noisy neighbour hits all; the median round counts.
const ROUNDS: usize = 31;
const ROUND: Duration = Duration::from_millis(20);

/// A name and what it does once.
type Case<'a> = (&'static str, Box<dyn Fn() + 'a>);

fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let rounds = if std::env::args().any(|argument| argument == "--bench") {
        ROUNDS
    } else {
        1
    };
    let (gbk, _, _) = encoding_rs::GB18030.encode(LIST);
    let gbk = gbk.into_owned();
    let plain = || {
        black_box(sonic_rs::from_slice::<PlainRunData<'_>>(black_box(LIST.as_bytes())).expect("sound"));
    };
    let cases: Vec<Case<'_>> = vec![
        ("sonic-rs into Cow fields (the yardstick)", Box::new(plain)),
        (
            "Frame::read + message, run data v3",
            Box::new(|| decode(LIST.as_bytes())),
        ),
        (
            "Frame::read alone",
            Box::new(|| drop(black_box(Frame::read(black_box(LIST.as_bytes()))))),
        ),
        ("Frame::read + command", Box::new(|| command(LIST.as_bytes()))),
        ("run data v1 (flat keys)", Box::new(|| decode(FLAT.as_bytes()))),
        ("charge record", Box::new(|| decode(RECORD.as_bytes()))),
        ("charge record with content_hash", Box::new(hash)),
        ("run data v3 in GB18030", Box::new(|| decode(&gbk))),
    ];
    let figures = measure(&cases, rounds);
    println!("payload {} bytes, median of {rounds} rounds", LIST.len());
    for ((name, _), nanoseconds) in cases.iter().zip(&figures) {
        println!("{nanoseconds:8.1} ns  {:5.2} ×  {name}", nanoseconds / figures[0]);
    }
}

fn decode(payload: &[u8]) {
    let frame = Frame::read(black_box(payload)).expect("sound");
    black_box(frame.message().expect("sound"));
}

fn command(payload: &[u8]) {
    let frame = Frame::read(black_box(payload)).expect("sound");
    black_box(frame.command().expect("sound"));
}

fn hash() {
    let frame = Frame::read(black_box(RECORD.as_bytes())).expect("sound");
    match frame.message() {
        Ok(Uplink::TradeRecord(record)) => drop(black_box(record.content_hash())),
        other => panic!("a charge record, not {other:?}"),
    }
}

fn measure(cases: &[Case<'_>], rounds: usize) -> Vec<f64> {
    let mut samples = vec![Vec::with_capacity(rounds); cases.len()];
    for _ in 0..rounds {
        for ((_, case), samples) in cases.iter().zip(&mut samples) {
            samples.push(round(case));
        }
    }
    samples
        .into_iter()
        .map(|mut samples| {
            samples.sort_by(f64::total_cmp);
            samples[samples.len() / 2]
        })
        .collect()
}

/// Nanoseconds a call, over one round.
fn round(case: &dyn Fn()) -> f64 {
    const BATCH: u32 = 1000;
    let (start, mut calls) = (Instant::now(), 0_u32);
    while start.elapsed() < ROUND {
        (0..BATCH).for_each(|_| case());
        calls += BATCH;
    }
    start.elapsed().as_nanos() as f64 / f64::from(calls)
}
