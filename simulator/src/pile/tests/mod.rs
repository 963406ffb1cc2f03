//! The pile as a whole: what it promises over hours of simulated life.

mod acting;
mod bench;
mod faults;

use std::collections::{BTreeMap, HashMap, HashSet};

use protocol::downlink::Downlink;
use protocol::{Frame, Uplink};

use super::firmware::Shares;
use super::profile::Acting;
use super::*;

const START: i64 = 1_750_000_000_000;
const HOUR: i64 = 3_600_000;

fn shares(each: f64) -> Shares {
    Shares {
        v1: each / 2.0,
        changes_only: each / 2.0,
        gb18030: each,
        repeated_keys: each,
        garbled_vin: each,
        cmd_resp: each,
        old_names: each,
    }
}

fn profile(seed: u64, each: f64) -> Arc<Profile> {
    Arc::new(Profile {
        seed,
        interval_ms: 60_000,
        resend_ms: 10_000,
        speed: 1.0,
        charge_rate: 3.0,
        boot_failure_rate: 0.3,
        warning_rate: 4.0,
        longest_charge_s: f64::INFINITY,
        charges: None,
        sn_prefix: "XJ".to_owned(),
        model: None,
        shares: shares(each),
        acting: Acting::default(),
    })
}

fn pile(seed: u64, counter: u64, each: f64) -> Pile {
    Pile::new(profile(seed, each), Uuid::from_counter(counter).unwrap(), START)
}

/// Lets a connected pile live, at exactly the times it asks for; `hear` may answer each output.
fn live(
    pile: &mut Pile,
    hours: i64,
    mut hear: impl FnMut(&mut Pile, i64, &Output, &mut Vec<Output>),
) -> Vec<Output> {
    let (mut all, mut now) = (Vec::new(), START);
    let mut out = Vec::new();
    pile.connected(now, &mut out);
    while now < START + hours * HOUR {
        let mut replies = Vec::new();
        for output in &out {
            hear(pile, now, output, &mut replies);
        }
        all.append(&mut out);
        out = replies;
        now = pile.next_due().max(now + 1);
        pile.tick(now, &mut out);
    }
    all
}

fn silent(_: &mut Pile, _: i64, _: &Output, _: &mut Vec<Output>) {}

/// Confirms what a platform confirms, the way it does.
fn confirm(pile: &mut Pile, now: i64, output: &Output, out: &mut Vec<Output>) {
    let Output::Send(message) = output else { return };
    let frame = Frame::read(&message.payload).unwrap();
    let reply = match message.name {
        "充电记录" | "交易记录" => "充电记录确认",
        "启动失败原因" => "启动失败原因确认",
        "事件上送" | "告警" => "事件确认",
        _ => return,
    };
    let reqid = frame.message().unwrap().common().reqid;
    let number = message
        .record
        .map(|number| format!("{number:032}"))
        .unwrap_or_default();
    let reply = serde_json::json!({"命令": reply, "reqid": reqid, "交易流水号": number, "结果": "成功"});
    pile.hear(now, reply.to_string().as_bytes(), out);
}

fn messages(outputs: &[Output]) -> impl Iterator<Item = &Message> {
    outputs.iter().filter_map(|output| match output {
        Output::Send(message) => Some(message),
        _ => None,
    })
}

#[test]
fn the_same_seed_gives_the_same_life_and_another_seed_another() {
    let life = |seed, counter| live(&mut pile(seed, counter, 0.5), 5, silent);
    assert_eq!(life(1, 3), life(1, 3));
    assert_ne!(life(1, 3), life(2, 3));
    assert_ne!(life(1, 3), life(1, 4));
}

#[test]
fn a_record_is_repeated_with_the_same_bytes_until_it_is_confirmed() {
    let mut one = pile(1, 1, 0.0);
    let mut sends: BTreeMap<u128, Vec<Bytes>> = BTreeMap::new();
    let outputs = live(&mut one, 12, |pile, now, output, out| {
        if let Output::Send(Message {
            record: Some(number),
            payload,
            ..
        }) = output
        {
            let sent = sends.entry(*number).or_default();
            sent.push(payload.clone());
            // The fourth sending is confirmed, and once more for a confirmation that comes twice.
            if sent.len() == 4 {
                confirm(pile, now, output, out);
                confirm(pile, now, output, out);
            }
        }
    });
    let confirmed: Vec<_> = outputs
        .iter()
        .filter(|o| matches!(o, Output::RecordConfirmed(_)))
        .collect();
    let done = sends.values().filter(|sent| sent.len() == 4).count();
    assert!(done > 5, "only {done} records");
    assert_eq!(confirmed.len(), done);
    for sent in sends.values() {
        assert!(sent.len() <= 4, "sent again after its confirmation");
        assert!(sent.iter().all(|payload| *payload == sent[0]));
    }
}

