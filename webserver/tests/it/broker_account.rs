//! The allow-list and the broker's accounts, at a broker whose door `register` keeps.

use serde_json::json;

use crate::register::{Tcu, lets_in, world};
use crate::registration::{SN, by_the_chief, done, recorded};

#[tokio::test]
async fn the_allow_list_and_accounts_are_kept() -> anyhow::Result<()> {
    let (world, _register) = world().await?;
    let chief = world.chief().await?;
    let entry = json!({"model": "DC-120", "contract_num": "", "remark": "试点"});
    let added = done(&chief, "/registration/allow_list/add", &entry).await?;
    assert_eq!(
        chief
            .post("/registration/allow_list/add", &entry)
            .await?
            .failure(),
        (409, "已存在".to_owned())
    );
    let everything = json!({"model": "", "contract_num": ""});
    assert_eq!(
        chief
            .post("/registration/allow_list/add", &everything)
            .await?
            .failure()
            .0,
        422
    );
    // It registers by itself now.
    let mut tcu = Tcu::new(&world, SN).await?;
    let told = tcu.ask().await?;
    assert!(told["密码"].is_string(), "{told}");
    let gone = json!({"model": "DC-120", "contract_num": "", "timestamp": added["timestamp"]});
    done(&chief, "/registration/allow_list/delete", &gone).await?;
    assert_eq!(chief.get("/registration/allow_list").await?.data()["total"], 0);

    let new = json!({"username": "zhang.san", "role": "staff", "remark": "运维一组"});
    let reply = chief.post("/broker_account/add", &new).await?;
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let made = reply.data();
    let first = made["password"].as_str().unwrap();
    assert!(lets_in(&world, "zhang.san", first).await);
    let which = json!({"username": "zhang.san", "timestamp": made["timestamp"]});
    let reset = done(&chief, "/broker_account/reset_password", &which).await?;
    assert!(!lets_in(&world, "zhang.san", first).await);
    assert!(lets_in(&world, "zhang.san", reset["password"].as_str().unwrap()).await);
    assert_eq!(
        chief
            .post("/broker_account/reset_password", &which)
            .await?
            .failure()
            .0,
        409
    );
    let which = json!({"username": "zhang.san", "timestamp": reset["timestamp"]});
    assert_eq!(
        done(&chief, "/broker_account/delete", &which).await?["broker"],
        "已生效"
    );
    assert!(!lets_in(&world, "zhang.san", reset["password"].as_str().unwrap()).await);
    let accounts = chief.get("/broker_account/list?username=zhang").await?;
    assert_eq!(accounts.data()["total"], 0);
    let records = recorded(&world, "broker_account").await?;
    assert_eq!(records, by_the_chief(&["add", "reset_password", "delete"]));
    let secrets = format!(
        "SELECT count() FROM operation_record WHERE position(concat(before, after), '{first}') > 0 \
         OR position(concat(before, after), 'pbkdf2') > 0"
    );
    assert_eq!(world.number(&secrets).await?, 0);
    Ok(())
}
