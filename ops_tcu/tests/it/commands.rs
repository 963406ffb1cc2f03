//! Commands on their way to piles: asked for on `PXY`, delivered, answered on either topic, timed out, queued; and
//! those that staff send by hand, which disturb nothing.

use serde_json::{Value, json};
use testkit::MqttClient;

use crate::world::{SOON, World, message, until};

fn proxy(uuid: &str) -> String {
    format!("/xjdy/ops/v1/PXY/{uuid}/cmd")
}

pub(crate) fn outcomes(uuid: &str) -> String {
    format!("/xjdy/ops/v1/PXY/{uuid}/resp")
}

/// Whether a payload is an outcome of the command that was asked for under this mark.
pub(crate) fn step(mark: &str, state: &str) -> impl Fn(&[u8]) -> bool {
    let (mark, state) = (mark.to_owned(), state.to_owned());
    move |payload| {
        let said: Value = serde_json::from_slice(payload).unwrap_or_default();
        said["请求标识"] == mark.as_str() && said["状态"] == state.as_str()
    }
}

pub(crate) async fn ask(
    piles: &mut MqttClient,
    uuid: &str,
    mark: &str,
    mut command: Value,
) -> anyhow::Result<()> {
    command["请求标识"] = mark.into();
    piles.publish(&proxy(uuid), command.to_string()).await
}

pub(crate) async fn outcome(
    piles: &mut MqttClient,
    uuid: &str,
    mark: &str,
    state: &str,
) -> anyhow::Result<Value> {
    let heard = piles.expect(&outcomes(uuid), step(mark, state), SOON).await?;
    Ok(serde_json::from_slice(&heard.payload)?)
}

/// The command as the pile got it.
pub(crate) async fn delivered(piles: &mut MqttClient, uuid: &str, command: &str) -> anyhow::Result<Value> {
    let heard = piles
        .expect(&message::cmd(uuid), message::is_any(command), SOON)
        .await?;
    Ok(serde_json::from_slice(&heard.payload)?)
}

/// A command's row.
async fn record(world: &World, reqid: &Value) -> anyhow::Result<Value> {
    world.until_drained().await?;
    let row = format!(
        "SELECT source, caller, attempts, command, state, result, reason, request, sent_time >= created_time AS sent, \
         answered_time >= created_time AS answered FROM command_record FINAL WHERE reqid = {reqid}"
    );
    Ok(world.until_rows(&row, 1).await?.remove(0))
}

fn online(uuid: &str) -> (String, Vec<u8>) {
    (message::msg(uuid), message::login(1, "SN1"))
}

/// 下载 as captured in the field.
fn download() -> Value {
    json!({
        "命令": "下载", "文件类型": "程序包", "服务器地址": "192.0.2.7", "端口": 21, "用户名": "anonymous", "密码": "geheim",
        "FTP路径": "/ops/AAAAALFW/download/actest107.bin", "字节数": 583_760, "MD5": "2a8d1a212c7f713cdacb5cb6df55353a",
        "数字签名": "", "版本号": "", "子设备编号": [],
    })
}

#[tokio::test]
async fn a_proxied_command_is_delivered_answered_and_put_on_record() -> anyhow::Result<()> {
    let world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let uuid = &message::uuid(8708);
    let (topic, login) = online(uuid);
    piles.publish(&topic, login).await?;
    ask(&mut piles, uuid, "job", download()).await?;
    let command = delivered(&mut piles, uuid, "下载").await?;
    for (key, value) in download().as_object().unwrap() {
        assert_eq!(&command[key], value, "{key}");
    }
    assert!(
        command.get("请求标识").is_none(),
        "the mark is not the pile's business"
    );
    let reqid = &command["reqid"];
    outcome(&mut piles, uuid, "job", "queued").await?;
    outcome(&mut piles, uuid, "job", "sent").await?;
    let progress = json!({"命令": "下载进度", "reqid": reqid, "进度": "40"});
    piles.publish(&topic, progress.to_string()).await?;
    let told = outcome(&mut piles, uuid, "job", "sent").await?;
    assert_eq!(told["进度"], 40, "{told}");
    // Newer firmware answers here.
    let elsewhere = format!("/xjdy/ops/v1/TCU/{uuid}/cmd_resp/download");
    let answer = json!({"命令": "下载应答", "reqid": reqid, "结果": "成功"});
    piles.publish(&elsewhere, answer.to_string()).await?;
    let told = outcome(&mut piles, uuid, "job", "answered").await?;
    assert_eq!((&told["应答"], &told["reqid"]), (&answer, reqid));

    let mut row = record(&world, reqid).await?;
    let request: Value = serde_json::from_str(row["request"].take().as_str().unwrap())?;
    assert_eq!(request["密码"], "***", "no password may be read in the database");
    assert_eq!(request["FTP路径"], download()["FTP路径"]);
    let expected = json!({
        "source": "平台", "caller": "job", "attempts": 1, "command": "下载", "state": "answered", "result": "成功", "reason": "", "request": null, "sent": 1,
        "answered": 1,
    });
    assert_eq!(row, expected);
    world.tcu.assert_log_is_clean();
    Ok(())
}

