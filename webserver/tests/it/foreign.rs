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
        ("uuid", json!("AAAAAAAA")),
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

/// Where a body made of the schema breaks a rule, others that break none: nothing but whose the things are that they
/// name is in the way.
fn sound(path: &str) -> Option<Vec<Value>> {
    let pile = json!({ "device_ids": [3001] });
    let version = |field: &str, id: u64| json!({ field: id, "timestamp": 1 });
    let with = |mut body: Value, more: Value| {
        let more = more.as_object().cloned().unwrap_or_default();
        body.as_object_mut().expect("an object").extend(more);
        body
    };
    let command = json!({ "command": "软件版本查询", "selection": pile });
    let schedule = with(command.clone(), json!({ "name": "新", "cron": "0 3 * * *" }));
    let campaign = json!({ "name": "新", "package_id": 6001, "selection": pile });
    let template = json!({ "name": "新", "items": { "音量": "5" } });
    let person = json!({ "user_name": "新", "role_id": 4, "organization_ids": [EAST] });
    let east = json!({ "organization_id": EAST });
    Some(match path {
        "/asset/add" => vec![json!({ "ass_name": "新", "sta_id": 2001 })],
        "/asset/count" => vec![east, pile],
        "/asset/edit" => vec![with(
            version("device_id", 3001),
            json!({ "contract_num": "HT-2" }),
        )],
        "/command/batch/send" => vec![command.clone(), with(command, east)],
        "/command/send" => vec![json!({ "device_id": 3001, "command": "软件版本查询" })],
        "/log/summon" => vec![json!({ "file_name": "运行.log", "selection": pile })],
        "/organization/add" => vec![json!({ "parent_id": EAST, "details": { "organization_name": "新" } })],
        "/organization/edit" => {
            let details = json!({ "details": { "organization_name": "新" } });
            vec![with(version("organization_id", EAST), details)]
        }
        "/organization/station/distribution" => {
            vec![json!({ "organization_id": EAST, "sta_ids": [2001] })]
        }
        "/ota/campaign/add" => vec![campaign.clone(), with(campaign, east)],
        "/ota/campaign/edit" => vec![with(version("campaign_id", 9002), json!({ "name": "新" }))],
        "/parameter/correct" => vec![json!({ "template_id": 9701, "selection": pile })],
        "/parameter/template/add" => vec![with(template, east)],
        "/parameter/template/edit" => vec![with(version("template_id", 9701), template)],
        "/registration/swap" => vec![
            json!({ "device_id": 3001, "new_sn": "SN1" }),
            json!({ "uuid": "AAAAAAAA", "new_sn": "SN1" }),
        ],
        // Without an organization it is the caller's, and never means the piles of others.
        "/schedule/add" => vec![with(schedule, east)],
        "/schedule/edit" => vec![with(version("schedule_id", 9501), json!({ "name": "新" }))],
        "/station/add" => vec![with(json!({ "sta_name": "新" }), east)],
        "/station/edit" => vec![with(version("sta_id", 2001), json!({ "city": "苏州" }))],
        "/user/edit" => vec![with(version("user_id", 30), json!({ "details": person }))],
        "/user/reset_password" => vec![version("user_id", 30)],
        _ => return None,
    })
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
    let mut changes = Vec::new();
    for (path, item) in document["paths"].as_object().expect("there are paths") {
        let schema = &item["post"]["requestBody"]["content"]["application/json"]["schema"];
        let bodies = sound(path).or_else(|| Some(vec![aimed(sample(&document, schema))?]));
        changes.extend(bodies.into_iter().flatten().map(|body| (path, body)));
    }
    // What is deleted is not there for the others.
    changes.sort_by_key(|(path, _)| path.ends_with("/delete"));
    let mut wrong = Vec::new();
    for (path, body) in &changes {
        let reply = stranger.post(path, body).await?;
        // A station that is not there is not there as the value of a field.
        if reply.status != 404 && !reply.text.contains("sta_id：场站不存在") {
            wrong.push(format!(
                "a stranger's {path} {body}: {} {}",
                reply.status, reply.text
            ));
        }
    }
    let done = world.number("SELECT count() FROM operation_record").await?;
    for (path, body) in &changes {
        // Only what it is may be in the way of its owner, and that there is no register.
        let reply = owner.post(path, body).await?;
        if !matches!(reply.status, 200 | 409) && !path.starts_with("/registration/") {
            wrong.push(format!(
                "the owner's {path} {body}: {} {}",
                reply.status, reply.text
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(done, 0, "a stranger has done something");
    assert!(changes.len() > 45, "{}", changes.len());
    Ok(())
}
