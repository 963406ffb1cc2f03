//! What holds for every message, not only for the samples.

use encoding_rs::GB18030;
use proptest::prelude::*;
use protocol::{Encoding, Frame, Uplink};

use crate::check::check;
use crate::generator::{Json, Members, component, message, text};
use crate::sample;

fn with_command(command: &str, members: &Members) -> String {
    let command = ("命令".to_owned(), Json::Leaf(command.into()));
    text(&[vec![command], members.clone()].concat())
}

/// Every number as a string, every string that is one as a number.
fn swap_numbers(json: &Json) -> Json {
    match json {
        Json::Leaf(serde_json::Value::Number(number)) => Json::Leaf(number.to_string().into()),
        Json::Leaf(serde_json::Value::String(text)) => match serde_json::from_str(text) {
            Ok(number @ serde_json::Value::Number(_)) if number.to_string().as_str() == text => {
                Json::Leaf(number)
            }
            _ => json.clone(),
        },
        Json::Leaf(_) => json.clone(),
        Json::List(list) => Json::List(list.iter().map(swap_numbers).collect()),
        Json::Object(members) => Json::Object(
            members
                .iter()
                .map(|(key, value)| (key.clone(), swap_numbers(value)))
                .collect(),
        ),
    }
}

/// The answer's components, whichever way they were packed.
fn components(json: &str) -> Vec<String> {
    let frame = Frame::read(json.as_bytes()).unwrap();
    let Ok(Uplink::KeyComponent(answer)) = frame.message() else {
        panic!("component counters: {json}")
    };
    assert!(answer.problems.is_empty(), "{:?}", answer.problems);
    answer
        .components
        .iter()
        .map(|component| format!("{component:?}"))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn decode_never_panics_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes);
    }

    #[test]
    fn the_fast_path_equals_the_tolerant_one(message in message()) {
        let json = text(&message);
        let (fast, tolerant) = (Frame::read(json.as_bytes()).unwrap(), Frame::read_tolerant(json.as_bytes()).unwrap());
        prop_assert!(fast.message().is_ok());
        prop_assert_eq!(fast.message(), tolerant.message());
        prop_assert_eq!(fast.encoding(), Encoding::Utf8);
        check(json.as_bytes());
    }

    #[test]
    fn gb18030_of_a_message_equals_its_utf8(message in message()) {
        let json = text(&message);
        let (gbk, _, unmappable) = GB18030.encode(&json);
        prop_assert!(!unmappable);
        let (utf8, gbk) = (Frame::read(json.as_bytes()).unwrap(), Frame::read(&gbk).unwrap());
        prop_assert_eq!(gbk.encoding(), Encoding::Gb18030);
        prop_assert_eq!(gbk.text(), json.as_str());
        let (Ok(utf8), Ok(gbk)) = (utf8.message(), gbk.message()) else { panic!("both are messages: {json}") };
        // Beside the VIN's bytes, which differ as they must.
        let [utf8, gbk] = [utf8, gbk].map(without_raw_vin);
        prop_assert_eq!(utf8, gbk);
    }

    #[test]
    fn numbers_may_be_strings_and_strings_numbers(message in message()) {
        let Json::Object(swapped) = swap_numbers(&Json::Object(message.clone())) else { unreachable!() };
        let (json, swapped) = (text(&message), text(&swapped));
        let (frame, swapped) = (Frame::read(json.as_bytes()).unwrap(), Frame::read(swapped.as_bytes()).unwrap());
        // Lists that are kept as their JSON text show which they were.
        let shown = |frame: &Frame<'_>| format!("{:?}", frame.message()).replace(['"', '\\'], "");
        prop_assert_eq!(shown(&frame), shown(&swapped));
    }

    #[test]
    fn repeated_keys_equal_a_list(packed in prop::collection::vec(prop::collection::vec(component(), 1..5), 0..4)) {
        let list = packed.iter().flatten().map(|members| Json::Object(members.clone())).collect();
        let objects = packed.iter().map(|members| Json::Object(members.concat())).collect();
        let [list, objects] = [list, objects].map(|list| {
            let members = vec![("关键器件名称".to_owned(), Json::List(list))];
            components(&with_command("关键器件动作应答", &members))
        });
        prop_assert_eq!(list.len(), packed.iter().map(Vec::len).sum::<usize>());
        prop_assert_eq!(list, objects);
    }

    #[test]
    fn any_bytes_in_a_vin_leave_the_record_whole(vin in prop::collection::vec(any::<u8>(), 1..18), gbk: bool) {
        let name = if gbk { "trade_record.gbk" } else { "trade_record" };
        let sound = sample(name);
        let at = sound.windows(17).position(|window| window == b"LGXC16DF4A0000001").unwrap();
        let payload = [&sound[..at], &vin, &sound[at + 17..]].concat();
        prop_assert_eq!(whole_record(&payload), whole_record(&sound), "{:x?}", vin);
        let number = protocol::salvage_trade_number(&payload);
        prop_assert_eq!(number.as_deref(), Some("00000000000000002506181906190401"));
        prop_assert_eq!(protocol::salvage_reqid(&payload), Some(9));
    }

    #[test]
    fn the_hash_depends_on_contents_alone(reqid: u32, second in 0..4_000_000_000_i64, seed: u64) {
        let time = protocol::time::format(second * 1000);
        let original = String::from_utf8(sample("trade_record")).unwrap();
        let resent = original
            .replace(r#""reqid":9"#, &format!(r#""reqid":{reqid}"#))
            .replace("2025-06-18 19:40:00+0800", &time);
        prop_assert_eq!(hash(resent.as_bytes()), hash(original.as_bytes()));
        prop_assert_eq!(hash(&GB18030.encode(&resent).0), hash(original.as_bytes()));
        prop_assert_eq!(hash(shuffled(&original, seed).as_bytes()), hash(original.as_bytes()));
    }
}

