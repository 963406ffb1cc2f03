//! A shard as a whole: messages in, rows and replies out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use proptest::prelude::*;
use protocol::Uuid;
use protocol::topic::Topics;
use store::Table;
use store::rowbinary::{columns_of, integer, position, text};
use wal::Frame;

use super::{Core, DeviceIds, Retry, Rules, Shard, WarnNames};
use crate::config::UnknownDevice;
use crate::message::{Asset, InPubTopicPayload, MsgMqtt, Origin};

pub(super) const NOW: i64 = 1_795_000_000_000;

fn shard(unknown_device: UnknownDevice) -> Shard {
    shard_with(unknown_device, 0.0)
}

/// With so many commands a second.
pub(super) fn shard_with(unknown_device: UnknownDevice, command_rate: f64) -> Shard {
    Shard::new(core(unknown_device, command_rate))
}

fn core(unknown_device: UnknownDevice, command_rate: f64) -> Core {
    let rules = Rules {
        unknown_device,
        dt_id: 1,
        offline_after: 600_000,
        component_poll: 60_000,
        command_timeout: 60_000,
        retry: Retry {
            pause: 20_000,
            attempts: 3,
        },
        command_rate,
        node: 0,
        storm: 20,
    };
    let ids = Arc::new(DeviceIds::new(0, 0));
    Core::new(
        Topics::new("xjdy", "TCU"),
        rules,
        ids,
        Arc::new(WarnNames::default()),
    )
}

pub(super) fn uuid() -> Uuid {
    Uuid::parse("AAAAAMWY").unwrap()
}

pub(super) fn says(shard: &mut Shard, payload: impl Into<Vec<u8>>, now: i64) {
    shard.take(&[item(uuid().counter(), payload)], 0, now);
}

/// What the pile with this counter says.
pub(super) fn item(pile: u64, payload: impl Into<Vec<u8>>) -> InPubTopicPayload {
    InPubTopicPayload {
        origin: Origin::Pile(Uuid::from_counter(pile).unwrap()),
        topic_bytes: 30,
        payload: Bytes::from(payload.into()),
    }
}

/// A table's rows, each as its named columns' texts and numbers.
pub(super) fn rows(frames: &[Vec<u8>], table: Table, names: &[&str]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for bytes in frames {
        let (frame, _) = Frame::read(bytes).unwrap();
        if frame.kind != table.id() {
            continue;
        }
        let mut at = 0;
        for length in frame.lengths() {
            let row = &frame.bytes[at..at + length as usize];
            at += length as usize;
            let places = columns_of(table.columns(), row).unwrap();
            let value = |name: &&str| {
                let column = position(table.columns(), name);
                let bytes = &row[places[column].clone()];
                match table.columns()[column].wire_type {
                    "String" => text(bytes),
                    _ => integer(bytes).to_string(),
                }
            };
            found.push(names.iter().map(value).collect());
        }
    }
    found
}

pub(super) fn replies(shard: &mut Shard) -> Vec<String> {
    let taken: Vec<MsgMqtt> = std::mem::take(&mut shard.output().replies);
    taken
        .into_iter()
        .map(|m| String::from_utf8(m.payload.to_vec()).unwrap())
        .collect()
}

const RECORD: &str = r#"{"命令":"充电记录","reqid":9,"交易流水号":"0042","枪号":"1","充电电量_度":"12.5"}"#;

#[test]
fn an_unknown_pile_is_adopted_once() {
    let mut shard = shard(UnknownDevice::Adopt);
    says(&mut shard, RECORD, NOW);
    says(&mut shard, RECORD, NOW + 1);
    let frames = shard.output().take_frames();
    let assets = rows(&frames, Table::Asset, &["device_id", "name", "audit_status"]);
    assert_eq!(assets.len(), 1);
    assert_eq!(assets[0][1..], ["AAAAAMWY", "待接入"]);
    assert_eq!(
        rows(&frames, Table::TradeRecord, &["device_id"]),
        [[assets[0][0].clone()]]
    );
}

