//! Stations, models and assets.

use store::Clickhouse;

use super::{FIRST_PILE, Sizes, chance, execute, one_of};

/// The first station's id; the others follow.
pub(crate) const FIRST_STATION: u64 = 2001;
/// So many piles stand at the first station, the first ones.
const WATCHED_PILES: u64 = 200;
/// So many of the next stand at the second station, which has a monitor full of guns.
pub(crate) const CROWDED_PILES: u64 = 500;
/// The number of the first of them.
pub(crate) const FIRST_CROWDED: u64 = WATCHED_PILES;
/// Their station.
pub(crate) const CROWDED_STATION: u64 = FIRST_STATION + 1;
/// Of piles.
pub(super) const MODELS: [&str; 5] = ["DC-60", "DC-120", "DC-180", "DC-240", "AC-7"];

pub(super) async fn fill(db: &Clickhouse, sizes: &Sizes) -> anyhow::Result<()> {
    let Sizes {
        seed,
        stations,
        assets,
        ..
    } = *sizes;
    let city = one_of(
        &chance(seed, 1),
        &["上海市", "杭州市", "南京市", "合肥市", "济南市", "福州市"],
    );
    let sql = format!(
        "INSERT INTO station (timestamp, flag_del, sta_id, sta_name, address, province, city, longitude, latitude, \
         operator, capacity_kw, open_hours) \
         SELECT 1, 0, {FIRST_STATION} + number, concat('充电站', toString(number)), concat('建设路', toString(number), \
         '号'), '华东', {city}, 116 + {} % 6000 / 1000, 28 + {} % 8000 / 1000, '运营一部', \
         120 * (1 + {} % 20), '00:00-24:00' FROM numbers({stations})",
        chance(seed, 2),
        chance(seed, 3),
        chance(seed, 4),
    );
    execute(db, "stations", &sql).await?;
    let models = MODELS.map(|model| format!("'{model}'")).join(",");
    let sql = format!(
        "INSERT INTO device_model (timestamp, flag_del, model_id, model) \
         SELECT 1, 0, 1 + number, [{models}][1 + number] FROM numbers({})",
        MODELS.len()
    );
    execute(db, "models", &sql).await?;
    // The uuid's letters: base 26, most significant first.
    let letters: Vec<String> = (0..8)
        .rev()
        .map(|power| format!("char(65 + intDiv(number, {}) % 26)", 26u64.pow(power)))
        .collect();
    let sql = format!(
        "INSERT INTO asset (timestamp, flag_del, device_id, sta_id, dt_id, model, contract_num, mvno, sim, \
         audit_status, name, ass_name, commissioning_date) \
         SELECT 1, 0, {FIRST_PILE} + number, multiIf(number < {WATCHED_PILES}, {FIRST_STATION}, \
         number < {WATCHED_PILES} + {CROWDED_PILES}, {CROWDED_STATION}, {FIRST_STATION} + 2 + {} % ({stations} - 2)), 1, {}, \
         concat('HT-', toString({} % 500)), {}, concat('898604', leftPad(toString(number), 14, '0')), '已审核', \
         concat({}), concat(toString(number), '号桩'), 1700000000000 + {} % 60000000000 FROM numbers({assets})",
        chance(seed, 5),
        one_of(&chance(seed, 6), &MODELS),
        chance(seed, 7),
        one_of(&chance(seed, 8), &["中国移动", "中国联通", "中国电信"]),
        letters.join(", "),
        chance(seed, 9),
    );
    execute(db, "assets", &sql).await?;
    // As merges would have left them after a while.
    for table in ["asset", "station", "organization_station"] {
        execute(db, "merged", &format!("OPTIMIZE TABLE {table} FINAL")).await?;
    }
    Ok(())
}
