//! Commands through a shard: what is asked for, what the pile hears and says, what is told and put on record.

use serde_json::{Value, json};
use store::Table;

use super::Shard;
use super::tests::{NOW, asset, replies, rows, says, shard_with, uuid};
use crate::config::UnknownDevice;

fn online(rate: f64) -> Shard {
    let mut shard = shard_with(UnknownDevice::Adopt, rate);
    shard.confirm(&asset(77), NOW);
    says(&mut shard, r#"{"命令":"登录","reqid":1}"#, NOW);
    let _ = replies(&mut shard);
    shard
}

fn ask(shard: &mut Shard, mark: &str, mut command: Value, now: i64) {
    command["请求标识"] = mark.into();
    shard.proxied(uuid(), 0, command.to_string().as_bytes(), false, now);
}

fn told(shard: &mut Shard) -> Vec<Value> {
    let told = std::mem::take(&mut shard.output().outcomes);
    told.iter()
        .map(|m| serde_json::from_slice(&m.payload).unwrap())
        .collect()
}

/// 状态 and 失败原因 of what was told.
fn states(shard: &mut Shard) -> Vec<(String, String)> {
    let text = |told: &Value, key: &str| told[key].as_str().unwrap().to_owned();
    told(shard)
        .iter()
        .map(|t| (text(t, "状态"), text(t, "失败原因")))
        .collect()
}

fn sent(shard: &mut Shard) -> Vec<Value> {
    replies(shard)
        .iter()
        .map(|r| serde_json::from_str(r).unwrap())
        .collect()
}

fn answers(shard: &mut Shard, command: &str, reqid: &Value, result: &str, now: i64) {
    let said = json!({"命令": command, "reqid": reqid, "结果": result});
    says(shard, said.to_string(), now);
}

#[test]
fn the_same_mark_makes_no_second_command() {
    let mut shard = online(0.0);
    ask(&mut shard, "m", json!({"命令": "重启"}), NOW);
    ask(&mut shard, "m", json!({"命令": "重启"}), NOW + 1);
    let sent = sent(&mut shard);
    assert_eq!(sent.len(), 1);
    let told = told(&mut shard);
    assert_eq!(told.len(), 3);
    assert_eq!(
        (&told[2]["状态"], &told[2]["时间"]),
        (&told[1]["状态"], &told[1]["时间"])
    );

    answers(&mut shard, "重启应答", &sent[0]["reqid"], "成功", NOW + 10);
    let ended = states(&mut shard);
    ask(&mut shard, "m", json!({"命令": "重启"}), NOW + 3_600_000);
    assert_eq!(states(&mut shard), ended, "told again");
    assert!(replies(&mut shard).is_empty());
    ask(&mut shard, "m", json!({"命令": "重启"}), NOW + 90_000_000);
    shard.tick(NOW + 90_000_001);
    ask(&mut shard, "n", json!({"命令": "重启"}), NOW + 90_000_002);
    assert!(!states(&mut shard).is_empty());
}

#[test]
fn a_redelivered_command_without_a_mark_is_the_same_one() {
    let mut shard = online(0.0);
    let restart = r#"{"命令":"重启","延时_秒":5}"#.as_bytes();
    shard.proxied(uuid(), 0, restart, true, NOW);
    shard.proxied(uuid(), 0, restart, true, NOW + 1);
    let sent = sent(&mut shard);
    assert_eq!(sent.len(), 1);
    answers(&mut shard, "重启应答", &sent[0]["reqid"], "成功", NOW + 10);
    shard.proxied(uuid(), 0, restart, true, NOW + 20);
    assert!(replies(&mut shard).is_empty());
    shard.proxied(uuid(), 0, restart, false, NOW + 30);
    assert_eq!(replies(&mut shard).len(), 1, "a person asks again");
}

#[test]
fn a_command_is_taken_back_before_and_after_it_has_left() {
    let mut shard = online(0.0);
    ask(&mut shard, "first", json!({"命令": "重启"}), NOW);
    ask(&mut shard, "second", json!({"命令": "重启"}), NOW);
    let first = sent(&mut shard);
    let _ = told(&mut shard);
    ask(&mut shard, "second", json!({"命令": "撤销"}), NOW + 1);
    assert_eq!(states(&mut shard), [("cancelled".into(), "已撤销".into())]);
    ask(&mut shard, "first", json!({"命令": "撤销"}), NOW + 2);
    let withdrawn = states(&mut shard);
    assert!(withdrawn[0].1.contains("可能仍会执行"), "{withdrawn:?}");
    ask(&mut shard, "first", json!({"命令": "撤销"}), NOW + 3);
    assert_eq!(states(&mut shard), withdrawn);
    ask(&mut shard, "never", json!({"命令": "撤销"}), NOW + 3);
    assert_eq!(states(&mut shard)[0].0, "refused");
    assert!(replies(&mut shard).is_empty(), "nothing goes to the pile");

    // It did it all the same.
    answers(&mut shard, "重启应答", &first[0]["reqid"], "成功", NOW + 4);
    let late = states(&mut shard);
    assert_eq!(late[0].0, "cancelled");
    assert!(late[0].1.ends_with("；迟到的应答: 成功"), "{late:?}");
}

#[test]
fn a_late_answer_is_worth_showing_once() {
    let mut shard = online(0.0);
    ask(&mut shard, "m", json!({"命令": "SIM卡召唤", "超时_秒": 10}), NOW);
    let reqid = sent(&mut shard)[0]["reqid"].clone();
    shard.tick(NOW + 10_000);
    let _ = told(&mut shard);
    let _ = shard.output().take_frames();
    for late in 1..=2 {
        answers(&mut shard, "SIM卡召唤应答", &reqid, "成功", NOW + 10_000 + late);
    }
    let told = told(&mut shard);
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&told[0]["状态"], &told[0]["结果"]),
        (&json!("timed_out"), &json!("成功"))
    );
    assert_eq!(told[0]["应答"]["命令"], "SIM卡召唤应答");
    let frames = shard.output().take_frames();
    let records = rows(&frames, Table::CommandRecord, &["state", "result", "caller"]);
    assert_eq!(records, [["5", "成功", "m"]]);
    let steps = rows(&frames, Table::CommandStep, &["state", "reason"]);
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[1], ["5", "结束之后的应答: 成功"]);
}

