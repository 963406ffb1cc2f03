//! A row comes back from the engine with the very bytes that went in.

use store::Table;

use crate::{rows, started};

#[tokio::test]
async fn every_row_type_survives_the_engine() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    for table in Table::ALL {
        let row = rows::sample(*table);
        db.insert_rows(*table, row.clone().into(), "one").await?;
        let columns: Vec<_> = table.columns().iter().map(|column| column.name).collect();
        let sql = format!("SELECT {} FROM {}", columns.join(", "), table.name());
        let stored = db
            .client()
            .query_raw(&sql)
            .fetch_bytes("RowBinary")?
            .collect()
            .await?;
        assert_eq!(stored, row, "{}", table.name());
    }
    Ok(())
}

#[tokio::test]
async fn a_batch_of_a_hundred_thousand_rows_arrives_whole() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let mut batch = Vec::new();
    for reqid in 0..100_000_u32 {
        let row = store::table::run_data::RunData {
            reqid,
            ..Default::default()
        };
        store::Record::encode(&row, &mut batch);
    }
    db.insert_rows(Table::RunData, batch.into(), "batch").await?;
    assert_eq!(
        crate::number(&db, "SELECT sum(reqid) FROM run_data").await?,
        4_999_950_000
    );
    assert_eq!(crate::number(&db, "SELECT count() FROM run_data").await?, 100_000);
    Ok(())
}
