//! Every route of the OpenAPI document, asked by everybody, against the access table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use axum::body::Bytes;
use serde_json::Value;
use webserver::{ACCESS, Access, Need, SEEDS};

use crate::world::{ACCOUNTS, Client, STRANGER, World};

/// Routes that are no part of the API: not in the document.
const OUTSIDE: [&str; 4] = ["/openapi.json", "/docs", "/docs/", "/docs/{*rest}"];

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
            assert!(
                is_bilingual(&operation["summary"]),
                "{path}: {}",
                operation["summary"]
            );
            for (status, response) in operation["responses"].as_object().unwrap() {
                assert!(
                    is_bilingual(&response["description"]),
                    "{path} {status}: {response}"
                );
                let content = response["content"].as_object();
                assert!(
                    content.is_some_and(|content| !content.is_empty()),
                    "{path} {status}"
                );
            }
            let security = operation["security"][0]["bearer"].is_array();
            for status in ["401", "500", "503"] {
                let answers = operation["responses"][status].is_object();
                assert!(answers || !security, "{path} {status}");
            }
            if operation["requestBody"].is_object() {
                for status in ["400", "413", "415", "422"] {
                    assert!(operation["responses"][status].is_object(), "{path} {status}");
                }
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

fn is_bilingual(text: &Value) -> bool {
    let text = text.as_str().unwrap_or_default();
    let is_chinese = |letter| matches!(letter, '\u{4e00}'..='\u{9fff}');
    text.contains(is_chinese) && text.contains(|letter: char| letter.is_ascii_alphabetic())
}

/// A moment says in what it is counted.
fn says_unit(name: &str, schema: &Value, text: &Value) -> bool {
    let is_moment =
        name.ends_with("time") || name.ends_with("timestamp") || matches!(name, "from" | "to" | "at");
    let is_number = schema["type"] == "integer" || schema["type"][0] == "integer";
    let text = text.as_str().unwrap_or_default();
    !(is_moment && is_number) || text.contains("ms") || text.contains("毫秒")
}

/// Every field within is described; how many there are.
fn described(name: &str, schema: &Value) -> usize {
    let mut fields = 0;
    for (field, property) in schema["properties"].as_object().into_iter().flatten() {
        let text = &property["description"];
        // The envelope's data says what it is by its own name.
        assert!(
            field == "data" || is_bilingual(text),
            "{name}.{field}: {property}"
        );
        assert!(says_unit(field, property, text), "{name}.{field}: {text}");
        fields += 1 + described(&format!("{name}.{field}"), property);
    }
    let parts = ["allOf", "oneOf", "anyOf"].map(|kind| schema[kind].as_array());
    for part in parts.into_iter().flatten().flatten().chain([&schema["items"]]) {
        if part.is_object() {
            fields += described(name, part);
        }
    }
    fields
}

/// Derived components are told apart by the names of their types alone: of two types of one name, one would
/// silently stand for both.
#[test]
fn no_two_types_of_the_document_have_one_name() -> anyhow::Result<()> {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                for name in components(&std::fs::read_to_string(&path)?) {
                    let here = path.display().to_string();
                    if let Some(there) = seen.insert(name.clone(), here.clone()) {
                        anyhow::bail!("{name} is in {there} and in {here}: rename one");
                    }
                }
            }
        }
    }
    anyhow::ensure!(seen.len() > 60, "{seen:?}");
    Ok(())
}

/// Names of the types that derive `ToSchema`, also through `bodies!`.
fn components(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut derives, mut in_bodies) = (false, false);
    let mut renamed = None;
    for line in source.lines().map(str::trim) {
        derives |= line.starts_with("#[derive(") && line.contains("ToSchema");
        in_bodies |= line.starts_with("bodies!");
        if let Some((_, name)) = line.split_once("schema(as = ") {
            renamed = Some(name.trim_end_matches(")]").to_owned());
        }
        let words: Vec<_> = line
            .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != '$')
            .filter(|word| !word.is_empty() && !matches!(*word, "pub" | "crate" | "super" | "in"))
            .collect();
        match words.as_slice() {
            ["struct" | "enum", name, ..] if derives && !name.starts_with('$') => {
                names.push(renamed.take().unwrap_or_else(|| (*name).to_owned()));
                derives = false;
            }
            ["struct" | "enum", ..] => derives = false,
            ["new" | "edited", name, ..] if in_bodies => {
                names.push((*name).to_owned());
                in_bodies = words[0] == "new";
            }
            _ => {}
        }
    }
    names
}

#[tokio::test]
async fn every_field_is_described() -> anyhow::Result<()> {
    let world = World::start().await?;
    let document = world.server.get("/openapi.json").await?.json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut fields = 0;
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        fields += described(name, schema);
    }
    assert!(fields > 300, "{fields}");
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let (name, text) = (parameter["name"].as_str().unwrap(), &parameter["description"]);
                assert!(is_bilingual(text), "{path} {name}: {text}");
                assert!(
                    says_unit(name, &parameter["schema"], text),
                    "{path} {name}: {text}"
                );
            }
            for content in operation["requestBody"]["content"]
                .as_object()
                .into_iter()
                .flatten()
            {
                described(path, &content.1["schema"]);
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

#[test]
fn the_console_is_written_against_this_document() {
    let kept: Value = serde_json::from_str(include_str!("../../../console/openapi.json")).unwrap();
    assert!(
        kept == webserver::openapi_document(),
        "console/openapi.json is old: run `make console-types`"
    );
}
