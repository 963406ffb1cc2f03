//! `POST /organization/station/distribution`, to the letter; and what holds whatever happens.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use clickhouse::Row;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde::Deserialize;
use serde_json::{Value, json};
use testkit::wait_until;

use crate::world::{ACCOUNTS, Client, EAST, FOREIGN, GROUP, SHANGHAI, World};

const PATH: &str = "/organization/station/distribution";
/// The version of what was written last; unlike a number of rows it stays what it is when parts are merged.
const NEWEST: &str = "SELECT toUInt64(max(timestamp)) FROM organization_station";

fn select(organization_id: u64, sta_ids: &[u64]) -> Value {
    json!({ "organization_id": organization_id, "sta_ids": sta_ids })
}

#[derive(Row, Deserialize)]
struct Grant {
    organization_id: u64,
    sta_id: u64,
}

async fn grants(world: &World) -> anyhow::Result<BTreeMap<u64, BTreeSet<u64>>> {
    let sql = "SELECT ?fields FROM organization_station FINAL WHERE flag_del = 0";
    let mut all = BTreeMap::<_, BTreeSet<_>>::new();
    for grant in world.db.client().query(sql).fetch_all::<Grant>().await? {
        all.entry(grant.organization_id).or_default().insert(grant.sta_id);
    }
    Ok(all)
}

async fn has(world: &World, organization_id: u64) -> anyhow::Result<Vec<u64>> {
    let own = grants(world).await?.remove(&organization_id);
    Ok(own.into_iter().flatten().collect())
}

#[tokio::test]
async fn stations_come_upwards_and_go_downwards() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.stations(4).await?;
    let chief = world.chief().await?;
    let reply = chief
        .post(PATH, &select(SHANGHAI, &[2001, 2002, 2003, 2002]))
        .await?;
    assert_eq!(
        reply.json(),
        json!({ "status": 1, "msg": "成功", "data": "程序运行成功了" })
    );
    for organization in [GROUP, EAST, SHANGHAI] {
        assert_eq!(
            has(&world, organization).await?,
            [2001, 2002, 2003],
            "{organization}"
        );
    }
    chief.post(PATH, &select(EAST, &[2002, 2004])).await?.data();
    assert_eq!(has(&world, GROUP).await?, [2001, 2002, 2003, 2004]);
    assert_eq!(has(&world, EAST).await?, [2002, 2004]);
    assert_eq!(has(&world, SHANGHAI).await?, [2002]);
    assert!(has(&world, FOREIGN).await?.is_empty());
    // Back again, above a deletion's version.
    chief.post(PATH, &select(SHANGHAI, &[2001, 2002])).await?.data();
    assert_eq!(has(&world, EAST).await?, [2001, 2002, 2004]);

    let written = world.number(NEWEST).await?;
    chief.post(PATH, &select(SHANGHAI, &[2002, 2001])).await?.data();
    assert_eq!(world.number(NEWEST).await?, written, "not idempotent");
    let records = "SELECT count() FROM operation_record FINAL WHERE result = '成功' AND resource = 'organization_station'";
    assert_eq!(world.number(records).await?, 3);

    let keeper = world.client(ACCOUNTS[1]).await?;
    let list = format!("/organization/station/list?organization_id={SHANGHAI}");
    let list = keeper.get(&list).await?.data();
    let expected = json!({ "organization_id": SHANGHAI, "sta_id": 2001, "sta_name": "站2001" });
    assert_eq!((&list["total"], &list["items"][0]), (&2.into(), &expected));
    for wrong in [
        json!({ "organization_id": SHANGHAI }),
        json!({ "sta_ids": [1] }),
        json!({ "organization_id": "x", "sta_ids": [] }),
    ] {
        assert_eq!(chief.post(PATH, &wrong).await?.failure().0, 422);
    }
    assert_eq!(chief.post(PATH, &select(SHANGHAI, &[9])).await?.failure().0, 404);
    assert_eq!(chief.post(PATH, &select(9, &[])).await?.failure().0, 404);
    Ok(())
}

#[tokio::test]
async fn a_moved_organization_takes_its_stations_along() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.stations(2).await?;
    let chief = world.chief().await?;
    chief.post(PATH, &select(SHANGHAI, &[2001, 2002])).await?.data();
    let relocate = json!({ "organization_id": SHANGHAI, "timestamp": 1, "parent_id": FOREIGN });
    chief.post("/organization/move", &relocate).await?.data();
    assert_eq!(has(&world, FOREIGN).await?, [2001, 2002]);
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_recorded_or_written_changes_nothing() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.stations(3).await?;
    let chief = world.chief().await?;
    let run = async |sql: &str| world.db.client().query_raw(sql).execute().await;
    run("RENAME TABLE operation_record TO operation_record_away").await?;
    let reply = chief.post(PATH, &select(SHANGHAI, &[2001])).await?;
    assert_eq!(reply.status, 500);
    assert_eq!(
        reply.json(),
        json!({ "status": 0, "msg": "操作记录生成异常", "data": 0 })
    );
    assert!(grants(&world).await?.is_empty());
    run("RENAME TABLE operation_record_away TO operation_record").await?;

    run("ALTER TABLE organization_station ADD CONSTRAINT not_this CHECK sta_id != 2003").await?;
    let reply = chief.post(PATH, &select(SHANGHAI, &[2001, 2003])).await?;
    assert_eq!(
        reply.json(),
        json!({ "status": 0, "msg": "增加操作失败", "data": 0 })
    );
    assert!(grants(&world).await?.is_empty());
    let failed = "SELECT count() FROM operation_record FINAL WHERE result = '失败'";
    assert_eq!(world.number(failed).await?, 1);
    Ok(())
}