#[test]
fn a_refused_or_foreign_confirmation_confirms_nothing() {
    let mut one = pile(1, 1, 0.0);
    let mut made = 0;
    live(&mut one, 12, |pile, now, output, out| {
        let Output::RecordMade(number) = output else {
            return;
        };
        made += 1;
        for (number, result) in [
            (format!("{number:032}"), "失败"),
            ("1".repeat(32), "成功"),
            ("x".into(), "成功"),
        ] {
            let reply = serde_json::json!({"命令": "充电记录确认", "交易流水号": number, "结果": result});
            pile.hear(now, reply.to_string().as_bytes(), out);
        }
        assert!(
            !out.iter()
                .any(|output| matches!(output, Output::RecordConfirmed(_)))
        );
    });
    assert!(made > 3 && !one.is_settled());
}

#[test]
fn energy_meter_and_soc_only_rise() {
    for counter in 0..10 {
        let mut meters: HashMap<u8, i64> = HashMap::new();
        let mut charging: HashMap<u8, (i64, u8)> = HashMap::new();
        let outputs = live(&mut pile(9, counter, 0.0), 10, confirm);
        for message in messages(&outputs).filter(|message| message.name == "运行数据") {
            let frame = Frame::read(&message.payload).unwrap();
            let Uplink::RunData(data) = frame.message().unwrap() else {
                panic!("run data")
            };
            let (gun, points) = (data.common.gun().unwrap(), data.points);
            let meter = points.meter.unwrap().0;
            assert!(meters.insert(gun, meter).is_none_or(|former| former <= meter));
            if points.work_state.as_deref() != Some("充电") {
                charging.remove(&gun);
                continue;
            }
            let now = (points.energy.unwrap().0, points.soc.unwrap());
            assert!(
                charging
                    .insert(gun, now)
                    .is_none_or(|former| former.0 <= now.0 && former.1 <= now.1)
            );
        }
        assert!(!meters.is_empty());
    }
}

#[test]
fn records_are_consistent_in_themselves_and_unique() {
    let mut numbers = HashSet::new();
    let mut one = pile(4, 2, 0.0);
    for message in messages(&live(&mut one, 48, confirm)).filter(|message| message.record.is_some()) {
        assert!(numbers.insert(message.record));
        let frame = Frame::read(&message.payload).unwrap();
        let Uplink::TradeRecord(record) = frame.message().unwrap() else {
            panic!("record")
        };
        let energy = record.energy.unwrap().0;
        let parts = [
            record.sharp_energy,
            record.peak_energy,
            record.flat_energy,
            record.valley_energy,
        ];
        assert_eq!(parts.iter().map(|part| part.unwrap().0).sum::<i64>(), energy);
        assert_eq!(
            record.end_meter.unwrap().0 - record.start_meter.unwrap().0,
            energy
        );
        let minutes = (record.end_time.unwrap().ms - record.start_time.unwrap().ms) / 60_000;
        assert!((minutes - i64::from(record.duration_minutes.unwrap())).abs() <= 1);
        assert!(energy > 0 && record.end_soc.unwrap() >= record.start_soc.unwrap());
    }
    assert!(numbers.len() > 30, "{}", numbers.len());
}

#[test]
fn whatever_firmware_says_the_protocol_understands() {
    let mut seen = HashSet::new();
    for (counter, each) in (0..18).zip([0.0, 0.3, 1.0].into_iter().cycle()) {
        let mut one = pile(5, counter, each);
        for message in messages(&live(&mut one, 4, confirm)).filter(|m| m.channel != Channel::Status) {
            check(message, one.firmware(), &mut seen);
        }
        let mut out = Vec::new();
        for command in Downlink::COMMANDS {
            one.hear(START, command_json(command, 8).to_string().as_bytes(), &mut out);
        }
        messages(&out).for_each(|message| check(message, one.firmware(), &mut seen));
    }
    for name in [
        "登录",
        "运行数据",
        "数据变位",
        "充电记录",
        "交易记录",
        "启动失败原因",
        "事件上送",
        "告警",
        "关键器件动作应答",
    ] {
        assert!(seen.contains(name), "{name} never came");
    }
}