#[test]
fn a_refused_pile_is_quarantined_and_its_record_confirmed() {
    let mut shard = shard(UnknownDevice::Refuse);
    says(&mut shard, RECORD, NOW);
    let frames = shard.output().take_frames();
    let kept = rows(
        &frames,
        Table::Quarantine,
        &["uuid", "reason", "trade_id", "payload"],
    );
    assert_eq!(kept, [["AAAAAMWY", "unknown_device", "0042", RECORD]]);
    assert_eq!(frames.len(), 1);
    assert_eq!(
        replies(&mut shard),
        [r#"{"命令":"充电记录确认","reqid":9,"交易流水号":"0042","结果":"成功"}"#]
    );
}

pub(super) fn asset(device_id: u64) -> Asset {
    Asset {
        uuid: uuid(),
        device_id,
        dt_id: 3,
        version: 1,
    }
}

#[test]
fn a_pile_whose_asset_is_gone_is_a_new_one() {
    let mut shard = shard(UnknownDevice::Adopt);
    shard.confirm(&asset(77), NOW);
    says(&mut shard, r#"{"命令":"登录","reqid":1}"#, NOW);
    shard.proxied(
        uuid(),
        0,
        r#"{"命令":"重启","请求标识":"m"}"#.as_bytes(),
        false,
        NOW,
    );
    assert_eq!(shard.changed_states(10).len(), 1);
    let _ = shard.output().take_frames();

    shard.forget(&asset(78), NOW + 1);
    assert_eq!(shard.census().0, 1, "another asset's end is not this one's");
    shard.forget(&asset(77), NOW + 1);
    assert_eq!(shard.census(), (0, 0));
    let told = std::mem::take(&mut shard.output().outcomes);
    let told = String::from_utf8_lossy(&told.last().unwrap().payload).into_owned();
    assert!(
        told.contains("cancelled") && told.contains("桩的资产已删除"),
        "{told}"
    );
    let frames = shard.output().take_frames();
    assert_eq!(
        rows(&frames, Table::TrafficDaily, &["device_id"])[0],
        ["77"],
        "what it said so far"
    );
    assert_eq!(
        shard.changed_states(10),
        [("tcu:state:04".into(), "AAAAAMWY".into(), None)]
    );
    shard.tick(NOW + 2);

    says(&mut shard, RECORD, NOW + 3);
    let frames = shard.output().take_frames();
    let adopted = rows(&frames, Table::Asset, &["device_id"]);
    assert_eq!(adopted.len(), 1);
    assert_ne!(adopted[0][0], "77");
    assert_eq!(rows(&frames, Table::TradeRecord, &["device_id"]), adopted);
    assert_eq!(shard.census(), (1, 1));
    assert!(shard.changed_states(10)[0].2.is_some());
}

#[test]
fn another_asset_takes_over_between_two_messages() {
    let mut shard = shard(UnknownDevice::Adopt);
    shard.confirm(&asset(77), NOW);
    says(&mut shard, r#"{"命令":"登录","reqid":1,"出厂编号":"S"}"#, NOW);
    shard.confirm(&asset(78), NOW + 1);
    let frames = shard.output().take_frames();
    assert_eq!(rows(&frames, Table::TrafficDaily, &["device_id"])[0], ["77"]);
    says(&mut shard, RECORD, NOW + 2);
    let frames = shard.output().take_frames();
    assert_eq!(rows(&frames, Table::TradeRecord, &["device_id"]), [["78"]]);
    assert!(
        shard.changed_states(10)[0].2.as_ref().unwrap().contains(r#""S""#),
        "the TCU is the same"
    );
}

#[test]
fn a_command_for_nobody_makes_no_pile() {
    for rule in [UnknownDevice::Adopt, UnknownDevice::Refuse] {
        let mut shard = shard(rule);
        shard.proxied(
            uuid(),
            0,
            r#"{"命令":"重启","请求标识":"m"}"#.as_bytes(),
            false,
            NOW,
        );
        let told = shard.output().outcomes.pop().unwrap();
        assert_eq!(told.topic, "/xjdy/ops/v1/PXY/AAAAAMWY/resp");
        let told: serde_json::Value = serde_json::from_slice(&told.payload).unwrap();
        let expected = serde_json::json!({
            "请求标识": "m", "命令": "重启", "状态": "refused", "结果": "失败", "失败原因": "无此桩", "时间": NOW,
        });
        assert_eq!(told, expected);
        assert!(shard.output().is_empty());
    }
}

#[test]
fn an_asset_that_appears_later_gives_its_id() {
    let mut shard = shard(UnknownDevice::Adopt);
    shard.confirm(&asset(77), NOW);
    says(&mut shard, RECORD, NOW);
    let frames = shard.output().take_frames();
    assert_eq!(rows(&frames, Table::TradeRecord, &["device_id"]), [["77"]]);
    assert!(rows(&frames, Table::Asset, &["name"]).is_empty());
}

#[test]
fn every_send_is_confirmed_and_only_the_first_becomes_a_row() {
    let mut shard = shard(UnknownDevice::Adopt);
    for n in 0..5 {
        says(&mut shard, RECORD, NOW + n);
    }
    assert_eq!(replies(&mut shard).len(), 5);
    assert_eq!(
        rows(&shard.output().take_frames(), Table::TradeRecord, &["trade_id"]).len(),
        1
    );
    says(&mut shard, RECORD.replace("12.5", "12.6"), NOW + 9);
    assert_eq!(
        rows(&shard.output().take_frames(), Table::TradeRecord, &["trade_id"]).len(),
        1,
        "other contents"
    );
}

#[test]
fn components_are_asked_for_at_their_time_and_only_while_online() {
    let mut shard = shard(UnknownDevice::Adopt);
    says(&mut shard, r#"{"命令":"登录","reqid":1}"#, NOW);
    let polls = |shard: &mut Shard, from: i64, seconds: i64| {
        (0..seconds).for_each(|s| shard.tick(from + s * 1000));
        replies(shard)
            .iter()
            .filter(|r| r.contains(r#""命令":"关键器件动作""#))
            .count()
    };
    let hour = polls(&mut shard, NOW, 540);
    assert!(
        (4..=9).contains(&hour),
        "one a minute within the ten minutes it counts as online: {hour}"
    );
    assert_eq!(
        polls(&mut shard, NOW + 3_600_000, 600),
        0,
        "silent for an hour: offline"
    );
}

#[test]
fn components_are_not_asked_for_while_a_schedule_does() {
    let rests = Arc::new(AtomicBool::new(true));
    let mut shard = Shard::new(core(UnknownDevice::Adopt, 0.0).resting_when(rests.clone()));
    says(&mut shard, r#"{"命令":"登录","reqid":1}"#, NOW);
    let polls = |shard: &mut Shard, from: i64| {
        (0..120).for_each(|s| shard.tick(from + s * 1000));
        let replies = replies(shard);
        replies
            .iter()
            .filter(|r| r.contains(r#""命令":"关键器件动作""#))
            .count()
    };
    assert_eq!(polls(&mut shard, NOW), 0);
    rests.store(false, Ordering::Relaxed);
    assert!(polls(&mut shard, NOW + 120_000) > 0, "it goes on");
}

#[test]
fn a_proxied_command_is_sent_answered_and_told() {
    let mut shard = shard(UnknownDevice::Adopt);
    says(&mut shard, r#"{"命令":"登录","reqid":1}"#, NOW);
    let _ = replies(&mut shard);
    shard.proxied(
        uuid(),
        0,
        r#"{"命令":"重启","延时_秒":5,"请求标识":"web-1"}"#.as_bytes(),
        false,
        NOW,
    );
    let sent = replies(&mut shard);
    assert_eq!(sent.len(), 1);
    let reqid = serde_json::from_str::<serde_json::Value>(&sent[0]).unwrap()["reqid"]
        .as_u64()
        .unwrap();
    // Staff's own command of the same kind is answered first: it is nobody's here.
    says(
        &mut shard,
        r#"{"命令":"重启应答","reqid":4711,"结果":"失败"}"#,
        NOW + 10,
    );
    says(
        &mut shard,
        format!(r#"{{"命令":"重启应答","reqid":{reqid},"结果":"成功"}}"#),
        NOW + 20,
    );
    let told: Vec<_> = shard
        .output()
        .outcomes
        .iter()
        .map(|m| String::from_utf8_lossy(&m.payload).into_owned())
        .collect();
    let states: Vec<_> = ["queued", "sent", "answered"]
        .iter()
        .zip(&told)
        .map(|(s, t)| t.contains(s))
        .collect();
    assert_eq!((states, told.len()), (vec![true; 3], 3), "{told:?}");
    let frames = shard.output().take_frames();
    assert_eq!(
        rows(&frames, Table::CommandRecord, &["source"])
            .iter()
            .filter(|r| r[0] == "外部")
            .count(),
        1
    );
}

#[test]
fn a_bad_command_is_refused_with_the_reason() {
    let mut shard = shard(UnknownDevice::Adopt);
    shard.confirm(&asset(77), NOW);
    for (payload, reason) in [
        ("[]", "object"),
        ("{", "JSON"),
        (r#"{"命令":"飞行"}"#, "飞行"),
        (r#"{"命令":"重启","超时_秒":0}"#, "超时_秒"),
        (r#"{"命令":"重启","请求标识":5}"#, "请求标识"),
    ] {
        shard.proxied(uuid(), 0, payload.as_bytes(), false, NOW);
        let told = std::mem::take(&mut shard.output().outcomes);
        let told = String::from_utf8_lossy(&told.last().unwrap().payload).into_owned();
        assert!(
            told.contains("refused") && told.contains(reason),
            "{payload}: {told}"
        );
    }
    assert!(replies(&mut shard).is_empty());
}

proptest! {
    /// Whatever comes, nothing panics, and what names itself a charge record with a number is answered.
    #[test]
    fn anything_may_come(noise in proptest::collection::vec(any::<u8>(), 0..300), cut in 0usize..120) {
        let mut shard = shard(UnknownDevice::Adopt);
        says(&mut shard, noise.clone(), NOW);
        let mut broken = RECORD.as_bytes().to_vec();
        broken.truncate(broken.len().min(cut));
        broken.extend(&noise);
        says(&mut shard, broken, NOW);
        let _ = replies(&mut shard);
        says(&mut shard, RECORD, NOW);
        prop_assert_eq!(replies(&mut shard).len(), 1);
        prop_assert!(!rows(&shard.output().take_frames(), Table::Asset, &["name"]).is_empty());
    }
}
