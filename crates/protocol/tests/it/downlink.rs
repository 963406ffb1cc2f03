//! What the platform sends, byte for byte.

use protocol::downlink::*;
use protocol::reply::*;
use protocol::{Downlink, Outcome, PileTime, Reply, Uuid, time};

/// The commands that the field has seen, with an address in them.
const SEEN: [&str; 3] = [
    r#"{"命令":"下载","reqid":2,"文件类型":"程序包","服务器地址":"192.0.2.7","端口":21,"用户名":"anonymous","密码":"","FTP路径":"/ops/AAAAALFW/download/actest107.bin","字节数":583760,"MD5":"2a8d1a212c7f713cdacb5cb6df55353a","数字签名":"","版本号":"","子设备编号":[]}"#,
    r#"{"命令":"日志召唤","reqid":234,"服务器地址":"192.0.2.7","端口":21,"用户名":"anonymous","密码":"","FTP路径":"/ops/AAAAALDJ/upload/log/BillingGun1.0.log","文件名":"BillingGun1.0.log"}"#,
    r#"{"命令":"更新主站","reqid":0,"服务器IP":"192.0.2.7","端口":1882,"用户名":"","密码":""}"#,
];

#[test]
fn commands_seen_in_the_field_round_trip_byte_for_byte() {
    for json in SEEN {
        let (reqid, command) = Downlink::parse(json.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(command.to_json(reqid)).unwrap(), json);
    }
}

fn settings() -> Vec<Setting> {
    vec![Setting {
        name: "上送周期_秒".into(),
        value: "30".into(),
    }]
}

fn commands() -> Vec<Downlink> {
    let mut commands: Vec<Downlink> = SEEN
        .iter()
        .map(|json| Downlink::parse(json.as_bytes()).unwrap().1)
        .collect();
    commands.extend([
        UpdateAndRestart {
            settings: settings(),
            sub_devices: vec!["1".into()],
        }
        .into(),
        Configure { settings: settings() }.into(),
        QueryConfiguration { settings: settings() }.into(),
        QuerySim {}.into(),
        QueryVersions {}.into(),
        Restart { delay_seconds: 5 }.into(),
        DisablePile {
            gun: 1,
            reason: "检修".into(),
        }
        .into(),
        EnablePile {
            gun: 0,
            reason: String::new(),
        }
        .into(),
        SelfHeal {
            strategy: "空闲".into(),
        }
        .into(),
        StopOperations {}.into(),
        ResumeOperations {}.into(),
        PollKeyComponents {}.into(),
        ChangeUuid {
            uuid: Uuid::parse("AAAAAMWY").unwrap(),
            serial_number: None,
        }
        .into(),
        SetClock { time: sample_time() }.into(),
    ]);
    commands
}

fn replies() -> Vec<Reply> {
    let outcome = Outcome::Success;
    let trade_number = "00000000000000002506181906190401".to_owned();
    vec![
        LoginReply {
            time: sample_time(),
            outcome,
        }
        .into(),
        EventConfirmation { outcome }.into(),
        TradeRecordConfirmation {
            trade_number: trade_number.clone(),
            outcome,
        }
        .into(),
        BootFailedConfirmation {
            trade_number,
            outcome,
        }
        .into(),
        KeyComponentConfirmation { outcome }.into(),
        RegisterResult {
            outcome,
            uuid: Uuid::from_counter(8708),
            user: Some("AAAAAMWY".into()),
            password: Some("secret".into()),
            reason: None,
        }
        .into(),
        RegisterResult {
            outcome: Outcome::Pending,
            ..RegisterResult::default()
        }
        .into(),
    ]
}

fn sample_time() -> PileTime {
    time::parse("2025-03-12 19:16:46+0800").unwrap()
}

#[test]
fn every_command_round_trips_and_is_shown() {
    let commands = commands();
    let mut shown = String::new();
    for command in &commands {
        let json = command.to_json(u32::MAX);
        assert_eq!(Downlink::parse(&json).unwrap(), (u32::MAX, command.clone()));
        shown += &format!("{}\n", String::from_utf8(json).unwrap());
    }
    for name in Downlink::COMMANDS {
        assert!(
            commands.iter().any(|command| command.command() == *name),
            "no example of {name}"
        );
    }
    insta::assert_snapshot!("commands", shown);
}

#[test]
fn every_reply_round_trips_and_is_shown() {
    let replies = replies();
    let mut shown = String::new();
    for reply in &replies {
        let json = reply.to_json(9);
        assert_eq!(Reply::parse(&json).unwrap(), (9, reply.clone()));
        shown += &format!("{}\n", String::from_utf8(json).unwrap());
    }
    for name in Reply::COMMANDS {
        assert!(
            replies.iter().any(|reply| reply.command() == *name),
            "no example of {name}"
        );
    }
    insta::assert_snapshot!("replies", shown);
}

#[test]
fn what_people_write_by_hand_is_read() {
    let by_hand =
        r#"{"reqid":"7","端口":"21","命令":"更新主站","服务器IP":"192.0.2.7","密码":1234,"旁注":[1]}"#;
    let (reqid, command) = Downlink::parse(by_hand.as_bytes()).unwrap();
    let expected = ChangeMaster {
        server: "192.0.2.7".into(),
        port: 21,
        user: String::new(),
        password: "1234".into(),
    };
    assert_eq!((reqid, command), (7, expected.into()));
}

#[test]
fn what_is_no_command_is_refused() {
    for json in [
        "",
        "[]",
        "{}",
        r#"{"命令":"充电记录确认"}"#,
        r#"{"命令":"更新ID","reqid":1}"#,
        r#"{"命令":"重启","延时_秒":"soon"}"#,
        r#"{"命令":"重启","reqid":4294967296}"#,
    ] {
        assert!(Downlink::parse(json.as_bytes()).is_err(), "{json}");
    }
}

#[test]
fn passwords_do_not_show() {
    let master = ChangeMaster {
        password: "hunter2".into(),
        ..ChangeMaster::default()
    };
    assert!(!format!("{master:?}").contains("hunter2"));
}
