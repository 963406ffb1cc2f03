//! A little of everything, so that lists have rows and details are found. The ids are those of
//! `schemathesis.toml`; what is done with piles is in `work.rs`.

use store::table::asset::Asset;
use store::table::boot_failed_record::BootFailedRecord;
use store::table::device_model::DeviceModel;
use store::table::login_record::LoginRecord;
use store::table::organization::Organization;
use store::table::organization_station::OrganizationStation;
use store::table::quarantine::Quarantine;
use store::table::registration::Registration;
use store::table::role::Role;
use store::table::run_data::RunData;
use store::table::trade_record::TradeRecord;
use store::table::warn_record::{State, WarnRecord};
use store::{Milli32, Milli64};

use crate::world::{GROUP, World, user};

/// How many there are of each kind: changes and deletions use them up.
const MANY: u64 = 20;

/// Stations 2001… of 集团, piles 3001… at them (3020 nowhere), people 61…, roles 5…, models 5001…, organizations
/// 1101…, TCUs SN1…; the piles have said something in the last minutes.
pub(crate) async fn fill(world: &World) -> anyhow::Result<()> {
    world.stations(MANY).await?;
    let place = |sta_id| OrganizationStation {
        timestamp: 1,
        organization_id: GROUP,
        sta_id,
        ..OrganizationStation::default()
    };
    world
        .insert(&(2001..2001 + MANY).map(place).collect::<Vec<_>>())
        .await?;
    let names: Vec<_> = (0..MANY)
        .map(|n| format!("AAAAAAA{}", char::from(b'A' + n as u8)))
        .collect();
    let mut assets = Vec::new();
    for (n, name) in (0..MANY).zip(&names) {
        assets.push(Asset {
            timestamp: 1,
            device_id: 3001 + n,
            sta_id: if n + 1 == MANY { 0 } else { 2001 + n },
            name,
            model: "DC-120",
            ass_name: "一号桩",
            contract_num: "HT-1",
            ..Asset::default()
        });
    }
    world.insert(&assets).await?;
    people(world).await?;
    let model = |n| DeviceModel {
        timestamp: 1,
        model_id: 5001 + n,
        model: if n == 0 {
            "DC-120".to_owned()
        } else {
            format!("DC-{n}")
        },
        ..DeviceModel::default()
    };
    world.insert(&(0..MANY).map(model).collect::<Vec<_>>()).await?;
    registrations(world).await?;
    let now = store::versioned::now();
    for (n, uuid) in (0..3).zip(&names) {
        said(world, 3001 + n, uuid, now).await?;
    }
    crate::work::fill(world, now).await
}

async fn people(world: &World) -> anyhow::Result<()> {
    let users: Vec<_> = (61..61 + MANY)
        .map(|id| user(id, &format!("person-{id}"), 4))
        .collect();
    world.insert(&users).await?;
    let role = |role_id| Role {
        timestamp: 1,
        role_id,
        role_name: format!("角色{role_id}"),
        permissions: vec!["asset:read".to_owned()],
        ..Role::default()
    };
    world.insert(&(5..5 + MANY).map(role).collect::<Vec<_>>()).await?;
    let organization = |organization_id| Organization {
        timestamp: 1,
        organization_id,
        parent_id: GROUP,
        organization_name: format!("组织{organization_id}"),
        ..Organization::default()
    };
    world
        .insert(&(1101..1101 + MANY).map(organization).collect::<Vec<_>>())
        .await
}

/// TCUs SN1… that wait.
async fn registrations(world: &World) -> anyhow::Result<()> {
    for n in 1..=MANY {
        let waits = Registration {
            timestamp: 1,
            flag_del: 0,
            sn: &format!("SN{n}"),
            uuid: "",
            former_uuid: "",
            state: "待审核",
            model: "DC-120",
            contract_num: "HT-1",
            software_version: "1.0",
            sim: "8986",
            device_id: 0,
            username: "",
            credential: "",
            credential_time: 0,
            request_time: 1,
            login_time: 0,
            decided_by: "",
            reason: "",
        };
        world.insert(&[waits]).await?;
    }
    Ok(())
}

async fn said(world: &World, device_id: u64, uuid: &str, now: i64) -> anyhow::Result<()> {
    let failure = BootFailedRecord {
        timestamp: now - 1000,
        device_id,
        trade_id: "T1",
        gun_num: 1,
        failed_hex: "0X68",
        ..BootFailedRecord::default()
    };
    world.insert(&[failure]).await?;
    let login = LoginRecord {
        timestamp: now - 9000,
        device_id,
        uuid,
        software_version: "1.0",
        ..LoginRecord::default()
    };
    world.insert(&[login]).await?;
    let charge = |content_hash| TradeRecord {
        timestamp: now - 5000,
        recv_time: now - 5000,
        device_id,
        trade_id: "T1",
        content_hash,
        conflict: u8::from(content_hash > 1),
        energy: Some(Milli64(12_345)),
        amount: Some(Milli64(9_990)),
        raw: b"{\"\xb1\":9.99}",
        ..TradeRecord::default()
    };
    world.insert(&[charge(1), charge(2)]).await?;
    let sample = |n: i64| RunData {
        timestamp: now - n * 15_000,
        device_id,
        gun_num: 1,
        work_state: "充电",
        voltage: Some(Milli32(400_000)),
        ..RunData::default()
    };
    world.insert(&(0..100).map(sample).collect::<Vec<_>>()).await?;
    let warning = |warn_code, state| WarnRecord {
        timestamp: now - 2000,
        generate_time: now - 2000,
        device_id,
        warn_code,
        warn_name: "急停按下",
        warn_level: 2,
        state,
        count: 1,
        ..WarnRecord::default()
    };
    world
        .insert(&[warning("W1", State::Raised), warning("W2", State::Recovered)])
        .await?;
    let refused = Quarantine {
        recv_time: now - 1000,
        device_id,
        uuid,
        table_name: "trade_record",
        reason: "unreadable",
        trade_id: "T2",
        payload: b"{\"amount\":\xff}",
        ..Quarantine::default()
    };
    world.insert(&[refused]).await
}
