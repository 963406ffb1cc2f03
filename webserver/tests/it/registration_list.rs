//! Registrations as they are read: filters, pages, files, and who sees which. `register` is not needed for it.

use serde_json::{Value, json};
use store::table::{
    asset::Asset, organization::Organization, organization_station::OrganizationStation,
    registration::Registration,
};

use crate::world::{ACCOUNTS, Client, EAST, FOREIGN, GROUP, STRANGER, World};

/// SN00… SN19: the even ones wait, the odd ones are in service on the piles 3001…, at station 2001 (SN01 … SN09) or
/// without a station.
pub(crate) async fn fill(world: &World) -> anyhow::Result<()> {
    world.stations(1).await?;
    let place = |organization_id| OrganizationStation {
        timestamp: 1,
        organization_id,
        sta_id: 2001,
        ..OrganizationStation::default()
    };
    world.insert(&[place(GROUP), place(EAST)]).await?;
    for n in 0..20_u64 {
        let (sn, serves) = (format!("SN{n:02}"), n % 2 == 1);
        let uuid = format!("AAAAAA{}{}", letter(n / 10), letter(n % 10));
        let registration = Registration {
            timestamp: 5,
            flag_del: 0,
            sn: &sn,
            uuid: if serves { &uuid } else { "" },
            former_uuid: if n == 3 { "ZZZAAAAA" } else { "" },
            state: if serves { "在役" } else { "待审核" },
            model: if n < 10 { "DC-60" } else { "DC-120" },
            contract_num: "HT1",
            software_version: "1.0",
            sim: "8986",
            device_id: if serves { 3000 + n } else { 0 },
            username: "",
            credential: if serves { "pbkdf2-secret" } else { "" },
            credential_time: 0,
            request_time: n as i64,
            login_time: 0,
            decided_by: "",
            reason: "",
        };
        world.insert(&[registration]).await?;
        if serves {
            let pile = Asset {
                timestamp: 1,
                device_id: 3000 + n,
                sta_id: if n < 10 { 2001 } else { 0 },
                name: &uuid,
                ass_name: "一号桩",
                ..Asset::default()
            };
            world.insert(&[pile]).await?;
        }
    }
    Ok(())
}

fn letter(n: u64) -> char {
    char::from(b'A' + n as u8)
}

async fn total(client: &Client, query: &str) -> anyhow::Result<u64> {
    let page = client.get(&format!("/registration/list?{query}")).await?.data();
    Ok(page["total"].as_u64().unwrap())
}

#[tokio::test]
async fn registrations_are_filtered_sorted_paged_and_exported() -> anyhow::Result<()> {
    let world = World::start().await?;
    fill(&world).await?;
    let chief = world.chief().await?;
    for (query, expected) in [
        ("", 20),
        ("state=%E5%BE%85%E5%AE%A1%E6%A0%B8", 10),
        ("sn=sn1", 10),
        ("model=DC-60&contract_num=HT1&sim=8986", 10),
        ("uuid=ZZZAAAAA", 1),
        ("uuid=AAAAAAAB", 1),
        ("device_id=3001", 1),
        ("sta_id=2001", 5),
        ("sn=%27%20OR%201%3D1", 0),
    ] {
        assert_eq!(total(&chief, query).await?, expected, "{query}");
    }
    let page = chief.get("/registration/list?page_size=3").await?.data();
    let names: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["sn"])
        .collect();
    assert_eq!(names, ["SN19", "SN18", "SN17"]);
    let page = chief
        .get("/registration/list?sort=sn&page_size=2&page=2")
        .await?
        .data();
    let (third, fourth) = (&page["items"][0], &page["items"][1]);
    assert_eq!(
        (&third["sn"], &third["allowed"]),
        (&json!("SN02"), &json!(["approve", "refuse", "swap"]))
    );
    assert_eq!(third["has_password"], false);
    assert_eq!(
        (
            &fourth["has_password"],
            &fourth["sta_name"],
            &fourth["ass_name"],
            &fourth["former_uuid"]
        ),
        (
            &json!(true),
            &json!("站2001"),
            &json!("一号桩"),
            &json!("ZZZAAAAA")
        )
    );
    let detail = chief.get("/registration/detail?sn=SN03").await?;
    assert_eq!(&detail.data(), fourth);
    let file = chief.get("/registration/list?export=csv").await?;
    assert_eq!((file.status, file.text.lines().count()), (200, 21));
    for text in [&file.text, &detail.text] {
        assert!(!text.contains("pbkdf2"), "{text}");
    }
    let states = chief.get("/registration/states").await?.data();
    let count = |state: &str| -> Value {
        let all = states.as_array().unwrap();
        all.iter().find(|row| row["state"] == state).unwrap()["count"].clone()
    };
    assert_eq!(
        (count("待审核"), count("在役"), count("已退役")),
        (10.into(), 10.into(), 0.into())
    );
    assert_eq!(
        chief.get("/registration/detail?sn=nobody").await?.failure().0,
        404
    );
    let wrong = chief.get("/registration/list?state=x").await?.failure();
    assert_eq!(wrong.0, 422);
    assert!(wrong.1.starts_with("state：须为待审核"), "{wrong:?}");
    Ok(())
}

