//! Logs: asked for, read in parts, searched, downloaded, withdrawn and deleted.

use serde_json::{Value, json};
use store::table::{log_content, log_file::LogFile};

use crate::piles::{PILE, SECOND, THEIRS, UUID, furnish};
use crate::world::{ACCOUNTS, STRANGER, World};

async fn world() -> anyhow::Result<World> {
    let world = World::start().await?;
    furnish(&world).await?;
    Ok(world)
}

/// A log that was collected.
async fn collected(world: &World, log_id: u64, charset: &str, chunks: &[&[u8]]) -> anyhow::Result<()> {
    log_content::write(&world.db, log_id, 1_795_000_000_000, 0, chunks).await?;
    let log = LogFile {
        timestamp: 1,
        log_id,
        device_id: PILE,
        uuid: UUID.into(),
        file_name: "运行 1.log".into(),
        state: "collected".into(),
        charset: charset.into(),
        chunks: chunks.len() as u32,
        text_bytes: chunks.iter().map(|chunk| chunk.len() as u64).sum(),
        created_time: store::versioned::now(),
        ..LogFile::default()
    };
    world.insert(&[log]).await
}

#[tokio::test]
async fn asking_writes_rows_and_wakes_the_connector() -> anyhow::Result<()> {
    let world = world().await?;
    let (keeper, stranger) = (world.client(ACCOUNTS[2]).await?, world.client(STRANGER).await?);
    let redis = redis::Client::open(world.stack.redis_url())?;
    let mut channel = redis.get_async_pubsub().await?;
    channel.subscribe("connector:wake").await?;
    let body = json!({ "selection": { "device_ids": [PILE, SECOND] }, "file_name": "BillingGun1.0.log", "deadline_s": 600 });
    let summoned = keeper.post("/log/summon", &body).await?.data();
    assert_eq!(summoned.as_array().map(Vec::len), Some(2));
    let woken = {
        let mut messages = channel.on_message();
        let next = futures_util::StreamExt::next(&mut messages);
        tokio::time::timeout(crate::piles::LATER, next).await?
    };
    assert_eq!(woken.expect("a word").get_payload::<String>()?, "log");
    let list = keeper.get(&format!("/log/list?device_id={PILE}")).await?.data();
    let log = &list["items"][0];
    assert_eq!(
        (&list["total"], &log["state"], &log["uuid"], &log["sta_name"]),
        (&json!(1), &json!("requested"), &json!(UUID), &json!("站2001"))
    );
    assert_eq!(
        log["deadline"].as_i64().unwrap() - log["created_time"].as_i64().unwrap(),
        600_000
    );
    assert_eq!(stranger.get("/log/list").await?.data()["total"], 0);
    for name in ["../../etc/passwd", "a/b.log", "a\\b", "", "..", "a\r\nDELE x"] {
        let body = json!({ "selection": { "device_ids": [PILE] }, "file_name": name });
        let refused = keeper.post("/log/summon", &body).await?.failure();
        assert!(
            refused.0 == 422 && refused.1.starts_with("file_name"),
            "{refused:?}"
        );
    }
    let body = json!({ "selection": { "device_ids": [THEIRS] }, "file_name": "a.log" });
    assert_eq!(keeper.post("/log/summon", &body).await?.failure().0, 404);

    let id = log["log_id"].as_u64().unwrap();
    let delete = |version: &Value| json!({ "log_id": id, "timestamp": version });
    let early = keeper
        .post("/log/delete", &delete(&log["timestamp"]))
        .await?
        .failure();
    assert!(early.0 == 409 && early.1.contains("撤销"), "{early:?}");
    assert_eq!(
        stranger
            .post("/log/cancel", &json!({ "log_id": id }))
            .await?
            .failure()
            .0,
        404
    );
    let cancelled = keeper.post("/log/cancel", &json!({ "log_id": id })).await?.data();
    assert_eq!(cancelled["state"], "cancelled");
    assert_eq!(
        keeper
            .post("/log/cancel", &json!({ "log_id": id }))
            .await?
            .failure()
            .0,
        409
    );
    keeper
        .post("/log/delete", &delete(&cancelled["timestamp"]))
        .await?
        .data();
    assert_eq!(
        keeper.get(&format!("/log/detail?log_id={id}")).await?.failure().0,
        404
    );
    Ok(())
}

#[tokio::test]
async fn a_log_is_read_searched_downloaded_and_forgotten() -> anyhow::Result<()> {
    let world = world().await?;
    let (keeper, stranger) = (world.client(ACCOUNTS[2]).await?, world.client(STRANGER).await?);
    let chunks = [
        "启动\n桩状态 ".as_bytes(),
        "ERROR 超时\n".as_bytes(),
        "ok\nerror 2\n".as_bytes(),
    ];
    collected(&world, 71, "gb18030", &chunks).await?;
    let part = keeper.get("/log/view?log_id=71&chunk=1&count=1").await?.data();
    assert_eq!(
        part,
        json!({ "log_id": 71, "chunk": 1, "next_chunk": 2, "chunks": 3, "charset": "gb18030", "text": "ERROR 超时\n" })
    );
    let hits = keeper.get("/log/search?log_id=71&words=error").await?.data();
    assert_eq!(
        hits,
        json!({ "hits": [{ "chunk": 0, "line": "桩状态 ERROR 超时" }, { "chunk": 2, "line": "error 2" }],
            "next_chunk": 3, "chunks": 3 })
    );
    let file = keeper.get("/log/download?log_id=71").await?;
    assert_eq!(file.text, "启动\n桩状态 ERROR 超时\nok\nerror 2\n");
    assert_eq!(file.header("content-type"), Some("text/plain; charset=utf-8"));
    let named = file.header("content-disposition").unwrap();
    assert!(
        named.contains("filename*=UTF-8''AAAAAAAB-71-%E8%BF%90%E8%A1%8C%201.log"),
        "{named}"
    );
    for path in [
        "view?log_id=71",
        "search?log_id=71&words=a",
        "download?log_id=71",
        "detail?log_id=71",
    ] {
        assert_eq!(
            stranger.get(&format!("/log/{path}")).await?.failure().0,
            404,
            "{path}"
        );
    }

    collected(&world, 72, "binary", &[b"\x00\xff\x01"]).await?;
    assert_eq!(keeper.get("/log/view?log_id=72").await?.failure().0, 409);
    let file = keeper.get("/log/download?log_id=72").await?;
    assert_eq!(
        (&file.bytes[..], file.header("content-type")),
        (&b"\x00\xff\x01"[..], Some("application/octet-stream"))
    );

    let version = keeper.get("/log/detail?log_id=71").await?.data()["timestamp"].clone();
    keeper
        .post("/log/delete", &json!({ "log_id": 71, "timestamp": version }))
        .await?
        .data();
    assert_eq!(keeper.get("/log/view?log_id=71").await?.failure().0, 404);
    assert_eq!(
        world
            .number("SELECT count() FROM log_content WHERE log_id = 71")
            .await?,
        0
    );
    assert_eq!(
        world
            .number("SELECT count() FROM log_content WHERE log_id = 72")
            .await?,
        1
    );
    Ok(())
}