#[tokio::test]
async fn whatever_the_sequence_nobody_has_what_the_one_above_has_not() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.stations(6).await?;
    let chief = world.chief().await?;
    let mut random = StdRng::seed_from_u64(20_260_601);
    let mut parents = BTreeMap::from([(GROUP, 0), (EAST, GROUP), (SHANGHAI, EAST), (FOREIGN, 0)]);
    let mut changes = 0;
    for step in 0..60 {
        let ids: Vec<u64> = parents.keys().copied().collect();
        let (a, b) = (
            ids[random.random_range(0..ids.len())],
            ids[random.random_range(0..ids.len())],
        );
        match random.random_range(0..10) {
            0 if ids.len() < 12 => {
                let details = json!({ "organization_name": format!("o{step}") });
                let added = chief
                    .post(
                        "/organization/add",
                        &json!({ "parent_id": a, "details": details }),
                    )
                    .await?;
                let id = added.data()["organization_id"].as_u64().unwrap();
                parents.insert(id, a);
            }
            1 | 2 => {
                let timestamp = version(&world, a).await?;
                let relocate = json!({ "organization_id": a, "timestamp": timestamp, "parent_id": b });
                let reply = chief.post("/organization/move", &relocate).await?;
                if reply.status == 200 {
                    parents.insert(a, b);
                } else {
                    assert_eq!(reply.failure().0, 409);
                }
            }
            _ => {
                let wanted: Vec<u64> = (2001..2007).filter(|_| random.random_bool(0.5)).collect();
                changes += u64::from(has(&world, a).await? != wanted);
                chief.post(PATH, &select(a, &wanted)).await?.data();
                assert_eq!(has(&world, a).await?, wanted);
                // Asked again, it changes and records nothing.
                let written = world.number(NEWEST).await?;
                chief.post(PATH, &select(a, &wanted)).await?.data();
                assert_eq!(world.number(NEWEST).await?, written, "step {step}");
            }
        }
        let all = grants(&world).await?;
        let none = BTreeSet::new();
        for (id, parent) in parents.iter().filter(|(_, parent)| **parent != 0) {
            let (own, above) = (all.get(id).unwrap_or(&none), all.get(parent).unwrap_or(&none));
            assert!(own.is_subset(above), "step {step}: {id} has more than {parent}");
        }
    }
    let records = "SELECT count() FROM operation_record FINAL WHERE result = '成功' AND resource = 'organization_station'";
    assert_eq!(world.number(records).await?, changes);
    Ok(())
}

async fn version(world: &World, organization_id: u64) -> anyhow::Result<u64> {
    let sql = "SELECT toUInt64(max(timestamp)) FROM organization WHERE organization_id = ";
    world.number(&format!("{sql}{organization_id}")).await
}

#[tokio::test]
async fn killing_clickhouse_in_the_middle_leaves_all_or_nothing() -> anyhow::Result<()> {
    const STATIONS: u64 = 3000;
    let mut world = World::start().await?;
    world.stations(STATIONS).await?;
    let chief = world.chief().await?;
    let all: Vec<u64> = (2001..2001 + STATIONS).collect();
    let mut had = 0;
    for round in 0..8_u64 {
        let wanted = if had == 0 { all.as_slice() } else { &[] };
        let asked = {
            let (client, body): (Client, Value) = (chief.clone(), select(SHANGHAI, wanted));
            tokio::spawn(async move { client.post(PATH, &body).await })
        };
        // From before the first query to after the last insert.
        tokio::time::sleep(Duration::from_millis(round * 12)).await;
        world.stack.chdbd.kill().await?;
        let reply = asked.await??;
        world.stack.chdbd.restart().await?;
        let sql = "SELECT count() FROM organization_station FINAL WHERE flag_del = 0";
        let back = async || world.number(sql).await.is_ok();
        wait_until(Duration::from_secs(120), back).await?;
        let now = world.number(sql).await?;
        let (before, after) = (had, 3 * wanted.len() as u64);
        // Taken from 上海 alone, the others keep theirs.
        let after = if had == 0 { after } else { had - STATIONS };
        assert!(
            now == before || now == after,
            "round {round}: {now} of {before} and {after}"
        );
        if reply.status == 200 {
            assert_eq!(now, after, "round {round}: told done, and it is not");
        }
        // Puts it right, whatever happened: the next round begins with everything or nothing.
        for organization in [SHANGHAI, GROUP] {
            let wanted = if had == 0 { all.as_slice() } else { &[] };
            chief.post(PATH, &select(organization, wanted)).await?.data();
        }
        had = world.number(sql).await?;
        assert!(had == 0 || had == 3 * STATIONS, "round {round}: {had}");
    }
    Ok(())
}
