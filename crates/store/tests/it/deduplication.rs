//! A repeated insert changes nothing, without FINAL and before any merge.

use store::Table;

use crate::{number, rows, run, started};

#[tokio::test]
async fn the_same_token_counts_once() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    run(&db, "SYSTEM STOP MERGES").await?;
    // A repeated version replaces itself: those tables need no tokens.
    let streamed = Table::ALL
        .iter()
        .filter(|table| crate::versioned::sample(**table).is_none());
    for table in streamed {
        let row = rows::sample(*table);
        for token in ["segment-1", "segment-1", "segment-2", "segment-1"] {
            db.insert_rows(*table, row.clone().into(), token).await?;
        }
        let count = number(&db, &format!("SELECT count() FROM {}", table.name())).await?;
        assert_eq!(count, 2, "{}: one row per token", table.name());
    }
    Ok(())
}

#[tokio::test]
async fn a_block_over_several_months_is_repeated_as_a_whole() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let row = |timestamp| store::table::key_component_action_count::KeyComponentActionCount {
        timestamp,
        switching_cycles: 1,
        ..Default::default()
    };
    const MONTH: i64 = 31 * 86_400_000;
    let batch: Vec<_> = (0..5)
        .map(|month| row(1_741_778_206_000 + month * MONTH))
        .collect();
    for _ in 0..3 {
        crate::insert(&db, &batch, "segment-1").await?;
    }
    assert_eq!(
        number(
            &db,
            "SELECT sum(switching_cycles) FROM key_component_action_count"
        )
        .await?,
        5
    );
    Ok(())
}
