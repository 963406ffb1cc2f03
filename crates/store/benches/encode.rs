//! What a `run_data` row costs to encode, in nanoseconds: `cargo bench -p store`. Budget: 100.

use std::{hint::black_box, time::Instant};

use store::table::run_data::RunData;
use store::{Milli32, Milli64, Record as _};

const ROWS: u32 = 200_000;

fn main() {
    let row = RunData {
        timestamp: 1_741_778_206_000,
        pile_time: 1_741_778_206_000,
        recv_time: 1_741_778_206_321,
        device_id: 8708,
        gun_num: 1,
        device_zone: "1枪数据",
        reqid: 3,
        work_state: "空闲",
        link_state: "已插枪",
        voltage: Some(Milli32(239_977)),
        current: Some(Milli32(2)),
        energy: Some(Milli64(2)),
        charged_minutes: Some(0),
        soc: Some(0),
        meter: Some(Milli64(19_754)),
        ..RunData::default()
    };
    let mut out = Vec::new();
    let mut best = f64::INFINITY;
    for _ in 0..30 {
        out.clear();
        let start = Instant::now();
        for _ in 0..ROWS {
            black_box(&row).encode(black_box(&mut out));
        }
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(ROWS));
    }
    println!(
        "run_data: {best:.1} ns, {} bytes a row",
        out.len() / ROWS as usize
    );
}
