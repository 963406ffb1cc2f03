//! What an error of the real engine says about retrying.

use std::time::Duration;

use store::{Failure, StoreError, Table};

use crate::{Engine, handle, number, rows, run, started};

#[tokio::test]
async fn rows_that_cannot_be_read_are_refused_for_their_contents() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let good = rows::sample(Table::TradeRecord);
    let cut = [good.clone(), good[..good.len() - 3].to_vec()].concat();
    let error = db
        .insert_rows(Table::TradeRecord, cut.into(), "cut")
        .await
        .unwrap_err();
    assert_eq!(error.failure(), Failure::Contents, "{error:?}");
    assert_eq!(number(&db, "SELECT count() FROM trade_record").await?, 0);
    db.insert_rows(Table::TradeRecord, good.into(), "good").await?;
    Ok(())
}

#[tokio::test]
async fn a_block_over_too_many_months_is_refused_for_its_contents() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let month = |n: i64| store::table::run_data::RunData {
        timestamp: n * 31 * 86_400_000,
        ..Default::default()
    };
    let batch: Vec<_> = (0..150).map(month).collect();
    let error = crate::insert(&db, &batch, "years").await.unwrap_err();
    assert_eq!(error.failure(), Failure::Contents, "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_missing_table_or_database_needs_a_person() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let row = rows::sample(Table::Quarantine);
    run(&db, "DROP TABLE quarantine SYNC").await?;
    let error = db
        .insert_rows(Table::Quarantine, row.clone().into(), "a")
        .await
        .unwrap_err();
    assert_eq!(error.failure(), Failure::Operator, "{error:?}");
    assert!(error.is_retryable());

    let empty = Engine::start().await?;
    let error = empty
        .handle()
        .insert_rows(Table::Quarantine, row.into(), "a")
        .await
        .unwrap_err();
    assert_eq!(error.failure(), Failure::Operator, "{error:?}");
    Ok(())
}

#[tokio::test]
async fn an_engine_that_is_away_is_waited_for() -> anyhow::Result<()> {
    let (mut engine, db) = started().await?;
    engine.chdbd.kill().await?;
    let row = rows::sample(Table::Quarantine);
    let error = db
        .insert_rows(Table::Quarantine, row.clone().into(), "a")
        .await
        .unwrap_err();
    assert_eq!(error.failure(), Failure::Temporary, "{error:?}");
    assert_eq!(db.ping().await.unwrap_err().failure(), Failure::Temporary);

    engine.chdbd.restart().await?;
    let db = handle(engine.chdbd.port());
    db.insert_rows(Table::Quarantine, row.into(), "a").await?;
    assert_eq!(number(&db, "SELECT count() FROM quarantine").await?, 1);
    Ok(())
}

#[tokio::test]
async fn who_does_not_get_a_turn_is_told_to_come_later() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let limited = db.clone().at_most(1, Duration::from_millis(10));
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let slow = limited.clone();
    let busy = tokio::spawn(async move {
        while !*stopped.borrow() {
            // Waits for its own turn like everybody else.
            let _ = run(&slow, "SELECT sleep(1) FORMAT Null").await;
        }
    });
    let refused = async || match limited
        .rows::<u8>("one", limited.client().query("SELECT 1"))
        .await
    {
        Err(error @ StoreError::Busy { .. }) => error.failure() == Failure::Temporary,
        _ => false,
    };
    testkit::wait_until(Duration::from_secs(60), refused).await?;
    limited.ping().await?;
    assert_eq!(
        number(&db, "SELECT toUInt64(1)").await?,
        1,
        "the limit is the other handle's"
    );
    stop.send(true)?;
    busy.await?;
    let again = limited.clone().at_most(1, Duration::from_secs(60));
    for _ in 0..2 {
        let query = again.client().query("SELECT toUInt64(1)");
        assert_eq!(
            again.rows::<u64>("one", query).await?,
            [1],
            "a turn is given back"
        );
    }
    Ok(())
}
