//! The interface as curl users see it.

use hyper::StatusCode;

use crate::server::Server;

#[tokio::test]
async fn a_statement_may_be_in_the_url_the_body_or_both() {
    let server = Server::start().await;
    assert_eq!(server.post("/", "SELECT 1").await.text(), "1\n");
    assert_eq!(
        server.send("GET", "/?query=SELECT%202", &[], "").await.text(),
        "2\n"
    );
    assert_eq!(server.post("/?query=SELECT", " 3").await.text(), "3\n");
    assert_eq!(server.send("GET", "/ping", &[], "").await.text(), "Ok.\n");
    assert_eq!(server.send("GET", "/", &[], "").await.text(), "Ok.\n");
    assert_eq!(
        server.send("GET", "/nowhere", &[], "").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn rows_may_follow_the_text_or_be_the_body() {
    let server = Server::start().await;
    server
        .run("CREATE TABLE t (a UInt32, b String) ENGINE = MergeTree ORDER BY a")
        .await;
    server
        .post("/?query=INSERT+INTO+t+FORMAT+CSV", "1,\"x;\"\n2,y\n")
        .await;
    server.post("/?query=INSERT+INTO+t+VALUES", "(3, 'z')").await;
    server
        .post(
            "/",
            "INSERT INTO t FORMAT JSONEachRow\n{\"a\":4,\"b\":\"VALUES\"}",
        )
        .await;
    let written = server
        .post("/", "INSERT INTO t (b, a) VALUES ('q', 5), ('r', 2 * 3)")
        .await;
    assert!(written.headers["x-clickhouse-summary"].contains("\"written_rows\":\"2\""));
    let rows = server
        .post("/?default_format=CSV", "SELECT * FROM t ORDER BY a")
        .await;
    assert_eq!(
        rows.text(),
        "1,\"x;\"\n2,\"y\"\n3,\"z\"\n4,\"VALUES\"\n5,\"q\"\n6,\"r\"\n"
    );
}

#[tokio::test]
async fn every_format_is_given() {
    let server = Server::start().await;
    for (format, content_type, part) in [
        (
            "CSVWithNames",
            "text/csv; charset=UTF-8; header=present",
            "\"a\"\n1\n",
        ),
        ("JSON", "application/json; charset=UTF-8", "\"rows\": 1"),
        (
            "JSONEachRow",
            "application/x-ndjson; charset=UTF-8",
            "{\"a\":1}\n",
        ),
        ("PrettyCompact", "text/plain; charset=UTF-8", "┌─a─┐"),
        (
            "TabSeparatedWithNamesAndTypes",
            "text/tab-separated-values; charset=UTF-8",
            "a\nUInt8\n1\n",
        ),
    ] {
        let reply = server.post("/", format!("SELECT 1 AS a FORMAT {format}")).await;
        assert_eq!(reply.headers["content-type"], content_type);
        assert_eq!(reply.headers["x-clickhouse-format"], format);
        assert!(reply.text().contains(part), "{format}: {}", reply.text());
    }
    let all = server
        .post("/", "SELECT number AS n FROM numbers(200000) FORMAT CSVWithNames")
        .await;
    assert_eq!(
        all.text().lines().filter(|line| *line == "\"n\"").count(),
        1,
        "one header over many blocks"
    );
    assert_eq!(all.text().lines().count(), 200_001);
}

#[tokio::test]
async fn a_form_carries_parameters() {
    let server = Server::start().await;
    let form = "--b\r\nContent-Disposition: form-data; name=\"param_p\"\r\n\r\nx y\r\n\
        --b\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nSELECT {p:String}\r\n--b--\r\n";
    let reply = server
        .send(
            "POST",
            "/",
            &[("content-type", "multipart/form-data; boundary=b")],
            form,
        )
        .await;
    assert_eq!(reply.text(), "x y\n");
    assert_eq!(
        server.post("/?param_p=7", "SELECT {p:UInt8} + 1").await.text(),
        "8\n"
    );
}

#[tokio::test]
async fn native_frames_go_both_ways() {
    let server = Server::start().await;
    server
        .run("CREATE TABLE t (s String) ENGINE = MergeTree ORDER BY s")
        .await;
    // The server's own frames are fed back to it: checksum, lengths and data are ClickHouse's.
    let framed = server
        .post(
            "/?compress=1",
            "SELECT 'INSERT INTO t FORMAT TSV\\nx' FORMAT TSVRaw",
        )
        .await;
    assert_eq!(framed.body[16], 0x82);
    let written = server.post("/?decompress=1", framed.body).await;
    assert_eq!((written.status, written.text()), (StatusCode::OK, ""));
    assert_eq!(server.count("t WHERE s = 'x'").await, 1);
    let damaged = server
        .post("/?decompress=1&query=INSERT+INTO+t+FORMAT+TSV", vec![7; 40])
        .await;
    assert_eq!(damaged.headers["x-clickhouse-exception-code"], "271");
}

#[tokio::test]
async fn a_refusal_has_status_code_and_text() {
    let server = Server::start().await;
    let reply = server.post("/?query_id=mine", "SELECT * FROM nowhere").await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert_eq!(reply.headers["x-clickhouse-exception-code"], "60");
    assert_eq!(reply.headers["x-clickhouse-query-id"], "mine");
    assert!(
        reply.text().starts_with("Code: 60. DB::Exception: "),
        "{}",
        reply.text()
    );
}

#[tokio::test]
async fn what_is_not_for_this_machines_programs_is_refused() {
    let server = Server::start().await;
    let get = server
        .send("GET", "/?query=CREATE+TABLE+x+(a+UInt8)+ENGINE%3DMemory", &[], "")
        .await;
    assert_eq!(get.headers["x-clickhouse-exception-code"], "164");
    let page = server
        .send("POST", "/", &[("origin", "http://elsewhere.example")], "SELECT 1")
        .await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let long = server
        .post("/", format!("SELECT '{}'", "x".repeat(2 << 20)))
        .await;
    assert_eq!(long.headers["x-clickhouse-exception-code"], "62");
}