#[tokio::test]
async fn what_belongs_to_nobody_is_for_those_who_see_everybody() -> anyhow::Result<()> {
    let world = World::start().await?;
    fill(&world).await?;
    world
        .db
        .client()
        .query_raw(
            "INSERT INTO open_access_daily VALUES ('2026-11-20', 'AAAAAAAB', 'c1', '10.0.0.1', 2), \
             ('2026-11-20', 'AAAAAAAB', 'c1', '10.0.0.1', 3), ('2026-11-21', 'AAAAAABB', 'c2', '10.0.0.2', 1)",
        )
        .execute()
        .await?;
    world
        .db
        .client()
        .query_raw("INSERT INTO registration_allow_list SELECT 1, 0, 'DC-60', '', ''")
        .execute()
        .await?;
    world
        .db
        .client()
        .query_raw("INSERT INTO broker_account SELECT 1, 0, 'li.si', 'staff', 'pbkdf2-secret', ''")
        .execute()
        .await?;
    // Registrations, clients without a password, entries of the allow-list, accounts.
    let sees = async |account: &str| -> anyhow::Result<[u64; 4]> {
        let client = world.client(account).await?;
        let mut totals = [0; 4];
        for (total, path) in totals.iter_mut().zip([
            "/registration/list",
            "/registration/open_access",
            "/registration/allow_list",
            "/broker_account/list",
        ]) {
            let reply = client.get(path).await?;
            assert!(!reply.text.contains("pbkdf2"), "{}", reply.text);
            *total = reply.data()["total"].as_u64().unwrap();
        }
        Ok(totals)
    };
    assert_eq!(sees(ACCOUNTS[0]).await?, [20, 2, 1, 1]);
    // There is another tree beside theirs.
    for account in &ACCOUNTS[1..] {
        assert_eq!(sees(account).await?, [5, 1, 0, 0], "{account}");
    }
    assert_eq!(sees(STRANGER).await?, [0, 0, 0, 0]);
    let manager = world.client(ACCOUNTS[1]).await?;
    assert_eq!(manager.get("/registration/detail?sn=SN01").await?.status, 200);
    for hidden in ["SN00", "SN11"] {
        let reply = manager.get(&format!("/registration/detail?sn={hidden}")).await?;
        assert_eq!(reply.failure().0, 404, "{hidden}");
    }
    let connections = world
        .chief()
        .await?
        .get("/registration/open_access?day=2026-11-20")
        .await?;
    assert_eq!(connections.data()["items"][0]["connections"], 5);

    // Without the other tree they see every organization that there is.
    let gone = Organization {
        timestamp: 2,
        flag_del: 1,
        organization_id: FOREIGN,
        ..Organization::default()
    };
    world.insert(&[gone]).await?;
    world.forget_directory().await?;
    assert_eq!(sees(ACCOUNTS[1]).await?, [20, 2, 1, 1]);
    assert_eq!(sees(STRANGER).await?, [0, 0, 0, 0]);
    Ok(())
}