fn check(message: &Message, firmware: Firmware, seen: &mut HashSet<&'static str>) {
    let frame = Frame::read(&message.payload).unwrap();
    let uplink = frame.message().unwrap();
    let text = String::from_utf8_lossy(&message.payload);
    assert_eq!(uplink.command(), message.name, "{text}");
    assert!(!matches!(uplink, Uplink::Unknown(_)), "{text}");
    assert!(uplink.common().time.is_some(), "{text}");
    match &uplink {
        Uplink::TradeRecord(record) => {
            assert_eq!(
                record.trade_number.as_deref().unwrap().parse().ok(),
                message.record
            );
            assert!(record.energy.is_some() && record.stop_reason.is_some(), "{text}");
            assert!(firmware.garbled_vin || record.vin.is_some(), "{text}");
        }
        Uplink::BootFailed(failed) => {
            let reason = failed.reason.as_ref().unwrap();
            assert!(
                reason.code.is_some() && reason.party.is_some() && reason.text.is_some(),
                "{text}"
            );
        }
        Uplink::KeyComponent(answer) => assert!(answer.components.len() >= 5, "{text}"),
        _ => {}
    }
    if !firmware.garbled_vin {
        assert!(uplink.problems().is_empty(), "{text}");
    }
    seen.insert(message.name);
}

fn command_json(command: &str, reqid: u32) -> serde_json::Value {
    serde_json::json!({
        "命令": command, "reqid": reqid, "uuid": "AAAAAMWY", "字节数": "583760", "文件名": "a.log", "枪号": "1",
        "配置列表": [{"名称": "费率", "值": "2"}], "服务器IP": "127.0.0.2", "端口": 1884, "系统时间": "2025-06-18 19:06:19+0800",
    })
}

#[test]
fn nonsense_from_the_platform_does_no_harm() {
    let (mut one, mut out) = (pile(1, 7, 0.0), Vec::new());
    for payload in [&b""[..], b"{", b"[]", b"null", b"\xff\xfe", b"{\"reqid\":-1}"] {
        one.hear(START, payload, &mut out);
    }
    assert_eq!(
        one.hear(START, "{\"命令\":\"飞行\",\"reqid\":\"5\"}".as_bytes(), &mut out),
        "未知命令"
    );
    let last = messages(&out).last().unwrap();
    assert!(
        std::str::from_utf8(&last.payload)
            .unwrap()
            .contains(r#""reqid":5"#)
    );
}

#[test]
fn closed_operations_silence_all_but_logins_and_answers() {
    let mut one = pile(1, 7, 0.0);
    let mut out = Vec::new();
    one.hear(START, r#"{"命令":"关闭运维","reqid":2}"#.as_bytes(), &mut out);
    let outputs = live(&mut one, 6, silent);
    assert!(messages(&outputs).all(|message| ["登录", "状态"].contains(&message.name)));
    assert!(!one.is_settled(), "records go on being made and kept");
    one.hear(
        START + 6 * HOUR,
        r#"{"命令":"开启运维","reqid":3}"#.as_bytes(),
        &mut out,
    );
    out.clear();
    one.tick(START + 6 * HOUR + 1, &mut out);
    assert!(messages(&out).any(|message| message.record.is_some()));
}

#[test]
fn limited_charges_are_made_exactly() {
    let mut limited = Profile::clone(&profile(3, 0.0));
    limited.charges = Some(3);
    for counter in 0..20 {
        let mut one = Pile::new(
            Arc::new(limited.clone()),
            Uuid::from_counter(counter).unwrap(),
            START,
        );
        let made = live(&mut one, 72, confirm)
            .iter()
            .filter(|o| matches!(o, Output::RecordMade(_)))
            .count();
        assert_eq!(made, 3);
        assert!(one.is_settled());
    }
}

#[test]
fn drivers_leave_when_the_longest_charge_is_over() {
    let mut own = Profile::clone(&profile(3, 0.0));
    own.longest_charge_s = 120.0;
    let mut one = Pile::new(Arc::new(own), Uuid::from_counter(2).unwrap(), START);
    let mut count = 0;
    for message in messages(&live(&mut one, 48, confirm)).filter(|message| message.record.is_some()) {
        let frame = Frame::read(&message.payload).unwrap();
        let Uplink::TradeRecord(record) = frame.message().unwrap() else {
            panic!("record")
        };
        let length = record.end_time.unwrap().ms - record.start_time.unwrap().ms;
        assert!(length < 200_000 && record.energy.unwrap().0 > 0, "{length} ms");
        count += 1;
    }
    assert!(count > 30, "{count}");
}

#[test]
fn after_winding_down_only_what_waits_is_sent() {
    let mut one = pile(1, 1, 0.0);
    live(&mut one, 8, silent);
    assert!(!one.is_settled());
    one.wind_down();
    let outputs = live(&mut one, 1, |pile, now, output, out| {
        confirm(pile, now, output, out)
    });
    assert!(messages(&outputs).all(|message| !["运行数据", "数据变位"].contains(&message.name)));
    assert!(one.is_settled());
    assert!(one.next_due() >= FAR_AWAY_MS);
}
