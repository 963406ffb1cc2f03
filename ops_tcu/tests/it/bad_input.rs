//! What no pile should send, and what piles send that nobody knows: counted, sampled, kept; nobody else is slowed.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::world::{SOON, World, message, until};

/// How long a healthy pile may wait for an answer while others send rubbish, on a busy machine in a debug build.
const PROMPT: Duration = Duration::from_secs(5);

/// How often each payload is sent.
const TIMES: usize = 3;

fn points(count: u32) -> Vec<u8> {
    let points: Vec<_> = (0..count)
        .map(|n| format!(r#"{{"名称":"{n}","值":1}}"#))
        .collect();
    let (at, points) = (message::time(message::now()), points.join(","));
    format!(r#"{{"命令":"运行数据","系统时间":"{at}","状态数据":[{points}]}}"#).into_bytes()
}

fn nested(depth: usize) -> Vec<u8> {
    let (open, close) = ("[".repeat(depth), "]".repeat(depth));
    format!(r#"{{"命令":"运行数据","x":{open}{close}}}"#).into_bytes()
}

fn noise(length: u32) -> Vec<u8> {
    (1..=length)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 23) as u8)
        .collect()
}

/// Payloads that are no message, and why.
fn rubbish() -> Vec<(&'static str, Vec<u8>)> {
    let large = format!(r#"{{"命令":"运行数据","x":"{}"}}"#, "x".repeat(300 << 10)).into_bytes();
    vec![
        ("truncated", r#"{"命令":"登录","reqid":1,"#.into()),
        ("syntax", r#"{"命令":"登录","reqid":@}"#.into()),
        ("too_large", large),
        ("too_deep", nested(100_000)),
        ("not_object", noise(2000)),
        ("empty", Vec::new()),
        ("not_object", "[1,2,3]".into()),
        ("not_object", "null".into()),
        ("no_command", r#"{"reqid":1}"#.into()),
        ("trailing", r#"{"命令":"登录"}{"命令":"登录"}"#.into()),
    ]
}

/// Payloads that are messages of a kind: they give a row of run data, with what could be used of them.
fn strange() -> [Vec<u8>; 4] {
    [
        points(10_000),
        r#"{"命令":"运行数据","reqid":{},"系统时间":[],"数据分区":7,"状态数据":7,"SOC":{"a":1},"电压_V":"x"}"#.into(),
        r#"{"命令":"运行数据","状态数据":[7,"x",null,{"名称":[],"值":{}},{"值":1},{"名称":"SOC","值":900}]}"#.into(),
        r#"{"命令":"运行数据","电压_V":1e99,"电流_A":-9999999999999999999999,"枪号":-1,"系统时间":"0000-00-00 99:99:99"}"#.into(),
    ]
}

/// Of one pile one payload is sampled in a second, so each kind of rubbish has its own; 0 is the healthy one.
fn pile_of(rubbish: usize) -> String {
    message::uuid(rubbish as u64 + 1)
}

#[tokio::test]
async fn rubbish_is_counted_and_sampled_and_slows_nobody() -> anyhow::Result<()> {
    let world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let healthy = message::uuid(0);
    let (rubbish, strange) = (rubbish(), strange());
    let mut slowest = Duration::ZERO;
    for (n, payload) in rubbish
        .iter()
        .map(|(_, payload)| payload)
        .chain(&strange)
        .enumerate()
    {
        for _ in 0..TIMES {
            piles.publish(&message::msg(&pile_of(n)), payload.clone()).await?;
        }
        let (sent, reqid) = (Instant::now(), n as u32 + 1);
        piles
            .publish(&message::msg(&healthy), message::login(reqid, "SN"))
            .await?;
        piles
            .expect(&message::cmd(&healthy), message::is("登录应答", reqid), SOON)
            .await?;
        slowest = slowest.max(sent.elapsed());
    }
    assert!(slowest < PROMPT, "the healthy pile waited {slowest:?}");
    is_sampled(&world, &rubbish).await?;
    is_counted(&world, &rubbish).await?;
    is_understood(&world, rubbish.len()).await?;
    world.tcu.assert_log_is_clean();
    Ok(())
}

async fn is_sampled(world: &World, rubbish: &[(&str, Vec<u8>)]) -> anyhow::Result<()> {
    let sql = "SELECT DISTINCT uuid, topic, reason, size, length(sample) AS kept FROM malformed_message ORDER BY uuid";
    let rows = world.until_rows(sql, rubbish.len()).await?;
    for (n, (reason, payload)) in rubbish.iter().enumerate() {
        let (uuid, size, kept) = (pile_of(n), payload.len(), payload.len().min(4096));
        let expected =
            json!({"uuid": uuid, "topic": message::msg(&uuid), "reason": reason, "size": size, "kept": kept});
        assert_eq!(rows[n], expected);
    }
    Ok(())
}

async fn is_counted(world: &World, rubbish: &[(&str, Vec<u8>)]) -> anyhow::Result<()> {
    for (reason, _) in rubbish {
        let counted = TIMES * rubbish.iter().filter(|(other, _)| other == reason).count();
        let label = format!(r#"kind="{reason}""#);
        until(&format!("{counted} are counted as {reason}"), SOON, async || {
            let metric = world.tcu.metric("ops_tcu_rejects_total", &label).await;
            metric.is_ok_and(|metric| metric == counted as f64)
        })
        .await?;
    }
    Ok(())
}

/// What is no rubbish but strange became rows with what could be used of it.
async fn is_understood(world: &World, first: usize) -> anyhow::Result<()> {
    let sql = "SELECT name, gun_num, soc, voltage, current, length(extra) AS extra, clock_skew FROM run_data AS r \
         JOIN asset AS a ON a.device_id = r.device_id ORDER BY name, extra LIMIT 1 BY name";
    let rows = world.until_rows(sql, strange().len()).await?;
    let row = |n: usize, gun: u8, extra: u32| {
        json!({
            "name": pile_of(first + n), "gun_num": gun, "soc": null, "voltage": null, "current": null, "extra": extra,
            "clock_skew": 0,
        })
    };
    let expected = [row(0, 0, 10_000), row(1, 7, 0), row(2, 0, 0), row(3, 0, 0)];
    assert_eq!(rows, expected);
    Ok(())
}

#[tokio::test]
async fn a_topic_without_a_uuid_is_counted_and_sampled() -> anyhow::Result<()> {
    let world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let topics = [
        "AAAA",
        "aaaaaaab",
        "AAAAAAAAA",
        "AAAA1AAA",
        "桩桩桩桩桩桩桩桩",
        "",
    ]
    .map(message::msg);
    for topic in &topics {
        piles.publish(topic, message::login(1, "SN")).await?;
    }
    // Retained words of piles that nobody knows, and words that are none.
    let status = |uuid: &str| format!("/xjdy/ops/v1/TCU/{uuid}/status");
    piles.publish(&status("AAAAAAAZ"), r#"{"状态":"在线"}"#).await?;
    let counted = |kind: &str, expected: f64| {
        let (kind, world) = (format!(r#"kind="{kind}""#), &world);
        async move {
            until(&format!("{kind} is {expected}"), SOON, async || {
                let metric = world.tcu.metric("ops_tcu_rejects_total", &kind).await;
                metric.is_ok_and(|metric| metric == expected)
            })
            .await
        }
    };
    counted("bad_uuid", topics.len() as f64).await?;
    counted("status_of_unknown", 1.0).await?;
    let sql =
        "SELECT topic FROM malformed_message WHERE reason = 'bad_uuid' AND device_id = 0 ORDER BY topic";
    let rows = world.until_rows(sql, topics.len()).await?;
    let mut expected = topics.to_vec();
    expected.sort_unstable();
    assert!(
        rows.iter()
            .map(|row| row["topic"].as_str().unwrap())
            .eq(expected.iter()),
        "{rows:?}"
    );
    assert_eq!(world.number("SELECT count() FROM asset").await?, 0);
    world.tcu.assert_log_is_clean();
    Ok(())
}

#[tokio::test]
async fn an_unknown_pile_is_adopted_once_whatever_restarts() -> anyhow::Result<()> {
    let mut world = World::start(&[("DEVICE__DT_ID", "42")]).await?;
    let mut piles = world.piles().await?;
    let uuid = message::uuid(8708);
    let login = |reqid: u32| message::login(reqid, "SN");
    let mut devices = Vec::new();
    for (reqid, what) in (1..).zip(["first", "kill -9", "Redis lost its data", "again"]) {
        match what {
            "kill -9" => {
                world.tcu.kill().await?;
                world.tcu.start_again().await?;
            }
            "Redis lost its data" => {
                world.tcu.stop(SOON).await?;
                let mut redis = world.stack.redis_connection().await?;
                redis::cmd("FLUSHALL").query_async::<()>(&mut redis).await?;
                world.tcu.start_again().await?;
            }
            _ => {}
        }
        piles.publish(&message::msg(&uuid), login(reqid)).await?;
        piles
            .expect(&message::cmd(&uuid), message::is("登录应答", reqid), SOON)
            .await?;
        devices.push(world.device_id(&uuid).await?);
    }
    world.until_drained().await?;
    let assets = world
        .rows("SELECT device_id, name, audit_status, dt_id, flag_del FROM asset")
        .await?;
    let device = devices[0];
    assert_eq!(
        assets,
        [json!({"device_id": device, "name": uuid, "audit_status": "待接入", "dt_id": 42, "flag_del": 0})]
    );
    let logins = format!("SELECT count() FROM login_record WHERE device_id = {device} AND uuid = '{uuid}'");
    assert_eq!(world.number(&logins).await?, 4);
    world
        .until_state(&uuid, |state| state.device_id == device)
        .await?;
    Ok(())
}

#[tokio::test]
async fn an_unknown_pile_is_refused_where_the_operator_wants_it_so() -> anyhow::Result<()> {
    let settings = [("DEVICE__UNKNOWN_DEVICE", "refuse"), ("DEVICE__REFRESH", "1s")];
    let world = World::start(&settings).await?;
    let mut piles = world.piles().await?;
    let uuid = message::uuid(8708);
    let number = "00000000000000002601011200000001";
    let record = message::trade_record(7, number, b"", "30.25");
    piles
        .publish(&message::msg(&uuid), message::login(1, "SN"))
        .await?;
    piles.publish(&message::msg(&uuid), record.clone()).await?;
    // Its record is safe in quarantine, so it need not send it for ever.
    piles
        .expect(&message::cmd(&uuid), message::is("充电记录确认", 7), SOON)
        .await?;
    let rows = world
        .until_rows("SELECT uuid, reason, device_id, trade_id, length(payload) AS size FROM quarantine ORDER BY trade_id", 2)
        .await?;
    assert_eq!(
        rows[1],
        json!({"uuid": uuid, "reason": "unknown_device", "device_id": 0, "trade_id": number, "size": record.len()})
    );
    world.until_drained().await?;
    for table in ["asset", "login_record", "trade_record"] {
        assert_eq!(
            world.number(&format!("SELECT count() FROM {table}")).await?,
            0,
            "{table}"
        );
    }
    let heard = piles.received();
    assert!(heard.is_empty(), "its login is not answered: {heard:?}");

    // Staff make an asset for it: from then on it is served.
    let now = message::now();
    let asset =
        format!("INSERT INTO asset (timestamp, device_id, dt_id, name) SELECT {now}, 77, 1, '{uuid}'");
    world.stack.clickhouse().query_raw(&asset).execute().await?;
    let cmd = message::cmd(&uuid);
    let mut reqid = 10;
    until("the pile is served", SOON, async || {
        reqid += 1;
        let said = piles
            .publish(&message::msg(&uuid), message::login(reqid, "SN"))
            .await;
        let replied = piles.expect(&cmd, message::is_any("登录应答"), Duration::from_millis(300));
        said.is_ok() && replied.await.is_ok()
    })
    .await?;
    let logins = "SELECT DISTINCT device_id FROM login_record";
    assert_eq!(world.until_rows(logins, 1).await?, [json!({"device_id": 77})]);
    Ok(())
}
