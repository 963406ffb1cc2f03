//! One pile's history.

use store::table::run_data::RunData;
use store::{Milli32, Milli64};

use crate::reads::{OURS, world};
use crate::world::{ACCOUNTS, STRANGER};

const SAMPLES: i64 = 4000;

#[tokio::test]
async fn a_history_keeps_what_stands_out() -> anyhow::Result<()> {
    let (world, now) = world().await?;
    let from = now - SAMPLES * 15_000;
    let sample = |n: i64| RunData {
        timestamp: from + n * 15_000,
        device_id: OURS,
        gun_num: 1,
        work_state: if n < SAMPLES / 2 { "充电" } else { "空闲" },
        link_state: "已插枪",
        // One spike and one drop, each a single row among thousands.
        voltage: Some(Milli32(match n {
            1234 => 999_000,
            2345 => 1_500,
            _ => 400_000 + (n % 7) as i32,
        })),
        // Not with every voltage: what is not said together has no power.
        current: (n % 3 != 0).then_some(Milli32(if n == 3332 { 250_000 } else { 100_000 })),
        energy: (n % 2 == 0).then_some(Milli64(n * 10)),
        ..RunData::default()
    };
    world
        .insert(&(0..SAMPLES).map(sample).collect::<Vec<_>>())
        .await?;
    let ours = world.client(ACCOUNTS[3]).await?;
    let range = format!("device_id={OURS}&from={from}&to={now}");
    let guns = ours
        .get(&format!("/run_data/history?{range}&points=100"))
        .await?
        .data();
    assert_eq!(guns.as_array().unwrap().len(), 1);
    let gun = &guns[0];
    let points = |name: &str| -> Vec<(i64, f64)> { serde_json::from_value(gun[name].clone()).unwrap() };
    let voltage = points("voltage");
    assert!((50..=100).contains(&voltage.len()), "{}", voltage.len());
    assert!(voltage.is_sorted_by(|a, b| a.0 < b.0));
    assert!(voltage.contains(&(from + 1234 * 15_000, 999.0)));
    assert!(voltage.contains(&(from + 2345 * 15_000, 1.5)));
    let power = points("power");
    assert!((50..=100).contains(&power.len()), "{}", power.len());
    for (n, kw) in [(1234, 99.9), (2345, 0.15), (3332, 100.0)] {
        assert!(power.contains(&(from + n * 15_000, kw)), "{n}: {power:?}");
    }
    let energy = points("energy");
    assert_eq!(energy.first(), Some(&(from, 0.0)));
    assert_eq!(energy.last(), Some(&(from + (SAMPLES - 2) * 15_000, 39.98)));
    assert!(points("soc").is_empty() && energy.len() <= 100);
    let states = gun["states"].as_array().unwrap();
    assert_eq!(states.len(), 2);
    assert_eq!(states[1]["work_state"], "空闲");
    assert_eq!(states[1]["timestamp"], from + SAMPLES / 2 * 15_000);
    // A long span of which most is empty shows as much of the rest.
    let early = from - 25 * 86_400_000;
    let wide = format!("/run_data/history?device_id={OURS}&from={early}&to={now}&points=100");
    let wide = ours.get(&wide).await?.data();
    assert!((50..=100).contains(&wide[0]["voltage"].as_array().unwrap().len()));
    let none = ours
        .get(&format!("/run_data/history?{range}&gun_num=2"))
        .await?
        .data();
    assert_eq!(none.as_array().unwrap().len(), 0);

    let rows = ours
        .get(&format!("/run_data/list?{range}&page_size=2&sort=timestamp"))
        .await?
        .data();
    assert_eq!(rows["total"], SAMPLES);
    assert_eq!(rows["items"][0]["voltage"], 400.0);
    let csv = ours.get(&format!("/run_data/list?{range}&export=csv")).await?;
    assert_eq!(csv.text.lines().count() as i64, SAMPLES + 1);

    let stranger = world.client(STRANGER).await?;
    for path in ["/run_data/history", "/run_data/list"] {
        assert_eq!(stranger.get(&format!("{path}?{range}")).await?.failure().0, 404);
        assert_eq!(ours.get(&format!("{path}?device_id=1")).await?.failure().0, 422);
        let long = format!("{path}?device_id=1&from=0&to=3000000000");
        assert_eq!(ours.get(&long).await?.failure().0, 422);
    }
    Ok(())
}