#[tokio::test]
async fn a_command_that_fails_or_is_never_answered_says_so() -> anyhow::Result<()> {
    let world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let uuid = &message::uuid(8708);
    let (topic, login) = online(uuid);
    piles.publish(&topic, login).await?;
    let query = json!({"命令": "参数查询", "配置列表": [{"名称": "上送周期_秒"}]});
    ask(&mut piles, uuid, "fails", query).await?;
    let reqid = delivered(&mut piles, uuid, "参数查询").await?["reqid"].clone();
    let answer = json!({"命令": "参数查询应答", "reqid": reqid, "结果": "失败", "失败原因": "忙"});
    piles.publish(&topic, answer.to_string()).await?;
    let told = outcome(&mut piles, uuid, "fails", "failed").await?;
    assert_eq!(told["失败原因"], "忙", "{told}");
    let row = record(&world, &reqid).await?;
    assert_eq!((&row["state"], &row["reason"]), (&json!("failed"), &json!("忙")));

    let summon = json!({"命令": "SIM卡召唤", "超时_秒": 1});
    ask(&mut piles, uuid, "silence", summon).await?;
    let reqid = delivered(&mut piles, uuid, "SIM卡召唤").await?["reqid"].clone();
    let told = outcome(&mut piles, uuid, "silence", "timed_out").await?;
    assert_eq!(told["失败原因"], "期限内桩未应答", "{told}");
    let row = record(&world, &reqid).await?;
    let states = (&row["state"], &row["sent"], &row["answered"]);
    assert_eq!(states, (&json!("timed_out"), &json!(1), &json!(0)));
    Ok(())
}

