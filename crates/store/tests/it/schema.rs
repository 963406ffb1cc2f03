//! Steps: applied once, together with others, and again after a crash; TTLs as configured.

use std::collections::BTreeMap;

use store::schema::{SchemaOptions, apply, steps};

use crate::{Engine, number, run, started};

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
