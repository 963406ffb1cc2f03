//! What a pile does when it is told to.

use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::bench::{Bench, FILE, answer, download, fetched, transfers};
use super::*;
use crate::pile::output::Deed;
use crate::pile::transfer::{Cargo, Event};

#[test]
fn every_command_is_answered_under_its_reqid() {
    let names: Vec<_> = command_names().collect();
    assert_eq!(names, Downlink::COMMANDS);
    for (reqid, command) in (100..).zip(Downlink::COMMANDS) {
        let mut bench = Bench::new(Acting::default());
        if *command == "更新程序并重启" {
            bench.download(1, "V9");
            bench.tell(fetched(FILE));
            bench.out.clear();
        }
        let mut told = command_json(command, reqid);
        told["字节数"] = json!(FILE.len());
        bench.say(told);
        assert_eq!(bench.out[0], Output::Commanded(command, reqid));
        if *command == "下载" {
            bench.tell(fetched(FILE));
        }
        bench.live(20);
        let expected = format!("{command}应答");
        let answers = bench.answers();
        assert_eq!(answers.len(), 1, "{command}: {answers:?}");
        assert_eq!((answers[0].0, answers[0].1), (&*expected, reqid.into()));
        assert!(
            answers[0].2 == "成功" || *command == "关键器件动作",
            "{answers:?}"
        );
    }
}