#[tokio::test]
async fn a_command_waits_for_a_pile_that_is_off_line() -> anyhow::Result<()> {
    let world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let uuid = &message::uuid(3);
    let (topic, login) = online(uuid);
    piles.publish(&topic, login.clone()).await?;
    world.until_state(uuid, |state| state.online).await?;
    let status = format!("/xjdy/ops/v1/TCU/{uuid}/status");
    piles.publish(&status, r#"{"状态":"离线"}"#).await?;
    world.until_state(uuid, |state| !state.online).await?;

    ask(&mut piles, uuid, "late", json!({"命令": "重启", "延时_秒": 5})).await?;
    ask(
        &mut piles,
        uuid,
        "too late",
        json!({"命令": "对时", "系统时间": message::time(message::now()), "超时_秒": 1}),
    )
    .await?;
    outcome(&mut piles, uuid, "late", "queued").await?;
    let told = outcome(&mut piles, uuid, "too late", "timed_out").await?;
    assert_eq!(told["失败原因"], "期限内桩未上线", "{told}");
    let mut early = piles.received();
    early.retain(|m| m.topic == message::cmd(uuid) && !message::is_any("登录应答")(&m.payload));
    assert!(early.is_empty(), "{early:?}");

    piles.publish(&topic, login).await?;
    delivered(&mut piles, uuid, "重启").await?;
    outcome(&mut piles, uuid, "late", "sent").await?;
    Ok(())
}

#[tokio::test]
async fn commands_that_make_no_sense_are_refused_in_words() -> anyhow::Result<()> {
    let world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let uuid = &message::uuid(4);
    let (topic, login) = online(uuid);
    piles.publish(&topic, login).await?;
    let cases = [
        ("not JSON", "JSON"),
        ("[]", "object"),
        (r#"{"命令":"起飞"}"#, "起飞"),
        (r#"{"命令":"重启","超时_秒":0}"#, "超时_秒"),
        (r#"{"命令":"重启","请求标识":7}"#, "请求标识"),
    ];
    for (command, reason) in cases {
        piles.publish(&proxy(uuid), command).await?;
        let refused = |payload: &[u8]| {
            let said: Value = serde_json::from_slice(payload).unwrap_or_default();
            said["状态"] == "refused" && said["失败原因"].as_str().is_some_and(|why| why.contains(reason))
        };
        piles.expect(&outcomes(uuid), refused, SOON).await?;
    }
    // 40 at once for one pile: one in flight, 32 wait, the rest is refused.
    for n in 0..40 {
        ask(&mut piles, uuid, &format!("flood-{n}"), json!({"命令": "重启"})).await?;
    }
    outcome(&mut piles, uuid, "flood-39", "refused").await?;
    outcome(&mut piles, uuid, "flood-32", "queued").await?;
    delivered(&mut piles, uuid, "重启").await?;
    world.until_drained().await?;
    let sent = "SELECT count() FROM command_record WHERE state = 'sent'";
    assert_eq!(world.number(sent).await?, 1, "one of a kind is in flight");
    Ok(())
}

/// Staff publish commands by hand. The answer carries a number that the platform did not give.
#[tokio::test]
async fn an_answer_with_a_foreign_number_disturbs_nothing() -> anyhow::Result<()> {
    let world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let uuid = &message::uuid(5);
    let (topic, login) = online(uuid);
    piles.publish(&topic, login).await?;
    ask(&mut piles, uuid, "ours", json!({"命令": "日志召唤", "服务器地址": "192.0.2.7", "端口": 21, "用户名": "u", "密码": "p", "FTP路径": "/ops/x", "文件名": "x.log"})).await?;
    let ours = delivered(&mut piles, uuid, "日志召唤").await?["reqid"]
        .as_u64()
        .unwrap();
    let answer =
        |reqid: u64, command: &str| json!({"命令": command, "reqid": reqid, "结果": "成功"}).to_string();
    piles.publish(&topic, answer(234, "日志召唤应答")).await?;
    // Our number, but another command.
    piles.publish(&topic, answer(ours, "重启应答")).await?;
    let foreign =
        "SELECT command, reqid, state, source FROM command_record WHERE source = '外部' ORDER BY command";
    let rows = world.until_rows(foreign, 2).await?;
    let row = |command: &str, reqid: u64| json!({"command": command, "reqid": reqid, "state": "answered", "source": "外部"});
    assert_eq!(rows, [row("日志召唤", 234), row("重启", ours)]);
    let told: Vec<_> = piles.received();
    let told = told
        .iter()
        .filter(|m| step("ours", "answered")(&m.payload))
        .count();
    assert_eq!(told, 0, "our command is still on its way");

    piles.publish(&topic, answer(ours, "日志召唤应答")).await?;
    let told = outcome(&mut piles, uuid, "ours", "sent").await?;
    assert_eq!(told["失败原因"], "桩已受理", "{told}");
    piles.publish(&topic, answer(ours, "日志上传完成")).await?;
    let told = outcome(&mut piles, uuid, "ours", "answered").await?;
    assert_eq!(told["进度"], 100, "{told}");
    // The pile's later words on a command that has ended are on its timeline, and change nothing.
    piles.publish(&topic, answer(ours, "日志上传完成")).await?;
    piles.publish(&topic, answer(ours, "日志召唤应答")).await?;
    let steps = format!("SELECT state, reason FROM command_step WHERE reqid = {ours} ORDER BY timestamp");
    let steps = world.until_rows(&steps, 6).await?;
    let states: Vec<_> = steps.iter().map(|step| step["state"].as_str().unwrap()).collect();
    assert_eq!(
        states,
        ["queued", "sent", "sent", "answered", "answered", "answered"]
    );
    assert_eq!(steps[5]["reason"], "结束之后的应答: 成功");
    assert_eq!(world.rows(foreign).await?.len(), 2);
    Ok(())
}

/// The poll goes round the fleet once a minute, so among many piles some are asked every second.
#[tokio::test]
async fn piles_are_asked_for_their_component_counters() -> anyhow::Result<()> {
    let world = World::start(&[("DEVICE__COMPONENT_POLL", "1ms")]).await?;
    let mut piles = world.piles().await?;
    for pile in 0..130 {
        piles
            .publish(&message::msg(&message::uuid(pile)), message::run_data(1))
            .await?;
    }
    let mut asked = Vec::new();
    until("piles are asked", SOON, async || {
        asked.extend(piles.received());
        asked.len() >= 3
    })
    .await?;
    let poll: Value = serde_json::from_slice(&asked[0].payload)?;
    assert_eq!(poll["命令"], "关键器件动作");
    let uuid = asked[0].topic.split('/').nth(5).unwrap().to_owned();
    let answer = json!({
        "命令": "关键器件动作应答", "reqid": poll["reqid"], "系统时间": message::time(message::now()),
        "关键器件名称": [{"数据分区": "1枪数据", "器件类型": "交流接触器", "正常次数": 7, "异常次数": 1}],
    });
    piles.publish(&message::msg(&uuid), answer.to_string()).await?;
    let reqid = poll["reqid"].as_u64().unwrap() as u32;
    piles
        .expect(&message::cmd(&uuid), message::is("关键器件动作确认", reqid), SOON)
        .await?;
    let sums =
        "SELECT sum(switching_cycles) * 10 + sum(abnormal_switching_cycles) FROM key_component_action_count";
    world.until_number(sums, 71).await?;
    assert_eq!(
        world.number("SELECT count() FROM command_record").await?,
        0,
        "the timed poll is no command of anybody's"
    );
    Ok(())
}
