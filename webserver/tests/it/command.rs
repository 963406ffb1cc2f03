//! Commands: what may be sent and by whom, what reaches ops_tcu, what a pile's answer becomes, and batches.

use serde_json::{Value, json};
use testkit::wait_until;

use crate::piles::{
    Events, LATER, PILE, SECOND, THEIR_UUID, THEIRS, UUID, answer, connector, furnish, hear, log_in, ops_tcu,
    until_connected,
};
use crate::world::{ACCOUNTS, Client, EAST, STRANGER, World};

async fn world() -> anyhow::Result<World> {
    let world = World::start().await?;
    furnish(&world).await?;
    Ok(world)
}

fn command(command: &str, fields: Value) -> Value {
    json!({ "device_id": PILE, "command": command, "fields": fields })
}

#[tokio::test]
async fn who_may_send_what() -> anyhow::Result<()> {
    let world = world().await?;
    let (keeper, reader) = (world.client(ACCOUNTS[2]).await?, world.client(ACCOUNTS[3]).await?);
    let (chief, stranger) = (world.client(ACCOUNTS[1]).await?, world.client(STRANGER).await?);
    until_connected(&keeper).await?;

    let query = command("软件版本查询", json!({}));
    assert!(keeper.post("/command/send", &query).await?.data()["command_id"].is_string());
    assert_eq!(reader.post("/command/send", &query).await?.failure().0, 403);
    assert_eq!(
        stranger.post("/command/send", &query).await?.failure(),
        (404, "不存在".into())
    );

    let restart = command("重启", json!({ "延时_秒": 5 }));
    let refused = keeper.post("/command/send", &restart).await?.failure();
    assert_eq!(refused.0, 403);
    assert!(refused.1.contains("dangerous_command:write"), "{}", refused.1);
    chief.post("/command/send", &restart).await?.data();
    let many = json!({ "command": "重启", "selection": { "device_ids": [PILE] } });
    assert_eq!(keeper.post("/command/batch/send", &many).await?.failure().0, 403);

    // Who may not send it is not told what is wrong with it.
    let disable = command("桩禁用", json!({ "枪": 1 }));
    assert_eq!(keeper.post("/command/send", &disable).await?.failure().0, 403);
    assert_eq!(chief.post("/command/send", &disable).await?.failure().0, 422);
    let many = json!({ "command": "桩禁用", "selection": { "device_ids": [PILE] } });
    assert_eq!(keeper.post("/command/batch/send", &many).await?.failure().0, 403);

    let allowed = async |client: &Client, name: &str| -> anyhow::Result<bool> {
        let kinds = client.get("/command/kinds").await?.data();
        let kind = kinds
            .as_array()
            .unwrap()
            .iter()
            .find(|kind| kind["command"] == name);
        Ok(kind.unwrap()["allowed"] == true)
    };
    assert!(allowed(&keeper, "软件版本查询").await? && !allowed(&keeper, "重启").await?);
    assert!(allowed(&chief, "重启").await? && !allowed(&reader, "软件版本查询").await?);

    for (body, named) in [
        (command("跳舞", json!({})), "command"),
        (command("桩启用", json!({})), "fields.枪号"),
        (command("桩启用", json!({ "枪号": 1, "枪": 2 })), "fields.枪"),
        (
            json!({ "device_id": PILE, "command": "对时", "timeout_s": 0 }),
            "timeout_s",
        ),
    ] {
        let refused = keeper.post("/command/send", &body).await?.failure();
        assert!(refused.0 == 422 && refused.1.starts_with(named), "{refused:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_reaches_ops_tcu_and_what_stays_on_record() -> anyhow::Result<()> {
    let world = world().await?;
    let chief = world.client(ACCOUNTS[1]).await?;
    until_connected(&chief).await?;
    let mut broker = world.stack.mqtt("listener").await?;
    broker.subscribe("/xjdy/ops/v1/PXY/+/cmd").await?;
    let fields = json!({ "服务器IP": "192.0.2.7", "端口": 1882, "用户名": "u", "密码": "geheim" });
    let mut body = command("更新主站", fields);
    body["timeout_s"] = 60.into();
    let key = [("idempotency-key", "move-1")];
    let sent = chief.post_with("/command/send", &body, &key).await?.data();
    let again = chief.post_with("/command/send", &body, &key).await?.data();
    assert_eq!(sent, again);
    let topic = format!("/xjdy/ops/v1/PXY/{UUID}/cmd");
    let heard = broker
        .expect(
            &topic,
            |payload| String::from_utf8_lossy(payload).contains("更新主站"),
            LATER,
        )
        .await?;
    let heard: Value = serde_json::from_slice(&heard.payload)?;
    let expected = json!({
        "命令": "更新主站", "服务器IP": "192.0.2.7", "端口": 1882, "用户名": "u", "密码": "geheim",
        "请求标识": sent["command_id"], "来源": "web:guanliyuan", "超时_秒": 60,
    });
    assert_eq!(heard, expected);

    let cancelled = json!({ "device_id": PILE, "command_id": sent["command_id"] });
    chief.post("/command/cancel", &cancelled).await?.data();
    let heard = broker
        .expect(
            &topic,
            |payload| String::from_utf8_lossy(payload).contains("撤销"),
            LATER,
        )
        .await?;
    let heard: Value = serde_json::from_slice(&heard.payload)?;
    assert_eq!(heard, json!({ "命令": "撤销", "请求标识": sent["command_id"] }));

    let records = chief
        .get("/operation_record/list?operation=%2Fcommand%2Fsend")
        .await?
        .data();
    assert_eq!(
        (&records["total"], &records["items"][0]["result"]),
        (&json!(1), &json!("成功"))
    );
    let text = records.to_string();
    assert!(text.contains("192.0.2.7") && !text.contains("geheim"), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_broker_that_is_away_is_503_for_sends_alone() -> anyhow::Result<()> {
    let mut world = world().await?;
    let chief = world.client(ACCOUNTS[1]).await?;
    until_connected(&chief).await?;
    world.stack.mosquitto.kill().await?;
    let query = command("软件版本查询", json!({}));
    // The connection may still be thought to stand, and then the outcome is not known.
    let reply = chief.post("/command/send", &query).await?;
    assert_eq!(reply.failure(), (503, "服务暂不可用：mqtt".into()));
    assert_eq!(reply.header("retry-after"), Some("5"));
    assert_eq!(chief.get("/command/list").await?.status, 200);
    let many = json!({ "command": "软件版本查询", "selection": { "all": true } });
    assert_eq!(chief.post("/command/batch/send", &many).await?.data()["total"], 2);
    let record =
        "SELECT count() FROM operation_record FINAL WHERE operation = '/command/send' AND result != '成功'";
    assert_eq!(world.number(record).await?, 1);
    world.stack.mosquitto.restart().await?;
    until_connected(&chief).await?;
    chief.post("/command/send", &query).await?.data();
    Ok(())
}

#[tokio::test]
async fn a_pile_answers_and_everybody_concerned_sees_it() -> anyhow::Result<()> {
    let world = world().await?;
    let _tcu = ops_tcu(&world.stack).await?;
    let (keeper, stranger) = (world.client(ACCOUNTS[2]).await?, world.client(STRANGER).await?);
    until_connected(&keeper).await?;
    let mut pile = log_in(&world.stack, UUID).await?;
    let path = format!("/command/events?device_id={PILE}");
    let mut events = Events::open(&world, &keeper, &path).await?;
    events.next("ready", |ready| ready["since"].is_i64()).await?;
    assert_eq!(stranger.get(&path).await?.failure().0, 404);

    let sent = keeper
        .post("/command/send", &command("SIM卡召唤", json!({})))
        .await?
        .data();
    let id = sent["command_id"].as_str().unwrap();
    let heard = hear(&mut pile, UUID, "SIM卡召唤").await?;
    answer(&mut pile, UUID, &heard, json!({ "ICCID": "89860001" })).await?;
    let told = events
        .next("step", |step| {
            step["command_id"] == id && step["state"] == "answered"
        })
        .await?;
    assert_eq!(
        (&told["uuid"], &told["answer"]["ICCID"]),
        (&json!(UUID), &json!("89860001"))
    );

    let detail = format!("/command/detail?device_id={PILE}&command_id={id}");
    wait_until(LATER, async || {
        let reply = keeper.get(&detail).await;
        reply.is_ok_and(|reply| {
            // The record and its steps are tables of their own, a moment apart.
            let steps = |shown: &Value| shown["steps"].as_array().map_or(0, Vec::len);
            reply.status == 200 && reply.data()["command"]["state"] == "answered" && steps(&reply.data()) > 2
        })
    })
    .await?;
    let shown = keeper.get(&detail).await?.data();
    assert!(shown["answer"].as_str().unwrap().contains("89860001"), "{shown}");
    assert_eq!(shown["command"]["source"], "web:yunwei");
    let states: Vec<_> = shown["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| &step["state"])
        .collect();
    assert_eq!(
        (states.first(), states.last()),
        (Some(&&json!("queued")), Some(&&json!("answered"))),
        "{shown}"
    );
    let list = keeper
        .get(&format!("/command/list?command_id={id}&device_id={PILE}"))
        .await?
        .data();
    assert_eq!(
        (&list["total"], &list["items"][0]["sta_name"]),
        (&json!(1), &json!("站2001"))
    );
    assert_eq!(stranger.get(&detail).await?.failure().0, 404);
    let theirs = stranger
        .get(&format!("/command/list?command_id={id}"))
        .await?
        .data();
    assert_eq!(theirs["total"], 0);
    Ok(())
}

#[tokio::test]
async fn a_batch_is_rows_that_wait_for_the_connector() -> anyhow::Result<()> {
    let world = world().await?;
    let (keeper, stranger) = (world.client(ACCOUNTS[2]).await?, world.client(STRANGER).await?);
    let batch = |selection: Value| json!({ "command": "软件版本查询", "name": "普查", "rate_per_s": 50, "selection": selection });
    let sent = keeper
        .post("/command/batch/send", &batch(json!({ "model": "DC-120" })))
        .await?
        .data();
    assert_eq!(sent["total"], 2, "the stranger's pile is not his");
    let id = sent["batch_id"].as_u64().unwrap();
    let detail = keeper
        .get(&format!("/command/batch/detail?batch_id={id}"))
        .await?
        .data();
    assert_eq!(
        (
            &detail["state"],
            &detail["done"],
            &detail["progress"],
            &detail["created_by"]
        ),
        (
            &json!("pending"),
            &json!(0),
            &json!([{ "state": "waiting", "piles": 2 }]),
            &json!("yunwei")
        )
    );
    let piles = keeper
        .get(&format!("/command/batch/piles?batch_id={id}"))
        .await?
        .data();
    let first = &piles["items"][0];
    assert_eq!((&piles["total"], &first["uuid"]), (&json!(2), &json!(UUID)));
    assert_eq!(first["command_id"], format!("b{id}-{PILE}"));

    let turn = async |verb: &str, client: &Client| {
        client
            .post(&format!("/command/batch/{verb}"), &json!({ "batch_id": id }))
            .await
    };
    assert_eq!(turn("pause", &stranger).await?.failure().0, 404);
    assert_eq!(turn("pause", &keeper).await?.data()["state"], "paused");
    let twice = turn("pause", &keeper).await?.failure();
    assert!(
        twice.0 == 409 && twice.1.contains("running, cancelled"),
        "{twice:?}"
    );
    assert_eq!(turn("resume", &keeper).await?.data()["state"], "running");
    assert_eq!(turn("cancel", &keeper).await?.data()["state"], "cancelled");
    assert_eq!(turn("resume", &keeper).await?.failure().0, 409);

    // Of the tree above, and of nobody else.
    let east = keeper.get("/command/batch/list").await?.data();
    assert_eq!(
        (&east["total"], &east["items"][0]["batch_id"]),
        (&json!(1), &json!(id))
    );
    assert_eq!(stranger.get("/command/batch/list").await?.data()["total"], 0);
    for (selection, status) in [
        (json!({ "device_ids": [PILE, THEIRS] }), 404),
        (json!({ "uuids": [THEIR_UUID] }), 404),
        (json!({ "organization_id": 2000 }), 404),
        (json!({ "organization_id": EAST, "device_ids": [SECOND] }), 200),
        (json!({ "model": "DC-999" }), 422),
        (json!({}), 422),
    ] {
        let reply = keeper
            .post("/command/batch/send", &batch(selection.clone()))
            .await?;
        assert_eq!(reply.status, status, "{selection}: {}", reply.text);
    }
    let secret = json!({ "command": "更新主站", "selection": { "all": true },
        "fields": { "服务器IP": "192.0.2.7", "端口": 1882, "密码": "geheim" } });
    let chief = world.client(ACCOUNTS[1]).await?;
    let refused = chief.post("/command/batch/send", &secret).await?.failure();
    assert!(
        refused.0 == 422 && refused.1.contains("fields.密码"),
        "{refused:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_batch_reaches_its_piles_and_tells_so() -> anyhow::Result<()> {
    let world = world().await?;
    let _tcu = ops_tcu(&world.stack).await?;
    let keeper = world.client(ACCOUNTS[2]).await?;
    until_connected(&keeper).await?;
    let mut pile = log_in(&world.stack, UUID).await?;
    let body = json!({ "command": "软件版本查询", "selection": { "device_ids": [PILE] }, "timeout_s": 600 });
    let id = keeper.post("/command/batch/send", &body).await?.data()["batch_id"].clone();
    let mut events = Events::open(&world, &keeper, &format!("/command/events?batch_id={id}")).await?;
    events.next("ready", |ready| ready["since"].is_i64()).await?;
    let _connector = connector(&world.stack).await?;
    let heard = hear(&mut pile, UUID, "软件版本查询").await?;
    answer(&mut pile, UUID, &heard, json!({ "软件版本": "1.0.7" })).await?;
    let told = events.next("step", |step| step["state"] == "answered").await?;
    assert_eq!(told["command_id"], format!("b{id}-{PILE}"));
    let detail = format!("/command/batch/detail?batch_id={id}");
    wait_until(LATER, async || {
        let reply = keeper.get(&detail).await;
        reply.is_ok_and(|reply| reply.data()["state"] == "finished")
    })
    .await?;
    let done = keeper.get(&detail).await?.data();
    assert_eq!(
        (&done["done"], &done["progress"]),
        (&json!(1), &json!([{ "state": "answered", "piles": 1 }]))
    );
    Ok(())
}