#[test]
fn only_what_was_fetched_and_found_right_is_applied() {
    let mut bench = Bench::new(Acting::default());
    bench.say(json!({"命令": "更新程序并重启", "reqid": 1}));
    bench.download(2, "V9.9");
    let transfer = transfers(&bench.out).last().unwrap().clone();
    assert_eq!(
        (transfer.port, transfer.cargo),
        (2121, Cargo::Fetch { bytes: 29 })
    );
    bench.tell(fetched(b"another program of as many lines"));
    bench.download(3, "V9.9");
    bench.tell(fetched(&[0; 29]));
    bench.download(4, "V9.9");
    bench.tell(Event::Failed("FTP登录失败".to_owned()));
    bench.say(json!({"命令": "更新程序并重启", "reqid": 5}));
    bench.live(20);
    assert_eq!(
        bench.answers(),
        [
            answer("更新程序并重启应答", 1, "没有已下载的程序包"),
            answer("下载应答", 2, "字节数不符"),
            answer("下载应答", 3, "MD5校验失败"),
            answer("下载应答", 4, "FTP登录失败"),
            answer("更新程序并重启应答", 5, "没有已下载的程序包"),
        ]
    );
    assert!(bench.reconnection().is_none());

    bench.out.clear();
    bench.download(6, "V9.9");
    bench.tell(Event::Progress(15));
    bench.tell(fetched(FILE));
    bench.say(json!({"命令": "更新程序并重启", "reqid": 7}));
    bench.live(20);
    let expected = [
        answer("下载进度", 6, ""),
        answer("下载应答", 6, "成功"),
        answer("更新程序并重启应答", 7, "成功"),
    ];
    assert_eq!(bench.answers(), expected);
    let reconnection = bench.reconnection().unwrap();
    assert!(reconnection.is_restart && reconnection.away_ms >= 3000);
    assert!(bench.out.contains(&Output::Did(Deed::Updated("V9.9".to_owned()))));
    assert!(bench.login().contains(r#""软件版本":"V9.9""#));

    // The same once more: the package is used up.
    bench.out.clear();
    bench.say(json!({"命令": "更新程序并重启", "reqid": 7}));
    assert_eq!(
        bench.answers(),
        [answer("更新程序并重启应答", 7, "没有已下载的程序包")]
    );
}

#[test]
fn a_repeated_download_is_carried_once() {
    let mut bench = Bench::new(Acting::default());
    for reqid in [2, 2, 3] {
        bench.download(reqid, "V9.9");
    }
    bench.tell(fetched(FILE));
    bench.download(2, "V9.9");
    assert_eq!(transfers(&bench.out).count(), 1);
    let expected = [
        answer("下载应答", 3, "正在下载另一文件"),
        answer("下载应答", 2, "成功"),
        answer("下载应答", 2, "成功"),
    ];
    assert_eq!(bench.answers(), expected);
}

#[test]
fn a_signature_is_looked_at_where_there_is_a_key() {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let sha256 = ring::digest::digest(&ring::digest::SHA256, FILE);
    let right = hex::encode(pair.sign(sha256.as_ref()).as_ref());
    let wrong = hex::encode(pair.sign(FILE).as_ref());
    let key: [u8; 32] = pair.public_key().as_ref().try_into().unwrap();
    for (signature, result) in [
        (right.as_str(), "成功"),
        (wrong.as_str(), "数字签名校验失败"),
        ("no hex", "数字签名校验失败"),
        ("", "缺少数字签名"),
    ] {
        let mut bench = Bench::new(Acting {
            firmware_key: Some(key),
            ..Acting::default()
        });
        let mut command = download(2, "V9.9");
        command["数字签名"] = json!(signature);
        bench.say(command);
        bench.tell(fetched(FILE));
        assert_eq!(bench.answers(), [answer("下载应答", 2, result)]);
    }
}

#[test]
fn a_log_is_accepted_and_then_there_or_not() {
    let mut bench = Bench::new(Acting::default());
    let command = |reqid| {
        json!({"命令": "日志召唤", "reqid": reqid, "服务器地址": "192.0.2.7", "端口": 21, "用户名": "u", "密码": "p",
            "FTP路径": "/ops/AAAAAAAH/upload/log/a.log", "文件名": "a.log"})
    };
    bench.say(command(5));
    // A repetition is accepted again, and another refused meanwhile.
    bench.say(command(5));
    bench.say(command(6));
    assert_eq!(transfers(&bench.out).count(), 1);
    bench.tell(Event::Stored(4711));
    bench.say(command(7));
    bench.tell(Event::Failed("FTP超时".to_owned()));
    let expected = [
        answer("日志召唤应答", 5, "成功"),
        answer("日志召唤应答", 5, "成功"),
        answer("日志召唤应答", 6, "正在上传另一日志"),
        answer("日志上传完成", 5, "成功"),
        answer("日志召唤应答", 7, "成功"),
        answer("日志上传完成", 7, "FTP超时"),
    ];
    assert_eq!(bench.answers(), expected);
}

#[test]
fn a_restart_forgets_what_was_under_way() {
    let mut bench = Bench::with("reboot");
    bench.download(2, "V9.9");
    bench.tell(Event::Progress(8));
    bench.tell(Event::Progress(15));
    assert!(bench.reconnection().unwrap().is_restart);
    bench.tell(fetched(FILE));
    assert_eq!(bench.answers(), [answer("下载进度", 2, "")]);
    // Only the first time.
    bench.out.clear();
    bench.download(3, "V9.9");
    bench.tell(Event::Progress(29));
    bench.tell(fetched(FILE));
    assert_eq!(bench.answers().last(), Some(&answer("下载应答", 3, "成功")));
}

#[test]
fn parameters_are_written_read_back_and_kept_to() {
    let mut bench = Bench::new(Acting::default());
    bench.say(json!({"命令": "参数配置", "reqid": 1, "配置列表": [{"名称": "运行数据周期_秒", "值": 10}]}));
    bench.say(json!({"命令": "参数配置", "reqid": 2, "配置列表": [{"名称": "音量_百分比", "值": "101"}]}));
    bench.say(json!({"命令": "参数查询", "reqid": 3, "配置列表": [{"名称": "运行数据周期_秒"}, {"名称": "音量_百分比"}]}));
    bench.say(json!({"命令": "参数查询", "reqid": 4, "配置列表": []}));
    let answers: Vec<Value> = messages(&bench.out)
        .map(|message| serde_json::from_slice(&message.payload).unwrap())
        .collect();
    assert_eq!(answers[0]["结果"], "成功");
    assert_eq!(answers[1]["失败原因"], "参数超出范围: 音量_百分比");
    let expected = json!([{"名称": "运行数据周期_秒", "值": "10"}, {"名称": "音量_百分比", "值": "60"}]);
    assert_eq!(answers[2]["配置列表"], expected);
    assert_eq!(answers[3]["配置列表"].as_array().unwrap().len(), 10);
    bench.live(600);
    let guns = bench.pile.guns.len();
    let sent = messages(&bench.out)
        .filter(|message| message.name == "运行数据")
        .count();
    assert!((55 * guns..=61 * guns).contains(&sent), "{sent} of {guns} guns");
}