#[test]
fn what_is_unanswered_goes_out_again_only_if_that_does_no_harm() {
    let mut shard = online(0.0);
    ask(
        &mut shard,
        "q",
        json!({"命令": "软件版本查询", "超时_秒": 600}),
        NOW,
    );
    ask(&mut shard, "r", json!({"命令": "重启", "超时_秒": 600}), NOW);
    let first = sent(&mut shard);
    assert_eq!(first.len(), 2);
    let mut again = Vec::new();
    for second in 1..590 {
        says(
            &mut shard,
            r#"{"命令":"运行数据","reqid":1}"#,
            NOW + second * 1000,
        );
        shard.tick(NOW + second * 1000);
        let heard = sent(&mut shard)
            .into_iter()
            .filter(|s| s["命令"] != "关键器件动作");
        again.extend(heard.map(|s| (second, s)));
    }
    let times: Vec<_> = again.iter().map(|(second, _)| *second).collect();
    assert_eq!(times, [20, 60]);
    assert!(
        again.iter().all(|(_, s)| *s == first[0]),
        "the same, under the same number"
    );
    shard.tick(NOW + 600_000);
    let ended = told(&mut shard).split_off(6);
    assert!(ended.iter().all(|t| t["状态"] == "timed_out"), "{ended:?}");
    let frames = shard.output().take_frames();
    let attempts = rows(&frames, Table::CommandStep, &["command", "attempt", "state"]);
    assert!(attempts.contains(&vec!["软件版本查询".into(), "3".into(), "5".into()]));
    assert!(attempts.contains(&vec!["重启".into(), "1".into(), "5".into()]));
}

#[test]
fn a_clock_is_set_to_the_time_at_which_it_is_set() {
    let mut shard = online(0.0);
    let at = protocol::time::format(NOW);
    ask(&mut shard, "c", json!({"命令": "对时", "系统时间": at}), NOW);
    let first = sent(&mut shard);
    shard.tick(NOW + 20_000);
    let again = sent(&mut shard);
    assert_eq!(first[0]["系统时间"], at.as_str());
    assert_eq!(
        again[0]["系统时间"],
        protocol::time::format(NOW + 20_000).as_str()
    );
}

#[test]
fn a_pile_that_logs_in_again_hears_it_again() {
    let mut shard = online(0.0);
    let download = json!({"命令": "下载", "文件类型": "程序包", "密码": "geheim", "超时_秒": 600});
    ask(&mut shard, "d", download, NOW);
    let reqid = sent(&mut shard)[0]["reqid"].clone();
    let progress = json!({"命令": "下载进度", "reqid": reqid, "进度": 40});
    says(&mut shard, progress.to_string(), NOW + 1000);
    says(&mut shard, r#"{"命令":"登录","reqid":2}"#, NOW + 60_000);
    let heard = sent(&mut shard);
    assert_eq!(heard.len(), 2, "登录应答 and the download: {heard:?}");
    assert_eq!((&heard[1]["命令"], &heard[1]["reqid"]), (&json!("下载"), &reqid));
    says(&mut shard, r#"{"命令":"登录","reqid":3}"#, NOW + 120_000);
    assert_eq!(sent(&mut shard).len(), 1, "once");
}

#[test]
fn a_batch_goes_out_at_its_pace_and_a_person_is_not_held_up() {
    let mut shard = shard_with(UnknownDevice::Adopt, 100.0);
    let piles = 200;
    for n in 0..piles {
        let item = super::tests::item(n, r#"{"命令":"登录","reqid":1}"#);
        shard.take(&[item], 0, NOW);
    }
    let _ = replies(&mut shard);
    let query =
        |mark: &str, source: &str| json!({"命令": "SIM卡召唤", "请求标识": mark, "来源": source}).to_string();
    for n in 0..piles {
        let pile = protocol::Uuid::from_counter(n).unwrap();
        shard.proxied(
            pile,
            0,
            query(&format!("b-{n}"), "connector:batch").as_bytes(),
            false,
            NOW,
        );
    }
    let pile = protocol::Uuid::from_counter(7).unwrap();
    let versions = query("a", "web:alice").replace("SIM卡召唤", "软件版本查询");
    shard.proxied(pile, 0, versions.as_bytes(), false, NOW);
    let mut sent = vec![replies(&mut shard)];
    assert!(sent[0].len() <= 11, "{}", sent[0].len());
    while shard.has_line() && sent.len() < 100 {
        shard.send_in_turn(NOW + 50 * sent.len() as i64);
        sent.push(replies(&mut shard));
    }
    let all: usize = sent.iter().map(Vec::len).sum();
    assert_eq!(all as u64, piles + 1);
    assert!(
        (30..=41).contains(&sent.len()),
        "201 at 100 a second, in steps of 50 ms: {}",
        sent.len()
    );
    let alice = sent
        .iter()
        .position(|s| s.iter().any(|s| s.contains("软件版本查询")));
    assert!(alice.unwrap() <= 1, "{alice:?}");
}
