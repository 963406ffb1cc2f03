//! What the database must hold of a finished run, whatever happened in it.

use super::World;
use super::fleet::Made;

/// Every record exactly once, without FINAL; each pile adopted once; nothing refused; no error logged.
pub(crate) async fn audit(world: &World, made: &Made) -> anyhow::Result<()> {
    audit_records(world, made).await?;
    world.tcu.assert_log_is_clean();
    Ok(())
}

/// The same where something went wrong that has to be logged.
pub(crate) async fn audit_records(world: &World, made: &Made) -> anyhow::Result<()> {
    world.until_drained().await?;
    let assets = world.number("SELECT count() FROM asset").await?;
    assert_eq!(assets, made.piles, "each pile is adopted once");
    let trades = world
        .rows("SELECT name, trade_id FROM trade_record AS t JOIN asset AS a ON a.device_id = t.device_id ORDER BY name, trade_id")
        .await?;
    let trades: Vec<_> = trades
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), row["trade_id"].as_str().unwrap()))
        .collect();
    let made_trades: Vec<_> = made
        .trades
        .iter()
        .map(|(uuid, number)| (&**uuid, &**number))
        .collect();
    let missing: Vec<_> = made_trades
        .iter()
        .filter(|trade| !trades.contains(trade))
        .collect();
    assert!(missing.is_empty(), "confirmed and not there: {missing:?}");
    assert_eq!(
        trades.len(),
        made_trades.len(),
        "records are there more than once"
    );
    let sums = world
        .rows(
            "SELECT (SELECT count() FROM trade_record WHERE conflict != 0) AS conflicts, \
             (SELECT count() FROM quarantine) + (SELECT count() FROM malformed_message) AS refused, \
             (SELECT count() FROM boot_failed_record) AS boot_failed, \
             (SELECT uniqExact(trade_id) FROM boot_failed_record) AS distinct_boot_failed, \
             (SELECT count() FROM key_component_action_count) AS answers, \
             (SELECT sum(switching_cycles) FROM key_component_action_count) AS cycles",
        )
        .await?;
    let expected = serde_json::json!({
        "conflicts": 0, "refused": 0, "boot_failed": made.boot_failed, "distinct_boot_failed": made.boot_failed,
        "answers": made.answers, "cycles": made.cycles,
    });
    assert_eq!(sums, [expected]);
    Ok(())
}

/// Not one run data message of what the broker took is lost, and none is there twice: neither ops_tcu nor the broker
/// was disturbed, so none was delivered twice.
pub(crate) async fn audit_run_data(world: &World, made: &Made) -> anyhow::Result<()> {
    world
        .until_number("SELECT count() FROM run_data", made.run_data)
        .await?;
    world.until_drained().await?;
    assert_eq!(world.number("SELECT count() FROM run_data").await?, made.run_data);
    Ok(())
}

/// The same where messages were delivered again: what came twice reads as one.
pub(crate) async fn audit_redelivered_run_data(world: &World, made: &Made) -> anyhow::Result<()> {
    let sql = "SELECT count() FROM run_data FINAL";
    world.until_number(sql, made.run_data).await?;
    world.until_drained().await?;
    assert_eq!(world.number(sql).await?, made.run_data);
    Ok(())
}
