//! Every route of the OpenAPI document that names something by its id, asked by somebody of another organization
//! for what is not his.

use serde_json::{Value, json};
use store::table::asset::Asset;
use store::table::organization_station::OrganizationStation;

use crate::document::sample;
use crate::world::{ACCOUNTS, EAST, GROUP, STRANGER, World};

const STATION: u64 = 2001;
const PILE: u64 = 3001;

/// What belongs to the tree of 集团, by the name of the field that holds its id.
const THEIRS: [(&str, u64); 5] = [
    ("organization_id", EAST),
    ("parent_id", GROUP),
    ("user_id", 20),
    ("sta_id", STATION),
    ("device_id", PILE),
];

async fn world() -> anyhow::Result<World> {
    let world = World::start().await?;
    world.stations(1).await?;
    let grant = |organization_id| OrganizationStation {
        timestamp: 1,
        organization_id,
        sta_id: STATION,
        ..OrganizationStation::default()
    };
    world.insert(&[grant(GROUP), grant(EAST)]).await?;
    let pile = Asset {
        timestamp: 1,
        device_id: PILE,
        sta_id: STATION,
        name: "AAAAALFW",
        ..Asset::default()
    };
    world.insert(&[pile]).await?;
    Ok(world)
}

/// The body with their ids in it, wherever it has such fields at its top; none if it has none.
fn aimed(mut body: Value) -> Option<Value> {
    let fields = body.as_object_mut()?;
    let mut aims = false;
    for (name, id) in THEIRS {
        if let Some(field) = fields.get_mut(name) {
            *field = id.into();
            aims = true;
        }
    }
    if let Some(field) = fields.get_mut("timestamp") {
        *field = json!(1);
    }
    aims.then_some(body)
}

#[tokio::test]
async fn what_belongs_to_others_is_neither_seen_nor_changed() -> anyhow::Result<()> {
    let world = world().await?;
    let document = world.server.get("/openapi.json").await?.json();
    let (stranger, owner) = (world.client(STRANGER).await?, world.client(ACCOUNTS[1]).await?);
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().expect("there are paths") {
        let schema = &item["post"]["requestBody"]["content"]["application/json"]["schema"];
        if let Some(body) = aimed(sample(&document, schema)) {
            let reply = stranger.post(path, &body).await?;
            // A rule may be looked at before the thing itself.
            assert!(matches!(reply.failure().0, 404 | 422), "{path}: {}", reply.text);
            asked += 1;
        }
        let parameters = item["get"]["parameters"].as_array().into_iter().flatten();
        for (name, id) in parameters.filter_map(theirs) {
            let path = format!("{path}?{name}={id}");
            let reply = stranger.get(&path).await?;
            let nothing = matches!(reply.status, 404 | 422) || is_nothing(&reply.data()["total"]);
            assert!(nothing, "{path}: {}", reply.text);
            if path.contains("/stream?") || path.starts_with("/command/events?") {
                // Its owner's has no end.
                continue;
            }
            let reply = owner.get(&path).await?;
            assert!(matches!(reply.status, 200 | 422), "{path}: {}", reply.text);
            asked += 1;
        }
    }
    assert!(asked > 10, "{asked}");
    assert_eq!(world.number("SELECT count() FROM operation_record").await?, 0);
    Ok(())
}

/// No rows, or figures that are all zero.
fn is_nothing(total: &Value) -> bool {
    match total {
        Value::Object(figures) => !figures.is_empty() && figures.values().all(is_nothing),
        number => number.as_f64() == Some(0.0),
    }
}

fn theirs(parameter: &Value) -> Option<(&'static str, u64)> {
    THEIRS.into_iter().find(|(name, _)| parameter["name"] == *name)
}
