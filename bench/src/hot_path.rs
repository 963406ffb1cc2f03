//! From MQTT bytes in memory to the committed log, fdatasync included, on one core; and what each stage
//! of it costs. The yardstick is sonic-rs reading the same payloads into `Cow` fields, in the same run.

use std::borrow::Cow;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use ops_tcu::config::UnknownDevice;
use ops_tcu::fleet::{Core, DeviceIds, Retry, Rules, Shard, WarnNames};
use ops_tcu::intake::{Collector, Taken};
use ops_tcu::message::{Asset, MsgActiveMsg};
use ops_tcu::mqtt::{Incoming, Topic};
use protocol::topic::Topics;
use protocol::{Frame, Uplink};
use serde::Deserialize;
use wal::{Batch, Segment, Sink, WalError, Writer};

use crate::payload;

/// What to measure with.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Messages per round
    #[arg(long, default_value_t = 400_000)]
    messages: usize,
    /// Piles that send them
    #[arg(long, default_value_t = 20_000)]
    piles: u64,
    /// Rounds; the median counts
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Folder for the log; must be on the disk that is to be measured
    #[arg(long, default_value = "var/bench-wal")]
    dir: std::path::PathBuf,
}

/// The yardstick's idea of the message.
#[derive(Deserialize)]
#[allow(dead_code, reason = "read by the parser only")]
struct Parsed<'a> {
    #[serde(rename = "命令", borrow)]
    command: Cow<'a, str>,
    reqid: u32,
    #[serde(rename = "数据分区", borrow)]
    zone: Cow<'a, str>,
    #[serde(rename = "系统时间", borrow)]
    time: Cow<'a, str>,
    #[serde(rename = "状态数据", borrow)]
    points: Vec<Point<'a>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "read by the parser only")]
struct Point<'a> {
    #[serde(rename = "名称", borrow)]
    name: Cow<'a, str>,
    #[serde(rename = "值", borrow)]
    value: Cow<'a, str>,
}

struct Message {
    topic: String,
    payload: Bytes,
}

/// Runs it, pinned to one core with all its threads.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    pin_to_one_core()?;
    let messages = messages(options);
    let mut samples: [Vec<f64>; 5] = Default::default();
    for _ in 0..options.rounds {
        let figures = [
            parse_alone(&messages),
            decode(&messages),
            collect(&messages),
            to_frames(&messages, options.piles),
            to_log(&messages, options)?,
        ];
        for (kept, figure) in samples.iter_mut().zip(figures) {
            kept.push(figure.as_secs_f64() * 1e9 / messages.len() as f64);
        }
    }
    let [parse, decode, collect, frames, log] = samples.map(median);
    println!(
        "one core, {} messages of 435 bytes, {} piles, median of {} rounds",
        messages.len(),
        options.piles,
        options.rounds
    );
    println!("{:<52} {:>9} {:>12}", "stage", "ns/msg", "msg/s");
    for (name, cost) in [
        ("yardstick: sonic-rs into Cow fields", parse),
        ("decode (Frame::read, message)", decode),
        ("intake: topic, shard, batch", collect),
        ("worker: session, decode, row, frame, checksum", frames),
        ("all: intake, worker, write, fdatasync", log),
    ] {
        println!("{name:<52} {cost:>9.0} {:>12.0}", 1e9 / cost);
    }
    println!("ratio to the yardstick's rate: {:.3} (bar 0.35)", parse / log);
    Ok(())
}

/// All threads of this process share one processor, as a small machine would have it.
fn pin_to_one_core() -> anyhow::Result<()> {
    let mut set = rustix::thread::CpuSet::new();
    set.set(0);
    Ok(rustix::thread::sched_setaffinity(None, &set)?)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn messages(options: &Options) -> Vec<Message> {
    let topics = Topics::new("xjdy", "TCU");
    let now = now();
    (0..options.messages)
        .map(|n| Message {
            topic: topics.msg(payload::uuid(n as u64 % options.piles)),
            payload: payload::run_data(n as u32, now + n as i64 / 20_000 * 1000),
        })
        .collect()
}

fn now() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| d.as_millis() as i64)
}

fn parse_alone(messages: &[Message]) -> Duration {
    let started = Instant::now();
    for message in messages {
        let parsed: Parsed<'_> = sonic_rs::from_slice(&message.payload).expect("the sample is JSON");
        black_box(&parsed);
    }
    started.elapsed()
}

fn decode(messages: &[Message]) -> Duration {
    let started = Instant::now();
    for message in messages {
        let frame = Frame::read(&message.payload).expect("the sample is UTF-8");
        let Ok(Uplink::RunData(data)) = frame.message() else {
            panic!("the sample is run data")
        };
        black_box(&data);
    }
    started.elapsed()
}

