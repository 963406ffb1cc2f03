//! `insert_deduplication_token` on a plain MergeTree: what makes a retried segment safe.

use bytes::Bytes;
use clickhouse::Client;

use crate::server::Server;

const TABLE: &str = "CREATE TABLE t (month UInt32, a UInt32) ENGINE = MergeTree PARTITION BY month ORDER BY a \
    SETTINGS non_replicated_deduplication_window = 1000";

async fn insert(client: &Client, rows: &[(u32, u32)], token: &str) {
    let bytes: Vec<u8> = rows
        .iter()
        .flat_map(|(m, a)| [m.to_le_bytes(), a.to_le_bytes()].concat())
        .collect();
    let mut insert = client
        .insert_formatted_with("INSERT INTO t (month, a) FORMAT RowBinary")
        .with_setting("insert_deduplication_token", token);
    insert.send(Bytes::from(bytes)).await.unwrap();
    insert.end().await.unwrap();
}

#[tokio::test]
async fn a_token_is_taken_once_per_partition() {
    let server = Server::start().await;
    server.run(TABLE).await;
    insert(&server.client, &[(1, 10), (2, 20)], "first").await;
    insert(&server.client, &[(1, 10), (2, 20)], "first").await;
    assert_eq!(server.count("t").await, 2, "the retry adds nothing");
    insert(&server.client, &[(1, 10), (2, 20)], "second").await;
    assert_eq!(
        server.count("t").await,
        4,
        "equal rows under another token are other rows"
    );
    insert(&server.client, &[(1, 11), (3, 30)], "first").await;
    assert_eq!(
        server.count("t").await,
        5,
        "a partition that does not know the token takes its rows, whatever they are"
    );
    assert_eq!(server.count("t WHERE a = 11").await, 0);
}

#[tokio::test]
async fn rows_without_a_token_are_compared_by_contents() {
    let server = Server::start().await;
    server.run(TABLE).await;
    for _ in 0..2 {
        server.run("INSERT INTO t VALUES (1, 1)").await;
    }
    assert_eq!(server.count("t").await, 1);
}

#[tokio::test]
async fn tokens_survive_a_restart_and_a_kill() {
    let mut server = Server::start().await;
    server.run(TABLE).await;
    insert(&server.client, &[(1, 1), (2, 2)], "kept").await;
    server.running.restart().await.unwrap();
    insert(&server.client, &[(1, 1), (2, 2)], "kept").await;
    assert_eq!(server.count("t").await, 2);
    insert(&server.client, &[(1, 3), (2, 4)], "fresh").await;
    server.running.kill().await.unwrap();
    server.running.restart().await.unwrap();
    insert(&server.client, &[(1, 3), (2, 4)], "fresh").await;
    insert(&server.client, &[(1, 1), (2, 2)], "kept").await;
    assert_eq!(server.count("t").await, 4);
}

#[tokio::test]
async fn a_batch_of_several_blocks_is_known_as_a_whole() {
    let server = Server::start().await;
    server.run(TABLE).await;
    let rows: Vec<_> = (0..2_500_000).map(|a| (a % 2, a)).collect();
    for _ in 0..2 {
        insert(&server.client, &rows, "large").await;
        assert_eq!(server.count("t").await, 2_500_000);
    }
}

/// The state that a kill leaves between the two steps of a commit: the token is written, the part is not in place.
#[tokio::test]
async fn a_token_whose_rows_were_lost_to_a_kill_is_not_believed() {
    let mut server = Server::start().await;
    server.run(TABLE).await;
    insert(&server.client, &[(1, 1)], "before").await;
    insert(&server.client, &[(1, 2), (2, 5)], "killed").await;
    let sql = "SELECT path FROM system.parts WHERE active AND table = 't' AND partition = '2'";
    let part: String = server.client.query(sql).fetch_one().await.unwrap();
    server.running.kill().await.unwrap();
    std::fs::remove_dir_all(part).unwrap();
    server.running.restart().await.unwrap();
    assert_eq!(server.count("t").await, 2);
    insert(&server.client, &[(1, 2), (2, 5)], "killed").await;
    insert(&server.client, &[(1, 1)], "before").await;
    assert_eq!(server.count("t").await, 3);
}
