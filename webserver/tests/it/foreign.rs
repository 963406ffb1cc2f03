//! Every route of the OpenAPI document that names something by its id, asked by somebody of another organization
//! for what is not his; and by its owner, or it would not be known that there is something to be seen.

use serde_json::{Value, json};
use testkit::wait_until;

use crate::document::sample;
use crate::register::SOON;
use crate::server::Reply;
use crate::world::{ACCOUNTS, Client, EAST, GROUP, STRANGER, World};

/// What belongs to the tree of 集团, by the name of the field that holds its id.
fn theirs() -> Vec<(&'static str, Value)> {
    vec![
        ("organization_id", json!(EAST)),
        ("parent_id", json!(GROUP)),
        ("user_id", json!(30)),
        ("sta_id", json!(2001)),
        ("device_id", json!(3001)),
        ("uuid", json!("AAAA")),
        ("trade_id", json!("T1")),
        ("command_id", json!("wfuzz3001")),
        ("batch_id", json!(7001)),
        ("log_id", json!(8002)),
        ("campaign_id", json!(9001)),
        ("schedule_id", json!(9501)),
        ("template_id", json!(9701)),
    ]
}

async fn world() -> anyhow::Result<(World, Client)> {
    let world = World::start().await?;
    crate::data::fill(&world).await?;
    world.forget_directory().await?;
    let owner = world.client(ACCOUNTS[1]).await?;
    let knows_its_piles = async || {
        let logins = owner.get("/login/list").await;
        logins.is_ok_and(|logins| logins.data()["total"] == 3)
    };
    wait_until(SOON, knows_its_piles).await?;
    Ok((world, owner))
}

/// The body with their ids in it, wherever it has such fields at its top; none if it has none.
fn aimed(mut body: Value) -> Option<Value> {
    let fields = body.as_object_mut()?;
    let mut aims = false;
    for (name, id) in theirs() {
        if let Some(field) = fields.get_mut(name) {
            *field = id;
            aims = true;
        }
    }
    if let Some(field) = fields.get_mut("timestamp") {
        *field = json!(1);
    }
    aims.then_some(body)
}

/// Queries that name one thing of theirs, with what the route cannot do without.
fn queries(path: &str, operation: &Value) -> Vec<String> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let named: Vec<_> = parameters
        .filter(|parameter| parameter["in"] == "query")
        .map(|parameter| (&parameter["name"], parameter["required"] == true))
        .collect();
    let mut known = theirs();
    known.extend([("words", json!("2026")), ("by", json!("party"))]);
    let query = |aim: &str| {
        let needed = |name: &str| named.contains(&(&json!(name), true));
        let given = known.iter().filter(|(name, _)| *name == aim || needed(name));
        let text = |id: &Value| id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        let given: Vec<_> = given.map(|(name, id)| format!("{name}={}", text(id))).collect();
        format!("{path}?{}", given.join("&"))
    };
    let aims = theirs().into_iter().map(|(name, _)| name);
    let aims = aims.filter(|name| named.iter().any(|(known, _)| *known == name));
    aims.map(query).collect()
}

/// Whether something is told: rows, or figures that are not zero, or a file.
fn tells(reply: &Reply) -> bool {
    let is_json = reply.header("content-type") == Some("application/json");
    match reply.status {
        200 if is_json => !is_nothing(&reply.data()),
        200 => !reply.bytes.is_empty(),
        _ => false,
    }
}

fn is_nothing(data: &Value) -> bool {
    match data {
        Value::Object(fields) if fields.contains_key("total") => is_nothing(&fields["total"]),
        // Beside its rows an answer says when, and of what, it is.
        Value::Object(fields) if fields.values().any(Value::is_array) => {
            fields.values().filter(|field| field.is_array()).all(is_nothing)
        }
        Value::Object(figures) => figures.values().all(is_nothing),
        Value::Array(rows) => rows.is_empty(),
        Value::Null => true,
        number => number.as_f64() == Some(0.0),
    }
}

#[tokio::test]
async fn what_belongs_to_others_is_not_seen() -> anyhow::Result<()> {
    let (world, owner) = world().await?;
    let document = webserver::openapi_document();
    let stranger = world.client(STRANGER).await?;
    let (mut seen, mut unseen) = (0, Vec::new());
    for (path, item) in document["paths"].as_object().expect("there are paths") {
        for query in queries(path, &item["get"]) {
            let reply = stranger.get(&query).await?;
            assert!(matches!(reply.status, 200 | 404 | 422), "{query}: {}", reply.text);
            assert!(!tells(&reply), "{query}: {}", reply.text);
            if path.ends_with("/stream") || path == "/command/events" {
                // Its owner's has no end.
                assert_eq!(reply.status, 404, "{query}");
                continue;
            }
            let reply = owner.get(&query).await?;
            assert!(matches!(reply.status, 200 | 404 | 422), "{query}: {}", reply.text);
            if tells(&reply) {
                seen += 1;
            } else {
                unseen.push(query);
            }
        }
    }
    assert!(seen > 50, "{seen}; nothing is there to be seen of {unseen:#?}");
    Ok(())
}

#[tokio::test]
async fn what_belongs_to_others_is_not_changed() -> anyhow::Result<()> {
    let (world, owner) = world().await?;
    let document = webserver::openapi_document();
    let stranger = world.client(STRANGER).await?;
    let mut changes: Vec<_> = document["paths"]
        .as_object()
        .expect("there are paths")
        .iter()
        .filter_map(|(path, item)| {
            let schema = &item["post"]["requestBody"]["content"]["application/json"]["schema"];
            Some((path, aimed(sample(&document, schema))?))
        })
        .collect();
    // What is deleted is not there for the others.
    changes.sort_by_key(|(path, _)| path.ends_with("/delete"));
    let mut refused = Vec::new();
    for (path, body) in &changes {
        let reply = stranger.post(path, body).await?;
        // A rule may be looked at before the thing itself.
        assert!(matches!(reply.failure().0, 404 | 422), "{path}: {}", reply.text);
        refused.push(reply.status);
    }
    assert_eq!(world.number("SELECT count() FROM operation_record").await?, 0);
    let (mut may, mut may_not) = (0, Vec::new());
    for ((path, body), refused) in changes.iter().zip(refused) {
        let reply = owner.post(path, body).await?;
        if matches!(reply.status, 404 | 422) {
            may_not.push((path, reply.text));
            continue;
        }
        // It is a rule of nobody's, so that the stranger was told by what he does not see.
        assert_eq!(refused, 404, "{path}: {}", reply.text);
        may += 1;
    }
    assert!(may > 15, "{may}; its owner is refused, too: {may_not:#?}");
    Ok(())
}
