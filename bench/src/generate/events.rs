//! What the piles would have reported.

use store::Clickhouse;

use super::{FIRST_PILE, RUN_ROWS_PER_PILE, Sizes, chance, execute, one_of, state::MODELS};

const DAY_MS: i64 = 86_400_000;
const PERIOD_MS: i64 = 30 * DAY_MS;
const INTERVAL_MS: i64 = 15_000;
/// Rows per statement.
const BATCH: u64 = 5_000_000;

/// The piles that have run data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watched {
    pub(crate) count: u64,
    stride: u64,
}

impl Watched {
    pub(crate) fn of(sizes: &Sizes) -> Self {
        let count = (sizes.run_data / RUN_ROWS_PER_PILE).clamp(1, sizes.assets);
        Self {
            count,
            stride: sizes.assets / count,
        }
    }

    /// The id of the n-th.
    pub(crate) fn pile(self, n: u64) -> u64 {
        FIRST_PILE + n % self.count * self.stride
    }
}

pub(super) async fn fill(db: &Clickhouse, sizes: &Sizes, now: i64) -> anyhow::Result<()> {
    batches(db, "run data", sizes.run_data, &run_data(sizes, now)).await?;
    batches(db, "charges", sizes.trades, &trades(sizes, now)).await?;
    batches(db, "failed starts", sizes.failures, &failures(sizes, now)).await?;
    batches(db, "logins", sizes.assets * 3, &logins(sizes, now)).await?;
    batches(db, "warnings", sizes.assets, &warnings(sizes, now)).await
}

async fn batches(db: &Clickhouse, what: &'static str, rows: u64, insert: &str) -> anyhow::Result<()> {
    for from in (0..rows).step_by(BATCH as usize) {
        let many = BATCH.min(rows - from);
        let sql = format!("{insert} FROM numbers({from}, {many}) SETTINGS max_insert_block_size = 1000000");
        execute(db, what, &sql).await?;
    }
    Ok(())
}

/// A pile chosen by chance, of all.
fn any_pile(sizes: &Sizes, purpose: u64) -> String {
    format!(
        "{FIRST_PILE} + {} % {}",
        chance(sizes.seed, purpose),
        sizes.assets
    )
}

/// A moment of the period, by chance.
fn any_time(sizes: &Sizes, purpose: u64, now: i64) -> String {
    format!("{now} - toInt64({} % {PERIOD_MS})", chance(sizes.seed, purpose))
}

/// Pile by pile in the order of time, which is the order of the table: charges of two hours, one hour of rest.
fn run_data(sizes: &Sizes, now: i64) -> String {
    let watched = Watched::of(sizes);
    let noise = chance(sizes.seed, 20);
    let first = now - RUN_ROWS_PER_PILE as i64 * INTERVAL_MS;
    format!(
        "INSERT INTO run_data (timestamp, pile_time, recv_time, device_id, gun_num, kind, reqid, work_state, \
         link_state, voltage, current, energy, charged_minutes, soc, meter) \
         WITH number % {RUN_ROWS_PER_PILE} AS nth, nth % 720 AS step, step < 480 AS charging, {noise} AS noise \
         SELECT {first} + toInt64(nth) * {INTERVAL_MS} AS at, at, at + toInt64(noise % 400), \
         {FIRST_PILE} + intDiv(number, {RUN_ROWS_PER_PILE}) % {} * {} AS pile, 1, '运行数据', toUInt32(nth % 10), \
         if(charging, '充电', '空闲'), if(charging, '已插枪', '未插枪'), \
         toDecimal32(if(charging, 350 + step / 4 + noise % 3000 / 1000, noise % 50 / 1000), 3), \
         toDecimal32(if(charging, 250 - step / 2.2 + noise % 2000 / 1000, 0), 3), \
         toDecimal64(if(charging, step * 0.25, 0), 3), toUInt32(if(charging, intDiv(step, 4), 0)), \
         toUInt8(if(charging, 20 + intDiv(step, 6), 0)), toDecimal64(pile % 100000 + nth * 0.17, 3)",
        watched.count, watched.stride,
    )
}

