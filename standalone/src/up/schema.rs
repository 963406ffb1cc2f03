//! The tables, before the services that need them.

use std::{error::Error, time::Duration};

use store::{
    Clickhouse, ClickhouseOptions,
    schema::{self, SchemaOptions},
};

use super::terminal::say;
use crate::{
    error::UpError,
    plan::{Ports, settings::clickhouse_url},
};

/// Brings the database to what this version needs.
pub(super) async fn apply(ports: &Ports) -> Result<(), UpError> {
    let clickhouse = Clickhouse::new(&ClickhouseOptions {
        url: clickhouse_url(ports),
        database: "sems".to_owned(),
        user: String::new(),
        password: String::new(),
        connect_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(60),
        compression: false,
    });
    let applied = schema::apply(&clickhouse, &SchemaOptions::default())
        .await
        .map_err(|error| {
            let reason = error
                .source()
                .map(|source| format!(": {source}"))
                .unwrap_or_default();
            UpError::Schema(format!("{error}{reason}"))
        })?;
    if !applied.is_empty() {
        say(format_args!("applied {} schema steps", applied.len()));
    }
    Ok(())
}
