//! Reading through the `clickhouse` crate: types, parameters, large and parallel answers.

use clickhouse::{Compression, Row};
use serde::{Deserialize, Serialize};

use crate::server::Server;

#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
struct Reading {
    id: u64,
    name: String,
    note: Option<String>,
    values: Vec<i32>,
    time: i64,
    share: f64,
}

#[derive(Row, Deserialize)]
struct Params {
    text: String,
    number: u32,
    list: Vec<String>,
}

const TABLE: &str = "CREATE TABLE reading (id UInt64, name LowCardinality(String), note Nullable(String), \
    values Array(Int32), time Int64, share Float64) ENGINE = MergeTree ORDER BY id";

fn reading(id: u64) -> Reading {
    let note = id.is_multiple_of(2).then(|| format!("注 {id}"));
    Reading {
        id,
        name: "桩\t'\\".to_owned(),
        note,
        values: vec![-1, 2],
        time: -5,
        share: 0.25,
    }
}

#[tokio::test]
async fn rows_come_back_as_they_went_in_with_and_without_compression() {
    let server = Server::start().await;
    server.run(TABLE).await;
    for (compression, ids) in [(Compression::Lz4, 0..500), (Compression::None, 500..1000)] {
        let client = server.client.clone().with_compression(compression);
        let mut insert = client.insert::<Reading>("reading").await.unwrap();
        for id in ids {
            insert.write(&reading(id)).await.unwrap();
        }
        insert.end().await.unwrap();
    }
    let expected: Vec<_> = (0..1000).map(reading).collect();
    for compression in [Compression::Lz4, Compression::None] {
        for validation in [true, false] {
            let client = server
                .client
                .clone()
                .with_compression(compression)
                .with_validation(validation);
            let found = client
                .query("SELECT ?fields FROM reading ORDER BY id")
                .fetch_all::<Reading>()
                .await
                .unwrap();
            assert_eq!(found, expected);
        }
    }
}

#[tokio::test]
async fn values_are_bound_on_both_sides() {
    let server = Server::start().await;
    let hard = "it's \\ a\ttab\nand 桩";
    let bound: String = server
        .client
        .query("SELECT ?")
        .bind(hard)
        .fetch_one()
        .await
        .unwrap();
    assert_eq!(bound, hard);
    let query = server
        .client
        .query("SELECT {text:String} AS text, {number:UInt32} AS number, {list:Array(String)} AS list");
    let found: Params = query
        .param("text", hard)
        .param("number", 7)
        .param("list", vec!["a", "b'"])
        .fetch_one()
        .await
        .unwrap();
    assert_eq!(
        (found.text.as_str(), found.number, found.list),
        (hard, 7, vec!["a".to_owned(), "b'".to_owned()])
    );
}

#[tokio::test]
async fn an_answer_of_many_blocks_is_whole_and_in_order() {
    let server = Server::start().await;
    for (compression, validation) in [
        (Compression::Lz4, true),
        (Compression::None, true),
        (Compression::Lz4, false),
    ] {
        let client = server
            .client
            .clone()
            .with_compression(compression)
            .with_validation(validation);
        let mut rows = client
            .query("SELECT number FROM numbers(500000)")
            .fetch::<u64>()
            .unwrap();
        let mut next = 0;
        while let Some(number) = rows.next().await.unwrap() {
            assert_eq!(number, next);
            next += 1;
        }
        assert_eq!(next, 500_000);
    }
}

#[tokio::test]
async fn an_empty_answer_is_no_error() {
    let server = Server::start().await;
    let none: Vec<u64> = server
        .client
        .query("SELECT number FROM numbers(0)")
        .fetch_all()
        .await
        .unwrap();
    assert!(none.is_empty());
}

#[tokio::test]
async fn a_setting_holds_for_its_query_only() {
    let server = Server::start().await;
    let threads = "SELECT toUInt64(getSetting('max_threads'))";
    let default: u64 = server.client.query(threads).fetch_one().await.unwrap();
    let own: u64 = server
        .client
        .query(threads)
        .with_setting("max_threads", "7")
        .fetch_one()
        .await
        .unwrap();
    let after: u64 = server.client.query(threads).fetch_one().await.unwrap();
    assert_eq!((own, after), (7, default));
}

#[tokio::test]
async fn databases_are_kept_apart() {
    let server = Server::start().await;
    for name in ["one", "tw`o"] {
        let client = server.client.clone();
        client
            .query("CREATE DATABASE ?")
            .bind(clickhouse::sql::Identifier(name))
            .execute()
            .await
            .unwrap();
        let client = client.with_database(name);
        client
            .query("CREATE TABLE t (a String) ENGINE = MergeTree ORDER BY a")
            .execute()
            .await
            .unwrap();
        client
            .query("INSERT INTO t VALUES (?)")
            .bind(name)
            .execute()
            .await
            .unwrap();
        let found: String = client.query("SELECT a FROM t").fetch_one().await.unwrap();
        assert_eq!(found, name);
    }
}

/// None of the others has an end, so whatever is answered is answered while they run.
#[tokio::test]
async fn queries_run_in_parallel() {
    let server = Server::start().await;
    let mut endless = Vec::new();
    for _ in 0..3 {
        let client = server.client.clone().with_compression(Compression::None);
        let query = client.query("SELECT number FROM system.numbers");
        let mut rows = query.fetch::<u64>().unwrap();
        assert_eq!(rows.next().await.unwrap(), Some(0));
        endless.push(rows);
    }
    assert_eq!(server.count("numbers(5)").await, 5);
    // They went on, beyond what was on its way.
    for rows in &mut endless {
        for expected in 1..1_000_000 {
            assert_eq!(rows.next().await.unwrap(), Some(expected));
        }
    }
}