fn incoming(message: &Message, n: usize) -> Incoming {
    Incoming {
        // What rumqttc hands out: an owned topic and a slice of its read buffer.
        topic: Topic::Text(message.topic.clone()),
        payload: message.payload.clone(),
        retained: false,
        again: false,
        packet: Some(n as u16),
    }
}

fn collect(messages: &[Message]) -> Duration {
    let mut collector = Collector::new(Topics::new("xjdy", "TCU"), 1, 256, 0);
    let started = Instant::now();
    for (n, message) in messages.iter().enumerate() {
        if let Taken::Full(batch) = collector.take(incoming(message, n)) {
            black_box(&batch);
        }
    }
    started.elapsed()
}

fn shard(piles: u64) -> Shard {
    let rules = Rules {
        unknown_device: UnknownDevice::Adopt,
        dt_id: 1,
        offline_after: 600_000,
        component_poll: 0,
        command_timeout: 60_000,
        retry: Retry {
            pause: 20_000,
            attempts: 3,
        },
        command_rate: 0.0,
        node: 0,
        storm: 20,
    };
    let ids = Arc::new(DeviceIds::new(0, 0));
    let core = Core::new(
        Topics::new("xjdy", "TCU"),
        rules,
        ids,
        Arc::new(WarnNames::default()),
    );
    let mut shard = Shard::new(core);
    for n in 0..piles {
        shard.confirm(
            &Asset {
                uuid: payload::uuid(n),
                device_id: n + 1,
                dt_id: 1,
                version: 0,
            },
            0,
        );
    }
    shard
}

fn batches(messages: &[Message]) -> Vec<MsgActiveMsg> {
    let mut collector = Collector::new(Topics::new("xjdy", "TCU"), 1, 256, 0);
    let full = messages
        .iter()
        .enumerate()
        .filter_map(|(n, m)| match collector.take(incoming(m, n)) {
            Taken::Full(batch) => Some(batch),
            _ => None,
        });
    full.collect()
}

fn to_frames(messages: &[Message], piles: u64) -> Duration {
    let mut shard = shard(piles);
    let batches = batches(messages);
    let started = Instant::now();
    for batch in &batches {
        shard.take(&batch.items, 0, now());
        black_box(shard.output().take_frames());
    }
    started.elapsed()
}

/// Counts what is durable.
struct Count(Arc<AtomicU64>, std::sync::mpsc::Sender<()>);

impl Sink<u64> for Count {
    fn committed(&mut self, receipts: Vec<u64>, _: u64, _: Duration) {
        self.0.fetch_add(receipts.iter().sum(), Ordering::Relaxed);
    }
    fn closed(&mut self, segment: Segment) {
        // The drain is another process's work here.
        let _ = segment.remove();
    }
    fn failing(&mut self, error: &WalError) {
        panic!("the log cannot be written: {error}");
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        let _ = self.1.send(());
    }
}

fn to_log(messages: &[Message], options: &Options) -> anyhow::Result<Duration> {
    let mut shard = shard(options.piles);
    let mut collector = Collector::new(Topics::new("xjdy", "TCU"), 1, 256, 0);
    let durable = Arc::new(AtomicU64::new(0));
    let (ended, end) = std::sync::mpsc::channel();
    let (writer, thread) = Writer::start(
        wal::open(&options.dir)?,
        log_options(options),
        Count(durable.clone(), ended),
    )?;
    let started = Instant::now();
    let mut handed = 0;
    let mut hand_on = |batch: MsgActiveMsg| {
        shard.take(&batch.items, 0, now());
        let receipt = batch.items.len() as u64;
        handed += receipt;
        let mut next = Batch {
            frames: shard.output().take_frames(),
            receipt,
        };
        while let Err(wal::Closed(back)) = writer.try_submit(next) {
            next = back;
            std::thread::yield_now();
        }
    };
    for (n, message) in messages.iter().enumerate() {
        if let Taken::Full(batch) = collector.take(incoming(message, n)) {
            hand_on(batch);
        }
    }
    collector.flush().for_each(&mut hand_on);
    drop(writer);
    end.recv()?;
    let took = started.elapsed();
    anyhow::ensure!(
        durable.load(Ordering::Relaxed) == handed,
        "not all became durable"
    );
    let _ = thread.join();
    Ok(took)
}

fn log_options(options: &Options) -> wal::Options {
    wal::Options {
        dir: options.dir.clone(),
        segment_bytes: 32 << 20,
        segment_age: Duration::from_secs(1),
        group_interval: Duration::from_millis(5),
        max_bytes: u64::MAX,
        queue: 256,
    }
}
