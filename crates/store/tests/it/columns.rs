//! What the row types write against what the tables have.

use clickhouse::Row;
use serde::Deserialize;
use store::Table;

use crate::started;

#[derive(Row, Deserialize)]
struct Column {
    name: String,
    r#type: String,
}

/// `LowCardinality(T)` is `T` on the wire.
fn wire_type(declared: &str) -> String {
    let mut wire = declared.to_owned();
    while let Some(start) = wire.find("LowCardinality(") {
        let inner = start + "LowCardinality(".len();
        let end = inner + wire[inner..].find(')').expect("a type's parentheses match");
        wire = format!("{}{}{}", &wire[..start], &wire[inner..end], &wire[end + 1..]);
    }
    wire
}

#[tokio::test]
async fn row_types_write_every_column_in_its_type() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let sql = "SELECT name, type FROM system.columns WHERE database = 'sems' AND table = ? ORDER BY name";
    for table in Table::ALL {
        let declared = db
            .rows::<Column>("columns", db.client().query(sql).bind(table.name()))
            .await?;
        let declared: Vec<_> = declared
            .into_iter()
            .map(|c| (c.name, wire_type(&c.r#type)))
            .collect();
        let mut written: Vec<_> = table
            .columns()
            .iter()
            .map(|c| (c.name.to_owned(), c.wire_type.to_owned()))
            .collect();
        written.sort();
        assert_eq!(written, declared, "{}", table.name());
    }
    Ok(())
}
