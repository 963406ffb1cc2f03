//! Writing through the `clickhouse` crate: inserter, formatted rows, an INSERT given up half-way.

use bytes::Bytes;
use clickhouse::{Compression, Row};
use serde::Serialize;

use crate::server::Server;

#[derive(Row, Serialize)]
struct Numbered {
    a: u32,
}

const TABLE: &str = "CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a";

#[tokio::test]
async fn an_inserter_commits_in_steps() {
    let server = Server::start().await;
    server.run(TABLE).await;
    let mut inserter = server.client.inserter::<Numbered>("t").with_max_rows(100);
    for a in 0..250 {
        inserter.write(&Numbered { a }).await.unwrap();
        inserter.commit().await.unwrap();
    }
    assert_eq!(server.count("t").await, 200);
    inserter.end().await.unwrap();
    assert_eq!(server.count("t").await, 250);
}

#[tokio::test]
async fn prepared_rows_of_any_size_arrive() {
    let server = Server::start().await;
    server.run(TABLE).await;
    let rows: Vec<u8> = (0..1_500_000_u32).flat_map(u32::to_le_bytes).collect();
    for compression in [Compression::Lz4, Compression::None] {
        let client = server.client.clone().with_compression(compression);
        let mut insert = client.insert_formatted_with("INSERT INTO t (a) FORMAT RowBinary");
        insert.send(Bytes::from(rows.clone())).await.unwrap();
        insert.end().await.unwrap();
    }
    assert_eq!(server.count("t").await, 3_000_000);
    let sum: u64 = server
        .client
        .query("SELECT sum(a) FROM t")
        .fetch_one()
        .await
        .unwrap();
    assert_eq!(sum, 1_500_000 * 1_499_999);
}

#[tokio::test]
async fn rows_may_hold_any_byte() {
    let server = Server::start().await;
    server
        .run("CREATE TABLE b (s String) ENGINE = MergeTree ORDER BY tuple()")
        .await;
    let every: Vec<u8> = (0..=255).collect();
    let mut row = vec![0x80, 0x02];
    row.extend_from_slice(&every);
    let mut insert = server
        .client
        .insert_formatted_with("INSERT INTO b FORMAT RowBinary");
    insert.send(Bytes::from(row)).await.unwrap();
    insert.end().await.unwrap();
    let found: String = server
        .client
        .query("SELECT hex(s) FROM b")
        .fetch_one()
        .await
        .unwrap();
    assert_eq!(
        found,
        every.iter().map(|b| format!("{b:02X}")).collect::<String>()
    );
}

#[tokio::test]
async fn an_insert_given_up_commits_nothing() {
    let server = Server::start().await;
    server.run(TABLE).await;
    // Small enough to be gathered, and large enough to be under way.
    for rows in [10_u32, 600_000] {
        let rows: Vec<u8> = (0..rows).flat_map(u32::to_le_bytes).collect();
        let mut insert = server
            .client
            .insert_formatted_with("INSERT INTO t (a) FORMAT RowBinary");
        insert.send(Bytes::from(rows)).await.unwrap();
        drop(insert);
    }
    // The next INSERT through the same pool is not disturbed.
    server.run("INSERT INTO t VALUES (1)").await;
    assert_eq!(server.count("t").await, 1);
}

#[tokio::test]
async fn an_insert_from_a_select_runs() {
    let server = Server::start().await;
    server.run(TABLE).await;
    server.run("INSERT INTO t SELECT number FROM numbers(10)").await;
    server.run("INSERT INTO t (a) VALUES (100), (50 + 51)").await;
    assert_eq!(server.count("t").await, 12);
}
