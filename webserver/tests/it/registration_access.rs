//! Who may change registrations, the allow-list and accounts: each role what it may, others what they see.

use serde_json::{Value, json};

use crate::register::world;
use crate::registration::{
    SN, approved, by_the_chief, detail, done, in_service, recorded, station_of_the_group,
};
use crate::world::{ACCOUNTS, STRANGER};

/// Every change with what it may be sent, as far as the roles go.
pub(crate) fn changes(sn: &str) -> Vec<(&'static str, Value)> {
    let decided = json!({"sn": sn});
    let changed = json!({"sn": sn, "timestamp": 1});
    let account = json!({"username": "zhang.san", "timestamp": 1});
    vec![
        ("/registration/approve", decided.clone()),
        ("/registration/refuse", decided),
        ("/registration/disable", changed.clone()),
        ("/registration/enable", changed.clone()),
        ("/registration/retire", changed.clone()),
        ("/registration/release", changed.clone()),
        ("/registration/change_uuid", changed),
        ("/registration/swap", json!({"device_id": 3001, "new_sn": sn})),
        (
            "/registration/allow_list/add",
            json!({"model": "M", "contract_num": ""}),
        ),
        (
            "/registration/allow_list/delete",
            json!({"model": "M", "contract_num": "", "timestamp": 1}),
        ),
        (
            "/broker_account/add",
            json!({"username": "zhang.san", "role": "staff"}),
        ),
        ("/broker_account/reset_password", account.clone()),
        ("/broker_account/delete", account),
    ]
}

#[tokio::test]
async fn each_role_does_what_it_may_and_others_see_nothing() -> anyhow::Result<()> {
    let (world, _register) = world().await?;
    station_of_the_group(&world).await?;
    let chief = world.chief().await?;
    let told = approved(&world, &chief, SN).await?;
    let uuid = told["uuid"].as_str().unwrap().to_owned();
    // Before its pile was seen it belongs to nobody.
    let manager = world.client(ACCOUNTS[1]).await?;
    for (path, body) in changes(SN) {
        let refused = manager.post(path, &body).await?.failure().0;
        assert_eq!(refused, 404, "管理员: {path}");
    }
    in_service(&world, &chief, SN, &uuid, 3001).await?;
    for account in &ACCOUNTS[2..] {
        let client = world.client(account).await?;
        assert_eq!(detail(&client, SN).await?["uuid"], uuid);
        for (path, body) in changes(SN) {
            assert_eq!(
                client.post(path, &body).await?.failure().0,
                403,
                "{account}: {path}"
            );
        }
    }
    let stranger = world.client(STRANGER).await?;
    for (path, body) in changes(SN) {
        assert_eq!(stranger.post(path, &body).await?.failure().0, 404, "{path}");
    }
    assert_eq!(
        recorded(&world, "registration").await?,
        by_the_chief(&["approve"])
    );
    // What is on a pile of his is his.
    let timestamp = detail(&manager, SN).await?["timestamp"].clone();
    let body = json!({"sn": SN, "timestamp": timestamp});
    assert_eq!(
        done(&manager, "/registration/disable", &body).await?["state"],
        "已停用"
    );
    let records = recorded(&world, "registration").await?;
    assert!(
        records.ends_with("20 guanliyuan 127.0.0.1 disable 成功"),
        "{records}"
    );
    Ok(())
}
