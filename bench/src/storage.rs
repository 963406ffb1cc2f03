//! Ten million rows of run data: what they take on disk, and how fast one pile's day is read among them.

use std::time::{Duration, Instant};

use store::table::run_data::RunData;
use store::{Clickhouse, ClickhouseOptions, Milli32, Milli64, Record as _, Table, schema};
use testkit::Stack;

/// What to measure with.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Rows
    #[arg(long, default_value_t = 10_000_000)]
    rows: usize,
    /// Guns that send one every 15 s, two to a pile
    #[arg(long, default_value_t = 2_000)]
    guns: usize,
}

const INTERVAL_MS: i64 = 15_000;
const DAY_MS: i64 = 86_400_000;
const BATCH: usize = 200_000;

/// Runs it.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let stack = Stack::start().await?;
    let db = Clickhouse::new(&ClickhouseOptions {
        url: stack.clickhouse_url(),
        database: stack.database().to_owned(),
        user: String::new(),
        password: String::new(),
        connect_timeout: Duration::from_secs(3),
        request_timeout: Duration::from_secs(300),
        compression: false,
    });
    schema::apply(&db, &schema::SchemaOptions::default()).await?;
    let samples = options.rows / options.guns;
    let start = 1_795_000_000_000 - samples as i64 * INTERVAL_MS;
    load(&db, options, samples, start).await?;
    disk(&stack, "as inserted").await?;
    stack
        .clickhouse()
        .query("OPTIMIZE TABLE run_data FINAL")
        .execute()
        .await?;
    disk(&stack, "merged").await?;
    read_days(&stack, options, samples, start).await
}

async fn load(db: &Clickhouse, options: &Options, samples: usize, start: i64) -> anyhow::Result<()> {
    let mut guns: Vec<Gun> = (0..options.guns).map(Gun::new).collect();
    let (mut rows, mut held, mut batch) = (Vec::new(), 0, 0);
    let started = Instant::now();
    for sample in 0..samples {
        for gun in &mut guns {
            gun.step();
            gun.row(start + sample as i64 * INTERVAL_MS).encode(&mut rows);
        }
        held += guns.len();
        if held >= BATCH || sample + 1 == samples {
            let full = std::mem::take(&mut rows);
            db.insert_rows(Table::RunData, full.into(), &format!("bench-{batch}"))
                .await?;
            (held, batch) = (0, batch + 1);
        }
    }
    let took = started.elapsed().as_secs_f64();
    println!(
        "{} rows of {} guns loaded in {took:.0} s",
        samples * options.guns,
        options.guns
    );
    Ok(())
}

async fn disk(stack: &Stack, when: &str) -> anyhow::Result<()> {
    let sql = "SELECT sum(rows), sum(bytes_on_disk), count() FROM system.parts \
               WHERE table = 'run_data' AND database = currentDatabase() AND active";
    let (rows, bytes, parts) = stack
        .clickhouse()
        .query(sql)
        .fetch_one::<(u64, u64, u64)>()
        .await?;
    println!(
        "{when}: {:.2} bytes per row on disk ({rows} rows in {parts} parts)",
        bytes as f64 / rows as f64
    );
    Ok(())
}

/// One pile, one day, both guns, every column, as the console reads it.
async fn read_days(stack: &Stack, options: &Options, samples: usize, start: i64) -> anyhow::Result<()> {
    let sql = "SELECT count(), sum(ignore(*)) FROM (SELECT * FROM run_data FINAL \
               WHERE device_id = ? AND timestamp >= ? AND timestamp < ?)";
    let days = (samples as i64 * INTERVAL_MS / DAY_MS).max(1);
    let mut times = Vec::new();
    for n in 0..50_u64 {
        let device = 1 + n * 7919 % (options.guns as u64 / 2);
        let from = start + (n as i64 % days) * DAY_MS;
        let query = stack
            .clickhouse()
            .query(sql)
            .bind(device)
            .bind(from)
            .bind(from + DAY_MS);
        let started = Instant::now();
        let (rows, _) = query.fetch_one::<(u64, u64)>().await?;
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        anyhow::ensure!(rows > 0, "no rows for pile {device}");
    }
    times.sort_by(f64::total_cmp);
    println!(
        "one pile's day: p50 {:.1} ms, max {:.1} ms of {} reads (bar 50 ms)",
        times[times.len() / 2],
        times[times.len() - 1],
        times.len()
    );
    Ok(())
}

/// A gun that charges now and then, with noise in what it measures.
struct Gun {
    number: usize,
    random: u64,
    /// Samples of the charge that are left.
    left: u32,
    minutes: u32,
    energy: i64,
    meter: i64,
    volts: i32,
    amps: i32,
}

impl Gun {
    fn new(number: usize) -> Self {
        let random = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self {
            number,
            random,
            left: 0,
            minutes: 0,
            energy: 0,
            meter: number as i64 * 1_234_567,
            volts: 0,
            amps: 0,
        }
    }

    fn noise(&mut self, range: u64) -> i64 {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.random >> 33) % (2 * range + 1)) as i64 - range as i64
    }

    fn step(&mut self) {
        // About ten charges a day of forty minutes each.
        if self.left == 0 && self.noise(430) == 0 {
            (self.left, self.energy, self.minutes) = (160, 0, 0);
        }
        if self.left == 0 {
            (self.volts, self.amps) = (239_000 + self.noise(900) as i32, 2);
            return;
        }
        self.left -= 1;
        self.minutes = (160 - self.left) / 4;
        self.volts = 640_000 + (160 - self.left as i32) * 300 + self.noise(700) as i32;
        self.amps = (self.left as i32).min(100) * 1200 + self.noise(400) as i32;
        let watt_hours = i64::from(self.volts) * i64::from(self.amps) / 1_000_000 * 15 / 3600;
        self.energy += watt_hours;
        self.meter += watt_hours;
    }

    fn row(&self, at: i64) -> RunData<'static> {
        let charging = self.left > 0;
        RunData {
            timestamp: at,
            pile_time: at,
            recv_time: at + 100 + (self.random >> 50) as i64 % 400,
            device_id: 1 + self.number as u64 / 2,
            gun_num: 1 + (self.number % 2) as u8,
            device_zone: if self.number.is_multiple_of(2) {
                "1枪数据"
            } else {
                "2枪数据"
            },
            reqid: (at / INTERVAL_MS) as u32,
            work_state: if charging { "充电中" } else { "空闲" },
            link_state: if charging { "已插枪" } else { "未插枪" },
            voltage: Some(Milli32(self.volts)),
            current: Some(Milli32(self.amps)),
            energy: Some(Milli64(self.energy)),
            charged_minutes: Some(self.minutes),
            soc: Some(if charging { 100 - self.left as u8 / 2 } else { 0 }),
            meter: Some(Milli64(self.meter)),
            ..RunData::default()
        }
    }
}
