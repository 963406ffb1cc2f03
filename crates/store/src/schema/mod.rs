//! Brings a database to the schema this program needs: numbered steps from `sql/`, each one idempotent
//! statement, and the TTLs that the configuration asks for.
//!
//! Two programs may apply at once, and one may die half-way: what has been done is done again harmlessly.

mod statement;
mod steps;
mod ttl;

use std::collections::{BTreeMap, HashSet};

use clickhouse::query::Query;

use crate::{Clickhouse, StoreError};
use statement::render;
pub use steps::{STEPS_APPLIED_TABLE, Step, steps};
pub use ttl::TTL_TABLES;

/// What differs between deployments.
#[derive(Debug, Clone, Default)]
pub struct SchemaOptions {
    /// ClickHouse cluster: the tables become `Replicated…` on all of its nodes.
    pub cluster: Option<String>,
    /// Days after which rows of a table go, by table name ([`TTL_TABLES`]). A table that is not named
    /// keeps its rows for ever, also where it had a TTL before.
    pub ttl_days: BTreeMap<String, u32>,
}

/// Creates the database, applies the steps that are missing, in order, then sets the TTLs.
/// Returns the names of the steps applied now.
///
/// # Errors
/// [`StoreError::Schema`] naming the step; [`StoreError::NoTtlTable`] before anything is changed.
pub async fn apply(db: &Clickhouse, options: &SchemaOptions) -> Result<Vec<&'static str>, StoreError> {
    ttl::check(options)?;
    let create = "CREATE DATABASE IF NOT EXISTS ? {on_cluster}";
    let create = render(create, options);
    let create = db
        .server()
        .query(&create)
        .bind(clickhouse::sql::Identifier(db.database()));
    execute(db, "create the database", create).await?;
    execute(
        db,
        STEPS_APPLIED_TABLE,
        db.client().query(&render(steps::VERSION_TABLE, options)),
    )
    .await?;

    let done: HashSet<u32> = db
        .rows::<u32>(
            "the schema's version",
            db.client().query("SELECT step FROM schema_version"),
        )
        .await?
        .into_iter()
        .collect();
    let mut applied = Vec::new();
    for step in steps() {
        if !done.contains(&step.number) {
            execute(db, step.name, db.client().query_raw(&render(step.sql, options))).await?;
            record(db, &step).await?;
            applied.push(step.name);
        }
    }
    ttl::reconcile(db, options).await?;
    Ok(applied)
}

async fn record(db: &Clickhouse, step: &Step) -> Result<(), StoreError> {
    let insert = "INSERT INTO schema_version (step, name, applied_time) \
                  SELECT ?, ?, toUnixTimestamp64Milli(now64(3))";
    execute(
        db,
        step.name,
        db.client().query(insert).bind(step.number).bind(step.name),
    )
    .await
}

async fn execute(db: &Clickhouse, step: &str, query: Query) -> Result<(), StoreError> {
    db.within(query.execute())
        .await
        .map_err(|source| StoreError::Schema {
            step: step.to_owned(),
            source,
        })
}
