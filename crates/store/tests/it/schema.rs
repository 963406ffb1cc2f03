//! Steps: applied once, together with others, and again after a crash; TTLs as configured.

use std::collections::BTreeMap;
use std::time::Duration;

use store::Table;
use store::schema::{SchemaOptions, apply, steps};

use crate::{Engine, number, rows, run, started};

#[tokio::test]
async fn a_second_apply_has_nothing_to_do() -> anyhow::Result<()> {
    let engine = Engine::start().await?;
    let db = engine.handle();
    let all: Vec<_> = steps().iter().map(|step| step.name).collect();
    assert_eq!(apply(&db, &SchemaOptions::default()).await?, all);
    assert!(apply(&db, &SchemaOptions::default()).await?.is_empty());
    let tables = "SELECT count() FROM system.tables WHERE database = 'sems'";
    let creating = steps()
        .iter()
        .filter(|step| step.sql.contains("CREATE TABLE"))
        .count();
    assert_eq!(number(&db, tables).await?, creating as u64 + 1);
    Ok(())
}

#[tokio::test]
async fn services_that_start_together_may_all_apply() -> anyhow::Result<()> {
    let engine = Engine::start().await?;
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let db = engine.handle();
            tokio::spawn(async move { apply(&db, &SchemaOptions::default()).await })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    let db = engine.handle();
    let distinct = number(&db, "SELECT uniqExact(step) FROM schema_version").await?;
    assert_eq!(distinct, steps().len() as u64);
    Ok(())
}

#[tokio::test]
async fn a_step_done_but_not_recorded_is_done_again() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    run(&db, "TRUNCATE TABLE schema_version").await?;
    run(&db, "DROP TABLE run_data SYNC").await?;
    assert_eq!(apply(&db, &SchemaOptions::default()).await?.len(), steps().len());
    assert_eq!(number(&db, "SELECT count() FROM run_data").await?, 0);
    Ok(())
}

/// A database of before the projections: its rows get into them, and stay once.
#[tokio::test]
async fn rows_that_are_there_already_get_into_a_projection() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let tables = [Table::TradeRecord, Table::LoginRecord];
    for table in tables {
        let name = table.name();
        run(&db, &format!("ALTER TABLE {name} DROP PROJECTION by_time")).await?;
        run(
            &db,
            &format!("ALTER TABLE {name} MODIFY SETTING deduplicate_merge_projection_mode = 'throw'"),
        )
        .await?;
        db.insert_rows(table, rows::sample(table).into(), "before")
            .await?;
    }
    run(
        &db,
        "ALTER TABLE schema_version DELETE WHERE step >= 65 SETTINGS mutations_sync = 1",
    )
    .await?;
    assert!(apply(&db, &SchemaOptions::default()).await?.len() >= 4);
    for table in tables {
        let name = table.name();
        let projected = format!(
            "SELECT sum(rows) FROM system.projection_parts WHERE active AND name = 'by_time' \
             AND table = '{name}' AND database = currentDatabase()"
        );
        testkit::wait_until(Duration::from_secs(120), async || {
            number(&db, &projected).await.is_ok_and(|rows| rows == 1)
        })
        .await?;
        assert_eq!(number(&db, &format!("SELECT count() FROM {name}")).await?, 1);
    }
    Ok(())
}

#[tokio::test]
async fn ttls_follow_the_configuration() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let ttl =
        "SELECT count() FROM system.tables WHERE database = 'sems' AND engine_full LIKE '%toIntervalDay(";
    let with = |days: &[(&str, u32)]| SchemaOptions {
        ttl_days: days
            .iter()
            .map(|(table, days)| ((*table).to_owned(), *days))
            .collect::<BTreeMap<_, _>>(),
        ..SchemaOptions::default()
    };
    let every: Vec<_> = store::schema::TTL_TABLES
        .iter()
        .map(|table| (*table, 400))
        .collect();
    apply(&db, &with(&every)).await?;
    assert_eq!(number(&db, &format!("{ttl}400)%'")).await?, every.len() as u64);
    apply(&db, &with(&[("run_data", 30)])).await?;
    assert_eq!(number(&db, &format!("{ttl}30)%'")).await?, 1);
    assert_eq!(number(&db, &format!("{ttl}%'")).await?, 1);
    apply(&db, &SchemaOptions::default()).await?;
    assert_eq!(number(&db, &format!("{ttl}%'")).await?, 0);
    Ok(())
}

#[tokio::test]
async fn every_table_and_column_says_what_it_is() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let tables = "SELECT count() FROM system.tables WHERE database = 'sems' AND comment = ''";
    assert_eq!(number(&db, tables).await?, 0);
    let columns = "SELECT count() FROM system.columns WHERE database = 'sems' AND comment = ''";
    assert_eq!(number(&db, columns).await?, 0);
    Ok(())
}
