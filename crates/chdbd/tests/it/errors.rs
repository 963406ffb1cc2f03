//! Refusals carry ClickHouse's codes and leave nothing behind.

use bytes::Bytes;
use clickhouse::{Client, error::Error};

use crate::server::Server;

async fn refusal(client: &Client, sql: &str) -> String {
    match client.query(sql).execute().await {
        Err(Error::BadResponse(text)) => text,
        other => panic!("{sql}: {other:?}"),
    }
}

#[tokio::test]
async fn refusals_carry_their_code() {
    let server = Server::start().await;
    let client = &server.client;
    for (sql, code) in [
        ("SELECT * FROM nowhere", "Code: 60."),
        ("SELEC 1", "Code: 62."),
        ("1", "Code: 62."),
        ("SELECT nothing", "Code: 47."),
        ("SELECT 1 FORMAT Nonsense", "Code: 73."),
        ("SELECT {a:UInt8}", "Code: 456."),
        ("SELECT 1 INTO OUTFILE '/tmp/chdbd-outfile'", "Code: 36."),
        ("INSERT INTO nowhere VALUES (1)", "Code: 60."),
    ] {
        let text = refusal(client, sql).await;
        assert!(text.starts_with(code), "{sql}: {text}");
    }
    let unknown = client.clone().with_database("nowhere");
    assert!(refusal(&unknown, "SELECT 1").await.starts_with("Code: 81."));
    let setting = client.clone().with_setting("no_such_setting", "1");
    assert!(refusal(&setting, "SELECT 1").await.starts_with("Code: 115."));
    let limited = client.clone().with_setting("max_execution_time", "1");
    assert!(
        refusal(&limited, "SELECT sleepEachRow(1) FROM numbers(3)")
            .await
            .starts_with("Code: 159.")
    );
}

#[tokio::test]
async fn a_second_statement_is_refused_before_the_first_runs() {
    let server = Server::start().await;
    server
        .run("CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a")
        .await;
    for sql in [
        "DROP TABLE t; SELECT 1",
        "DROP TABLE t; nonsense",
        "DROP TABLE t; DROP TABLE t",
    ] {
        let text = refusal(&server.client, sql).await;
        assert!(text.starts_with("Code: 62."), "{sql}: {text}");
    }
    assert_eq!(server.count("t").await, 0);
    server.run("SELECT 1;").await;
}

#[tokio::test]
async fn a_refused_batch_says_why_and_leaves_no_row() {
    let server = Server::start().await;
    server
        .run("CREATE TABLE t (a UInt32, b String) ENGINE = MergeTree ORDER BY a")
        .await;
    let cases: [(&str, &[u8], &str); 4] = [
        (
            "INSERT INTO t FORMAT RowBinary",
            b"\x01\0\0\0\x01x\x02\0\0",
            "Code: 33.",
        ),
        ("INSERT INTO t (nothing) FORMAT RowBinary", b"\x01", "Code: 16."),
        ("INSERT INTO t FORMAT CSV", b"1,x\nnot a number,y\n", "Code: 27."),
        ("INSERT INTO nowhere FORMAT RowBinary", b"\x01", "Code: 60."),
    ];
    for (sql, rows, code) in cases {
        let mut insert = server.client.insert_formatted_with(sql);
        insert.send(Bytes::from_static(rows)).await.unwrap();
        let text = insert.end().await.unwrap_err().to_string();
        assert!(text.contains(code), "{sql}: {text}");
    }
    assert_eq!(server.count("t").await, 0);
}

#[tokio::test]
async fn a_large_refused_batch_gets_its_answer() {
    let server = Server::start().await;
    let mut insert = server
        .client
        .insert_formatted_with("INSERT INTO nowhere FORMAT RowBinary");
    let mut sent = Ok(());
    for _ in 0..20 {
        sent = insert.send(Bytes::from(vec![0; 1 << 20])).await;
        if sent.is_err() {
            break;
        }
    }
    let text = match sent {
        Ok(()) => insert.end().await.unwrap_err().to_string(),
        Err(error) => error.to_string(),
    };
    assert!(text.contains("Code: 60."), "{text}");
}

#[tokio::test]
async fn a_failure_in_the_middle_is_not_taken_for_the_end() {
    let server = Server::start().await;
    let sql =
        "SELECT number + throwIf(number = 300000) AS n FROM numbers(400000) SETTINGS max_block_size = 10000";
    for compression in [clickhouse::Compression::Lz4, clickhouse::Compression::None] {
        let client = server.client.clone().with_compression(compression);
        let mut rows = client.query(sql).fetch::<u64>().unwrap();
        let mut seen = 0;
        let error = loop {
            match rows.next().await {
                Ok(Some(_)) => seen += 1,
                Ok(None) => panic!("the answer ended after {seen} rows"),
                Err(error) => break error.to_string(),
            }
        };
        assert!(error.contains("Code: 395."), "{error}");
        assert!(seen > 0);
    }
}
