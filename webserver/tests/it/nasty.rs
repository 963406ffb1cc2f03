//! Every route of the OpenAPI document with values that nobody should send: none ends in a 5xx, and no answer is
//! undocumented.

use axum::body::Bytes;
use serde_json::{Value, json};

use crate::document::sample;
use crate::server::Reply;
use crate::world::{Client, World};

/// Routes that would end the walk: they end the session, throttle the address, or have no end themselves.
const SPARED: [&str; 5] = [
    "/auth/logout",
    "/auth/password",
    "/auth/login",
    "/station/monitor/stream",
    "/command/events",
];

const TEXTS: [&str; 9] = [
    "'; DROP TABLE user; --",
    "\\",
    "%_?*",
    "\0\u{1}\n",
    "{param:String}",
    "🙂\u{202e}\u{fffd}",
    "=cmd|' /C calc'!A0",
    "-1",
    "99999999999999999999999",
];

/// For a place in a body.
fn values() -> Vec<Value> {
    let long = "长".repeat(100_000);
    let mut values: Vec<Value> = TEXTS.iter().map(|text| json!(text)).collect();
    values.extend([
        json!(long),
        json!(null),
        json!(-1),
        json!(1.5),
        json!(0),
        json!(u64::MAX),
        json!(i64::MIN),
        json!([]),
        json!([[[]]]),
        json!({ "$ne": 1 }),
    ]);
    values
}

struct Walk<'a> {
    document: &'a Value,
    client: Client,
    asked: usize,
}

impl Walk<'_> {
    fn check(&mut self, operation: &Value, path: &str, sent: &str, reply: &Reply) {
        self.asked += 1;
        let status = reply.status.to_string();
        assert!(reply.status < 500, "{path} {sent}: {}", reply.text);
        assert!(
            operation["responses"][&status].is_object(),
            "{path} {sent}: {status} is not documented"
        );
        if reply.status != 200 {
            reply.failure();
        }
    }

    async fn queries(&mut self, path: &str, operation: &Value) -> anyhow::Result<()> {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        for parameter in parameters.filter(|parameter| parameter["in"] == "query") {
            let name = parameter["name"].as_str().expect("a parameter has a name");
            for text in TEXTS.into_iter().chain(["", "0", "18446744073709551615"]) {
                let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
                let reply = self.client.get(&format!("{path}?{name}={encoded}")).await?;
                self.check(operation, path, &format!("{name}={text:?}"), &reply);
            }
            let reply = self.client.get(&format!("{path}?{name}=%ff%fe&{name}=1")).await?;
            self.check(operation, path, name, &reply);
        }
        Ok(())
    }

    async fn bodies(&mut self, path: &str, operation: &Value) -> anyhow::Result<()> {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_null() {
            return Ok(());
        }
        let sample = sample(self.document, schema);
        for place in places(&sample) {
            for value in values() {
                let mut body = sample.clone();
                *body.pointer_mut(&place).expect("the place was found there") = value;
                let reply = self.client.post(path, &body).await?;
                let sent: String = body.to_string().chars().take(300).collect();
                self.check(operation, path, &sent, &reply);
            }
        }
        let json = [("content-type", "application/json")];
        for raw in [&b""[..], b"\xff\xfe", b"{\"a\":", b"nul", b"{}{}", b"1e999"] {
            let reply = self
                .client
                .request("POST", path, &json, Bytes::from_static(raw))
                .await?;
            self.check(operation, path, "raw bytes", &reply);
        }
        Ok(())
    }
}

/// Pointers to everything within.
fn places(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut add = |name: &str, inner: &Value| {
        found.extend(places(inner).into_iter().map(|place| format!("/{name}{place}")));
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, inner)| add(name, inner)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(nth, inner)| add(&nth.to_string(), inner)),
        _ => {}
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_input_ends_in_a_fault_of_ours() -> anyhow::Result<()> {
    let (world, _register) = crate::register::world().await?;
    let document = world.server.get("/openapi.json").await?.json();
    let mut walk = Walk {
        client: world.chief().await?,
        document: &document,
        asked: 0,
    };
    for (path, item) in document["paths"].as_object().expect("there are paths") {
        if SPARED.contains(&path.as_str()) {
            continue;
        }
        walk.queries(path, &item["get"]).await?;
        walk.bodies(path, &item["post"]).await?;
    }
    assert!(walk.asked > 1000, "{}", walk.asked);
    assert_eq!(walk.client.get("/auth/me").await?.status, 200);
    Ok(())
}

/// A body without end, one of a wrong kind, and one that is deep: refused before anything is done with them.
#[tokio::test]
async fn no_route_takes_a_body_that_is_too_large_too_deep_or_of_another_kind() -> anyhow::Result<()> {
    let world = World::start().await?;
    let document = webserver::openapi_document();
    let client = world.chief().await?;
    let deep = Bytes::from("[".repeat(500_000));
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().expect("there are paths") {
        let content = &item["post"]["requestBody"]["content"];
        if content.is_null() {
            continue;
        }
        asked += 1;
        let post = async |media: &str, body: Bytes| {
            let headers = [("content-type", media)];
            let reply = client.request("POST", path, &headers, body).await?;
            anyhow::Ok(reply.failure().0)
        };
        assert_eq!(
            post("text/html", Bytes::from_static(b"<p>")).await?,
            415,
            "{path}"
        );
        if content["application/json"].is_null() {
            continue;
        }
        let huge = Bytes::from(format!("{{\"x\":\"{}\"}}", "x".repeat(2 << 20)));
        assert_eq!(post("application/json", huge).await?, 413, "{path}");
        assert!(
            matches!(post("application/json", deep.clone()).await?, 400 | 422),
            "{path}"
        );
    }
    assert!(asked > 20, "{asked}");
    assert_eq!(world.number("SELECT count() FROM operation_record").await?, 0);
    Ok(())
}

/// What stands for anything in SQL stands for itself here.
#[tokio::test]
async fn no_filter_takes_a_wildcard_for_one() -> anyhow::Result<()> {
    let (world, _) = crate::reads::world().await?;
    let document = webserver::openapi_document();
    let client = world.chief().await?;
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().expect("there are paths") {
        let parameters = item["get"]["parameters"].as_array().into_iter().flatten();
        let texts = parameters.filter(|parameter| {
            let kind = &parameter["schema"]["type"];
            let is_free = parameter["schema"]["enum"].is_null() && parameter["in"] == "query";
            is_free && (kind == "string" || kind[0] == "string") && parameter["name"] != "sort"
        });
        for name in texts.filter_map(|parameter| parameter["name"].as_str()) {
            if !path.ends_with("/list") {
                continue;
            }
            for wildcard in ["%25", "_", "*", "%5c"] {
                let reply = client.get(&format!("{path}?{name}={wildcard}")).await?;
                let none = reply.status == 422 || reply.data()["total"] == 0;
                assert!(none, "{path}?{name}={wildcard}: {}", reply.text);
                asked += 1;
            }
        }
    }
    assert!(asked > 100, "{asked}");
    Ok(())
}
