//! Every route of the OpenAPI document, asked by everybody, against the access table.

use std::collections::BTreeSet;

use axum::body::Bytes;
use webserver::{ACCESS, Access, Need, SEEDS};

use crate::world::{ACCOUNTS, Client, STRANGER, World};

/// Routes that are no part of the API: not in the document.
const OUTSIDE: [&str; 8] = [
    "/health/live",
    "/health/ready",
    "/metrics",
    "/version",
    "/openapi.json",
    "/docs",
    "/docs/",
    "/docs/{*rest}",
];

#[tokio::test]
async fn the_document_and_the_table_name_the_same_routes() -> anyhow::Result<()> {
    let world = World::start().await?;
    let document = world.server.get("/openapi.json").await?.json();
    let (mut documented, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            documented.insert((method.to_uppercase(), path.clone()));
            let id = operation["operationId"].as_str().unwrap_or_default();
            assert!(ids.insert(id.to_owned()), "{path}: {id:?} is another's id");
            assert!(operation["tags"][0].is_string(), "{path} has no tag");
            assert!(operation["summary"].is_string(), "{path} has no summary");
            for status in ["500", "503"] {
                assert!(operation["responses"][status].is_object(), "{path} {status}");
            }
        }
    }
    let table: BTreeSet<_> = ACCESS
        .iter()
        .filter(|line| !OUTSIDE.contains(&line.path))
        .map(|line| (line.method.to_owned(), line.path.to_owned()))
        .collect();
    assert_eq!(documented, table);
    Ok(())
}

#[tokio::test]
async fn every_field_is_described() -> anyhow::Result<()> {
    let world = World::start().await?;
    let document = world.server.get("/openapi.json").await?.json();
    assert_eq!(document["openapi"], "3.1.0");
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            // The envelope's data says what it is by its own name.
            if field != "data" {
                let described = property["description"].is_string();
                // What may be null is one of null and a reference.
                let parts = property["oneOf"].as_array().into_iter().flatten();
                let described = described || parts.into_iter().any(|part| part["$ref"].is_string());
                assert!(described || property["$ref"].is_string(), "{name}.{field}");
            }
        }
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(
                    parameter["description"].is_string(),
                    "{path} {}",
                    parameter["name"]
                );
            }
        }
    }
    let page = world.server.get("/docs/").await?;
    assert!(page.text.contains("swagger-ui"), "{}", page.text);
    assert!(!page.text.contains("https://"), "the page needs the internet");
    for file in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        assert!(page.text.contains(file), "{}", page.text);
        let asset = world.server.get(&format!("/docs/{file}")).await?;
        assert!(asset.status == 200 && !asset.bytes.is_empty(), "{file}");
    }
    Ok(())
}

/// What the table says of a role.
fn allowed(line: &Access, permissions: &[&str]) -> bool {
    let Need::Permission(wanted) = line.need else {
        return true;
    };
    let (resource, action) = wanted.split_once(':').unwrap();
    permissions.iter().any(|have| {
        let (r, a) = have.split_once(':').unwrap();
        (r == "*" || r == resource) && (a == "*" || a == action)
    })
}

async fn ask(client: &Client, line: &Access) -> anyhow::Result<u16> {
    let json = [("content-type", "application/json")];
    // A body that no route accepts: who may not pass is told so before it is read.
    // A stream has no end: what is asked for is not there.
    let what = if line.path.ends_with("/stream") {
        "?sta_id=1"
    } else {
        ""
    };
    let path = format!("{}{what}", line.path);
    let reply = client
        .request(line.method, &path, &json, Bytes::from_static(b"[]"))
        .await?;
    if reply.status != 200 {
        reply.failure();
    }
    Ok(reply.status)
}

#[tokio::test]
async fn each_role_may_use_the_routes_of_its_permissions() -> anyhow::Result<()> {
    let world = World::start().await?;
    let nobody = Client::nobody(world.server.base());
    let lines = || {
        ACCESS
            .iter()
            .filter(|line| !OUTSIDE.contains(&line.path) && line.path != "/auth/logout")
    };
    for line in lines() {
        let status = ask(&nobody, line).await?;
        let refused = matches!(status, 401 | 429);
        assert!(
            (line.need == Need::Public) || refused,
            "nobody: {} {status}",
            line.path
        );
    }
    for (account, seed) in ACCOUNTS.iter().zip(SEEDS).chain([(&STRANGER, &SEEDS[1])]) {
        let client = world.client(account).await?;
        for line in lines().filter(|line| line.need != Need::Public) {
            let status = ask(&client, line).await?;
            assert_eq!(
                status != 403,
                allowed(line, seed.permissions),
                "{account}: {} {} {status}",
                line.method,
                line.path
            );
            assert!(status < 500, "{account}: {} {status}", line.path);
        }
    }
    Ok(())
}