fn trades(sizes: &Sizes, now: i64) -> String {
    let seed = sizes.seed;
    format!(
        "INSERT INTO trade_record (timestamp, pile_time, recv_time, device_id, gun_num, trade_id, content_hash, \
         conflict, vin, charge_way, start_time, end_time, start_soc, end_soc, start_meter, end_meter, energy, \
         charged_minutes, stop_reason, amount) \
         WITH {} AS noise, 5 + noise % 115 AS minutes, minutes * (0.3 + noise % 700 / 1000) AS kwh, \
         {} AS at \
         SELECT at, at, at + 300, {}, 1 + noise % 2, leftPad(toString(number), 16, '0'), cityHash64(number, 1), \
         noise % 1000 = 0, concat('LGXC16DF4A', leftPad(toString(noise % 1000000), 7, '0')), {}, \
         at - toInt64(minutes) * 60000, at, 10 + noise % 50, 60 + noise % 41, toDecimal64(noise % 100000, 3), \
         toDecimal64(noise % 100000 + kwh, 3), toDecimal64(kwh, 3), toUInt32(minutes), {}, \
         toDecimal64(kwh * 1.2, 3)",
        chance(seed, 30),
        any_time(sizes, 31, now),
        any_pile(sizes, 32),
        one_of(&chance(seed, 33), &["刷卡", "扫码", "VIN", "即插即充"]),
        one_of(
            &chance(seed, 34),
            &["充满", "用户停止", "车辆停止", "急停", "达到设定电量"]
        ),
    )
}

fn failures(sizes: &Sizes, now: i64) -> String {
    let seed = sizes.seed;
    format!(
        "INSERT INTO boot_failed_record (timestamp, pile_time, recv_time, dt_id, trade_id, device_id, device_zone, \
         gun_num, app_time, generate_time, failed_code, failed_hex, failed_party, failed_text, charge_way, start_soc, \
         vin) \
         WITH {} AS noise, {} AS at, 1 + noise % 120 AS code, concat('0X', leftPad(hex(code), 2, '0')) AS hex_code, \
         {} AS party, concat('原因', toString(code)) AS cause \
         SELECT at, at, at + 300, 1, concat('F', leftPad(toString(number), 15, '0')), {}, '1枪数据', 1 + noise % 2, \
         toString(toDateTime(intDiv(at, 1000), 'Asia/Shanghai')), at, concat(hex_code, ':', party, '-', cause), \
         hex_code, party, cause, {}, noise % 100, \
         concat('LGXC16DF4A', leftPad(toString(noise % 1000000), 7, '0'))",
        chance(seed, 40),
        any_time(sizes, 41, now),
        one_of(&chance(seed, 42), &["车辆原因", "桩原因", "平台原因", "用户原因"]),
        any_pile(sizes, 43),
        one_of(&chance(seed, 44), &["刷卡", "扫码", "VIN", "即插即充"]),
    )
}

fn logins(sizes: &Sizes, now: i64) -> String {
    let seed = sizes.seed;
    format!(
        "INSERT INTO login_record (timestamp, pile_time, recv_time, device_id, uuid, software_version, \
         hardware_version, model, sn, gun_count, sim, mvno, signal_dbm) \
         WITH {} AS noise, {} AS at SELECT at, at, at + 300, {} AS pile, toString(pile), \
         concat('1.0.', toString(noise % 12)), 'V2', {}, concat('SN', toString(pile)), 2, '', '中国移动', \
         -60 - toInt16(noise % 50)",
        chance(seed, 50),
        any_time(sizes, 51, now),
        any_pile(sizes, 52),
        one_of(&chance(seed, 53), &MODELS),
    )
}

/// One in twenty stands.
fn warnings(sizes: &Sizes, now: i64) -> String {
    let seed = sizes.seed;
    format!(
        "INSERT INTO warn_record (timestamp, pile_time, recv_time, device_id, device_zone, warn_code, warn_name, \
         warn_level, state, source, generate_time, recover_time, count) \
         WITH {} AS noise, {} AS at, noise % 20 = 0 AS stands \
         SELECT at, at, at + 300, {}, '1枪数据', concat('W', toString(noise % 60)), concat('告警', \
         toString(noise % 60)), 1 + noise % 4, if(stands, '发生', '恢复'), '桩', at, if(stands, 0, at + 600000), 1",
        chance(seed, 60),
        any_time(sizes, 61, now),
        any_pile(sizes, 62),
    )
}
