//! Placeholders of the DDL, filled in for one machine or for a cluster:
//!
//! - `{on_cluster}`: nothing, or ``ON CLUSTER `name` ``;
//! - `{engine:E}`: `E`, or `ReplicatedE`, whose path and replica are the server's defaults;
//! - `{deduplication}`: the settings that make a repeated insert harmless, for both kinds of engine.

use super::SchemaOptions;

/// The window must outlast the longest drain after an outage: 10,000 blocks, and a week on a cluster.
const DEDUPLICATION: &str = "non_replicated_deduplication_window = 10000, \
     replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800";

pub(super) fn render(sql: &str, options: &SchemaOptions) -> String {
    let on_cluster = match &options.cluster {
        Some(name) => format!("ON CLUSTER `{}`", name.replace('\\', "\\\\").replace('`', "\\`")),
        None => String::new(),
    };
    let engine = if options.cluster.is_some() {
        "Replicated"
    } else {
        ""
    };
    let sql = sql
        .replace("{on_cluster}", &on_cluster)
        .replace("{deduplication}", DEDUPLICATION);
    fill_engine(&sql, engine)
}

/// `{engine:E}` → prefix + `E`. The engine's own text holds no braces.
fn fill_engine(sql: &str, prefix: &str) -> String {
    let Some((before, rest)) = sql.split_once("{engine:") else {
        return sql.to_owned();
    };
    let Some((engine, after)) = rest.split_once('}') else {
        return sql.to_owned();
    };
    format!("{before}{prefix}{engine}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::steps;

    const SQL: &str = "CREATE TABLE t {on_cluster} ENGINE = {engine:ReplacingMergeTree(v)} ORDER BY a";

    #[test]
    fn one_machine_needs_no_cluster_words() {
        let sql = render(SQL, &SchemaOptions::default());
        assert_eq!(sql, "CREATE TABLE t  ENGINE = ReplacingMergeTree(v) ORDER BY a");
    }

    #[test]
    fn a_cluster_gets_replicated_engines() {
        let options = SchemaOptions {
            cluster: Some("prod`x".into()),
            ..SchemaOptions::default()
        };
        let expected =
            "CREATE TABLE t ON CLUSTER `prod\\`x` ENGINE = ReplicatedReplacingMergeTree(v) ORDER BY a";
        assert_eq!(render(SQL, &options), expected);
    }

    #[test]
    fn no_step_keeps_a_placeholder() {
        for step in steps() {
            let sql = render(step.sql, &SchemaOptions::default());
            assert!(!sql.contains('{') && !sql.contains('}'), "{}: {sql}", step.name);
        }
    }
}
