//! Firmware and campaigns: what is uploaded is what is kept, drafts are changed, requests are written for the connector.

use axum::body::Bytes;
use serde_json::{Value, json};
use store::table::{firmware_chunk, login_record::LoginRecord, ota_campaign::OtaCampaign};

use crate::piles::{PILE, SECOND, THEIRS, furnish};
use crate::server::Reply;
use crate::world::{ACCOUNTS, Client, STRANGER, World};

const BOUNDARY: &str = "x-boundary-x";

/// The texts of a form by name.
type Texts<'a> = &'a [(&'a str, &'a str)];

/// A form of texts and one file.
fn form(texts: Texts<'_>, file_name: &str, file: &[u8]) -> Bytes {
    let mut body = Vec::new();
    for (name, value) in texts {
        let part =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body.into()
}

async fn upload(client: &Client, texts: Texts<'_>, name: &str, file: &[u8]) -> anyhow::Result<Reply> {
    let media = format!("multipart/form-data; boundary={BOUNDARY}");
    let headers = [("content-type", media.as_str())];
    client
        .request("POST", "/ota/firmware/upload", &headers, form(texts, name, file))
        .await
}

/// A file whose chunks all differ.
fn file(bytes: usize) -> Vec<u8> {
    (0..bytes as u64)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect()
}

async fn world() -> anyhow::Result<World> {
    let world = World::start().await?;
    furnish(&world).await?;
    Ok(world)
}

/// A package of this version.
async fn package(client: &Client, version: &str) -> anyhow::Result<u64> {
    let texts = [("version", version), ("model", "DC-120")];
    let reply = upload(client, &texts, "app.bin", version.as_bytes())
        .await?
        .data();
    Ok(reply["package_id"].as_u64().unwrap())
}

#[tokio::test]
async fn what_is_uploaded_is_what_is_kept() -> anyhow::Result<()> {
    let world = world().await?;
    let (chief, keeper) = (world.client(ACCOUNTS[1]).await?, world.client(ACCOUNTS[2]).await?);
    // More than is written at once, and no whole number of chunks.
    let large = file(3 * 1024 * 1024 + 17);
    let texts = [
        ("name", "主程序"),
        ("version", "2.0"),
        ("remark", "夜间"),
        ("bytes", "3145745"),
    ];
    assert_eq!(upload(&keeper, &texts, "app.bin", &large).await?.failure().0, 403);
    let kept = upload(&chief, &texts, "app.bin", &large).await?.data();
    let id = kept["package_id"].as_u64().unwrap();
    assert_eq!(
        (&kept["bytes"], &kept["file_type"], &kept["file_name"]),
        (&json!(3_145_745), &json!("程序包"), &json!("app.bin"))
    );
    let digest = ring::digest::digest(&ring::digest::SHA256, &large);
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(kept["sha256"], hex);
    let read = firmware_chunk::read(&world.db, id, 0, 13).await?;
    assert!(read == large, "the chunks are not the file");
    assert_eq!(upload(&chief, &texts, "app.bin", &large).await?.failure().0, 409);

    let refusals: [(Texts<'_>, &str, &[u8], &str); 8] = [
        (&[("version", "1"), ("md5", "00")], "a.bin", b"x", "md5"),
        (&[("version", "1"), ("sha256", "00")], "a.bin", b"x", "sha256"),
        (&[("version", "1"), ("bytes", "2")], "a.bin", b"x", "bytes"),
        (
            &[("version", "1"), ("signature", "00")],
            "a.bin",
            b"x",
            "signature",
        ),
        (&[("file_type", "别的")], "a.bin", b"x", "file_type"),
        (&[], "a.bin", b"x", "version"),
        (&[("version", "1")], "程序.bin", b"x", "file"),
        (&[("version", "1"), ("x", "1")], "a.bin", b"x", "x"),
    ];
    for (texts, name, bytes, field) in refusals {
        let refused = upload(&chief, texts, name, bytes).await?.failure();
        assert!(
            refused.0 == 422 && refused.1.starts_with(field),
            "{field}: {refused:?}"
        );
    }
    assert_eq!(
        upload(&chief, &[("version", "1")], "a.bin", b"")
            .await?
            .failure()
            .0,
        422
    );
    let cut = form(&[("version", "1")], "a.bin", &large).slice(..2_500_000);
    let media = format!("multipart/form-data; boundary={BOUNDARY}");
    let headers = [("content-type", media.as_str())];
    let reply = chief
        .request("POST", "/ota/firmware/upload", &headers, cut)
        .await?;
    assert_eq!(reply.failure().0, 400);
    assert_eq!(
        chief.post("/ota/firmware/upload", &json!({})).await?.failure().0,
        415
    );
    // What was refused leaves nothing.
    let strays = format!("SELECT count() FROM firmware_chunk WHERE package_id != {id}");
    assert_eq!(world.number(&strays).await?, 0);

    let stranger = world.client(STRANGER).await?;
    let list = stranger.get("/ota/firmware/list?version=2.0").await?.data();
    assert_eq!(list["total"], 1, "packages are for everybody");
    let gone = json!({ "package_id": id, "timestamp": kept["timestamp"] });
    assert_eq!(
        stranger.post("/ota/firmware/delete", &gone).await?.failure().0,
        403
    );
    chief.post("/ota/firmware/delete", &gone).await?.data();
    assert_eq!(chief.get("/ota/firmware/list").await?.data()["total"], 0);
    assert_eq!(world.number("SELECT count() FROM firmware_chunk").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_too_large_is_413() -> anyhow::Result<()> {
    let world = world().await?;
    let chief = world.client(ACCOUNTS[1]).await?;
    let reply = upload(&chief, &[("version", "1")], "a.bin", &vec![7; (64 << 20) + 1]).await;
    // The server may close the connection while the rest is still on its way.
    if let Ok(reply) = reply {
        assert_eq!(reply.failure().0, 413);
    }
    assert_eq!(world.number("SELECT count() FROM firmware_package").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_campaign_is_a_draft_until_it_is_asked_to_start() -> anyhow::Result<()> {
    let world = world().await?;
    let (chief, stranger) = (world.client(ACCOUNTS[1]).await?, world.client(STRANGER).await?);
    let (new, old) = (package(&chief, "2.0").await?, package(&chief, "1.0").await?);
    let login = LoginRecord {
        timestamp: 5,
        device_id: PILE,
        software_version: "1.0",
        ..LoginRecord::default()
    };
    world.insert(&[login]).await?;
    let body = json!({ "name": "二月", "package_id": new, "rollback_package_id": old,
        "plan": { "canary_count": 1, "rail": { "min_starts": 10 } }, "selection": { "device_ids": [PILE, SECOND] } });
    let with = |field: &str, value: Value| {
        let mut body = body.clone();
        body[field] = value;
        body
    };
    for (bad, status, named) in [
        (with("name", json!(" ")), 422, "name"),
        (with("package_id", json!(7)), 404, ""),
        (
            with("rollback_package_id", json!(new)),
            422,
            "rollback_package_id",
        ),
        (with("plan", json!({ "max_at_once": 0 })), 422, "plan.max_at_once"),
        (with("plan", json!({ "kanari": 1 })), 422, "plan.kanari"),
        (
            with("selection", json!({ "device_ids": [PILE, THEIRS] })),
            404,
            "",
        ),
        (with("organization_id", json!(2000)), 404, ""),
    ] {
        let refused = chief.post("/ota/campaign/add", &bad).await?.failure();
        assert!(
            refused.0 == status && (named.is_empty() || refused.1.starts_with(named)),
            "{named}: {refused:?}"
        );
    }
    let added = chief.post("/ota/campaign/add", &body).await?.data();
    let id = added["campaign_id"].as_u64().unwrap();
    assert_eq!(
        (
            &added["state"],
            &added["version"],
            &added["rollback_version"],
            &added["total"]
        ),
        (&json!("draft"), &json!("2.0"), &json!("1.0"), &json!(2))
    );
    assert_eq!(
        (
            &added["plan"]["canary_count"],
            &added["plan"]["control_percent"],
            &added["progress"],
            &added["by_stage"]
        ),
        (
            &json!(1),
            &json!(10),
            &json!([{ "state": "waiting", "piles": 2 }]),
            &json!([{ "arm": "", "stage": 0, "state": "waiting", "piles": 2 }])
        )
    );
    let piles = format!("/ota/campaign/piles?campaign_id={id}");
    let shown = chief.get(&piles).await?.data();
    assert_eq!(
        (&shown["total"], &shown["items"][0]["from_version"]),
        (&json!(2), &json!("1.0"))
    );
    for path in ["detail", "piles", "events", "figures", "report"] {
        let path = format!("/ota/campaign/{path}?campaign_id={id}");
        assert_eq!(stranger.get(&path).await?.failure().0, 404, "{path}");
        assert_eq!(chief.get(&path).await?.status, 200, "{path}");
    }

    let edit = json!({ "campaign_id": id, "timestamp": added["timestamp"], "name": "三月", "selection": { "device_ids": [SECOND] } });
    let edited = chief.post("/ota/campaign/edit", &edit).await?.data();
    assert_eq!(
        (&edited["name"], &edited["total"], &edited["rollback_package_id"]),
        (&json!("三月"), &json!(1), &json!(old))
    );
    let shown = chief.get(&piles).await?.data();
    assert_eq!(
        (&shown["total"], &shown["items"][0]["device_id"]),
        (&json!(1), &json!(SECOND))
    );
    assert_eq!(chief.post("/ota/campaign/edit", &edit).await?.failure().0, 409);

    let ask = async |verb: &str, client: &Client| {
        client
            .post(&format!("/ota/campaign/{verb}"), &json!({ "campaign_id": id }))
            .await
    };
    let early = ask("pause", &chief).await?.failure();
    assert!(early.0 == 409 && early.1.contains("start"), "{early:?}");
    assert_eq!(ask("start", &stranger).await?.failure().0, 404);
    let asked = ask("start", &chief).await?.data();
    let events = chief
        .get(&format!("/ota/campaign/events?campaign_id={id}"))
        .await?
        .data();
    let event = &events["items"][0];
    assert_eq!(
        (
            &event["event_id"],
            &event["action"],
            &event["source"],
            &event["outcome"]
        ),
        (
            &asked["event_id"],
            &json!("start"),
            &json!("guanliyuan"),
            &json!("")
        )
    );
    // Another with the same pile must wait, and a package in use stays.
    let second = chief.post("/ota/campaign/add", &body).await?.data();
    let second = json!({ "campaign_id": second["campaign_id"] });
    let refused = chief.post("/ota/campaign/start", &second).await?.failure();
    assert!(
        refused.0 == 409 && refused.1.contains(&id.to_string()),
        "{refused:?}"
    );
    let version = chief.get("/ota/firmware/list?version=2.0").await?.data()["items"][0]["timestamp"].clone();
    let gone = json!({ "package_id": new, "timestamp": version });
    assert_eq!(chief.post("/ota/firmware/delete", &gone).await?.failure().0, 409);

    // As the connector goes on.
    let mut running: OtaCampaign = store::versioned::present(
        &world.db,
        &store::Conditions::new().and("campaign_id = ?", [id.into()]),
    )
    .await?
    .remove(0);
    running.timestamp += 1;
    running.state = "running".into();
    world.insert(&[running]).await?;
    let late = json!({ "campaign_id": id, "timestamp": edited["timestamp"], "name": "四月" });
    assert_eq!(chief.post("/ota/campaign/edit", &late).await?.failure().0, 409);
    ask("pause", &chief).await?.data();
    let report = ask_report(&chief, id).await?;
    assert_eq!(
        (&report["state"], &report["decisions"][1]["action"]),
        (&json!("running"), &json!("pause"))
    );
    Ok(())
}

async fn ask_report(client: &Client, id: u64) -> anyhow::Result<Value> {
    Ok(client
        .get(&format!("/ota/campaign/report?campaign_id={id}"))
        .await?
        .data())
}