fn without_raw_vin(message: Uplink<'_>) -> Uplink<'_> {
    let strip = |vin: protocol::Vin<'_>| protocol::Vin {
        raw_hex: None,
        text: vin.text.into_owned().into(),
    };
    match message {
        Uplink::TradeRecord(mut record) => {
            record.vin = record.vin.map(strip);
            Uplink::TradeRecord(record)
        }
        Uplink::BootFailed(mut failed) => {
            failed.vin = failed.vin.map(strip);
            Uplink::BootFailed(failed)
        }
        other => other,
    }
}

fn whole_record(payload: &[u8]) -> String {
    let frame = Frame::read(payload).unwrap();
    match frame.message() {
        Ok(Uplink::TradeRecord(mut record)) => {
            record.vin = None;
            format!("{record:?}")
        }
        other => panic!("a charge record, not {other:?}"),
    }
}

fn hash(payload: &[u8]) -> u64 {
    let frame = Frame::read(payload).unwrap();
    match frame.message() {
        Ok(Uplink::TradeRecord(record)) => record.content_hash(),
        other => panic!("a charge record, not {other:?}"),
    }
}

/// The same members in another order.
fn shuffled(json: &str, seed: u64) -> String {
    let serde_json::Value::Object(members) = serde_json::from_str(json).unwrap() else {
        panic!("an object")
    };
    let mut members: Vec<_> = members.into_iter().collect();
    members.sort_by_key(|(key, _)| xxhash_rust::xxh3::xxh3_64_with_seed(key.as_bytes(), seed));
    let members = members
        .into_iter()
        .map(|(key, value)| (key, Json::Leaf(value)))
        .collect();
    text(&members)
}

/// Every field of the record's own changes the hash.
#[test]
fn the_hash_sees_every_field() {
    let original = String::from_utf8(sample("trade_record")).unwrap();
    let serde_json::Value::Object(members) = serde_json::from_str(&original).unwrap() else {
        panic!("an object")
    };
    let mut hashes = vec![hash(original.as_bytes())];
    for key in members
        .keys()
        .filter(|key| !matches!(key.as_str(), "命令" | "reqid" | "系统时间" | "数据分区"))
    {
        let mut changed = members.clone();
        let other = if key.ends_with("时间") {
            "2025-06-18 20:00:00+0800"
        } else {
            "7"
        };
        changed[key] = other.into();
        hashes.push(hash(serde_json::to_string(&changed).unwrap().as_bytes()));
        changed.remove(key);
        hashes.push(hash(serde_json::to_string(&changed).unwrap().as_bytes()));
    }
    let count = hashes.len();
    hashes.sort_unstable();
    hashes.dedup();
    // 枪号 is also in the zone, so that leaving it out changes nothing.
    assert_eq!(hashes.len(), count - 1);
}

/// Stored hashes must go on meaning the same: this value never changes.
#[test]
fn the_hash_is_stable() {
    assert_eq!(hash(&sample("trade_record")), 14_051_439_691_816_207_411);
}
