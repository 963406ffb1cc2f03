//! Two web servers side by side, and people who change the same things at once.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use serde_json::json;

use crate::server::Server;
use crate::world::{Client, GROUP, World};

const CLIENTS: usize = 50;
const EDITS_EACH: usize = 3;
const MODELS: usize = 5;

/// Adds one to the number in a model's name, again and again until nobody comes in between. Gives the model,
/// and the version that was made.
async fn count_up(client: &Client, model: usize) -> anyhow::Result<(u64, i64)> {
    loop {
        let list = client
            .get(&format!("/device_model/list?model=m{model}-"))
            .await?
            .data();
        let mut edit = list["items"][0].clone();
        let name = edit["model"].as_str().expect("there is a model").to_owned();
        let (name, number) = name.split_once('-').expect("as it was made");
        edit["model"] = format!("{name}-{}", number.parse::<u64>()? + 1).into();
        let reply = client.post("/device_model/edit", &edit).await?;
        if reply.status == 200 {
            let data = reply.data();
            let version = data["timestamp"].as_i64().expect("a version");
            return Ok((data["model_id"].as_u64().expect("an id"), version));
        }
        assert_eq!(reply.failure().0, 409);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_update_is_lost_and_every_one_is_recorded() -> anyhow::Result<()> {
    let world = World::start().await?;
    let other = Server::start(&world.stack).await?;
    let chief = world.chief().await?;
    for model in 0..MODELS {
        let body = json!({ "model": format!("m{model}-0") });
        chief.post("/device_model/add", &body).await?.data();
    }
    let work = (0..CLIENTS).map(|n| {
        let client = if n.is_multiple_of(2) {
            chief.clone()
        } else {
            chief.at(&other)
        };
        async move {
            let mut made = Vec::new();
            for edit in 0..EDITS_EACH {
                made.push(count_up(&client, (n + edit) % MODELS).await?);
            }
            anyhow::Ok(made)
        }
    });
    let mut versions = BTreeMap::<u64, Vec<i64>>::new();
    for (model_id, version) in try_join_all(work).await?.into_iter().flatten() {
        versions.entry(model_id).or_default().push(version);
    }
    for (model_id, versions) in &mut versions {
        let made = versions.len();
        versions.sort_unstable();
        versions.dedup();
        assert_eq!(versions.len(), made, "a version was made twice");
        let sql = format!(
            "SELECT toUInt64(splitByChar('-', model)[2]) FROM device_model FINAL WHERE model_id = {model_id}"
        );
        assert_eq!(world.number(&sql).await?, made as u64, "an update was lost");
        let newest =
            format!("SELECT toUInt64(timestamp) FROM device_model FINAL WHERE model_id = {model_id}");
        assert_eq!(
            world.number(&newest).await? as i64,
            *versions.last().expect("edited")
        );
    }
    let records = "SELECT count() FROM operation_record FINAL WHERE operation = '/device_model/edit'";
    assert_eq!(world.number(records).await?, (CLIENTS * EDITS_EACH) as u64);
    let done = format!("{records} AND result = '成功'");
    assert_eq!(world.number(&done).await?, (CLIENTS * EDITS_EACH) as u64);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_that_want_one_name_one_gets_it() -> anyhow::Result<()> {
    let world = World::start().await?;
    let other = Server::start(&world.stack).await?;
    let chief = world.chief().await?;
    let add = async |n: usize| {
        let client = if n.is_multiple_of(2) {
            chief.clone()
        } else {
            chief.at(&other)
        };
        let details = json!({ "organization_name": "同名" });
        let body = json!({ "parent_id": GROUP, "details": details });
        anyhow::Ok(client.post("/organization/add", &body).await?.status)
    };
    let statuses = try_join_all((0..20).map(add)).await?;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 19);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn distributions_at_once_leave_a_tree_that_holds() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.stations(20).await?;
    let other = Server::start(&world.stack).await?;
    let chief = world.chief().await?;
    let ask = async |n: u64| {
        let client = if n.is_multiple_of(2) {
            chief.clone()
        } else {
            chief.at(&other)
        };
        let sta_ids: Vec<u64> = (0..20)
            .filter(|bit| (n * 2_654_435_761) >> bit & 1 == 1)
            .map(|bit| 2001 + bit)
            .collect();
        let body = json!({ "organization_id": 1000 + n % 3, "sta_ids": sta_ids });
        // A busy machine may take longer than a change waits for others.
        let path = "/organization/station/distribution";
        while client.post(path, &body).await?.status == 409 {}
        anyhow::Ok(())
    };
    try_join_all((0..30).map(ask)).await?;
    let more = "SELECT count() FROM organization_station AS o FINAL WHERE o.flag_del = 0 \
                AND o.organization_id IN (1001, 1002) AND (o.organization_id - 1, o.sta_id) NOT IN \
                (SELECT organization_id, sta_id FROM organization_station FINAL WHERE flag_del = 0)";
    assert_eq!(world.number(more).await?, 0);
    Ok(())
}
