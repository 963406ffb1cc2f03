//! The disk limit: a log that may not grow takes nothing in, loses nothing, and says so.

use std::time::Duration;

use crate::world::fleet::Fleet;
use crate::world::{SOON, World, audit_records, audit_redelivered_run_data, audit_run_data, until};

/// A second or two of the fleet's traffic.
const FULL: [(&str, &str); 3] = [
    ("WAL__MAX_BYTES", "400KB"),
    ("WAL__SEGMENT_BYTES", "64KiB"),
    ("SHUTDOWN__DEADLINE", "2s"),
];

async fn until_full(world: &World) -> anyhow::Result<()> {
    until("the log is full and says so", SOON, async || {
        world.tcu.log().contains("wal.max_bytes")
            && world
                .tcu
                .metric("ops_tcu_wal_failing", "")
                .await
                .is_ok_and(|failing| failing == 1.0)
    })
    .await
}

#[tokio::test]
async fn a_full_log_takes_nothing_in_and_goes_on_once_it_drains() -> anyhow::Result<()> {
    let mut world = World::start(&FULL).await?;
    let fleet = Fleet::start(world.stack.mqtt_port());
    fleet.until_confirmed(100).await?;
    world.stack.chdbd.kill().await?;
    until_full(&world).await?;
    let limit = 400_000.0 * 1.5;
    let backlog = world.tcu.metric("ops_tcu_wal_backlog_bytes", "").await?;
    assert!(
        backlog < limit,
        "one group beyond the limit at most: {backlog} bytes"
    );
    assert_eq!(world.tcu.is_ready().await, Some(false));
    // A log this small is full again at once if the machine is busy.
    fleet.end();
    world.stack.chdbd.restart().await?;
    let made = fleet.finish().await?;
    world.tcu.until_ready().await?;
    audit_run_data(&world, &made).await?;
    audit_records(&world, &made).await
}

#[tokio::test]
async fn a_full_log_does_not_hold_up_the_stop() -> anyhow::Result<()> {
    let mut world = World::start(&FULL).await?;
    let fleet = Fleet::start(world.stack.mqtt_port());
    fleet.until_confirmed(100).await?;
    world.stack.chdbd.kill().await?;
    until_full(&world).await?;
    assert_eq!(world.tcu.stop(Duration::from_secs(8)).await?, Some(0));
    world.stack.chdbd.restart().await?;
    // With the small log it would stay nearly full, hence not ready, for as long as the fleet sends.
    world.tcu.set(&[("WAL__MAX_BYTES", "1GiB")]);
    world.tcu.start_again().await?;
    let made = fleet.finish().await?;
    audit_redelivered_run_data(&world, &made).await?;
    audit_records(&world, &made).await
}
