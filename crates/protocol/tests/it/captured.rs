//! Every captured payload and what is made of it, as snapshots.

use protocol::{Encoding, Frame, Uplink};

use crate::{sample, samples};

#[test]
fn snapshots() {
    for (name, payload) in samples() {
        let frame = Frame::read(&payload).unwrap();
        insta::with_settings!({ description => frame.text().to_owned(), omit_expression => true }, {
            insta::assert_debug_snapshot!(name, (frame.encoding(), frame.message()));
        });
    }
}

#[test]
fn both_shapes_of_the_component_counters_give_the_same() {
    let (list, repeated) = (sample("key_component_list"), sample("key_component_repeated"));
    let (list, repeated) = (Frame::read(&list).unwrap(), Frame::read(&repeated).unwrap());
    assert_eq!(list.message(), repeated.message());
}

#[test]
fn gb18030_says_the_same_as_utf8() {
    for name in [
        "run_data_v3",
        "trade_record",
        "key_component_repeated",
        "boot_failed",
    ] {
        let (utf8, gbk) = (sample(name), sample(&format!("{name}.gbk")));
        let (utf8, gbk) = (Frame::read(&utf8).unwrap(), Frame::read(&gbk).unwrap());
        assert_eq!(
            (utf8.encoding(), gbk.encoding()),
            (Encoding::Utf8, Encoding::Gb18030)
        );
        assert_eq!(utf8.message(), gbk.message(), "{name}");
    }
}

/// Everything of a charge record but its VIN, in the sound record and in one with `vin` in its place.
fn record_with(name: &str) -> (String, Option<String>) {
    let payload = sample(name);
    let frame = Frame::read(&payload).unwrap();
    let Ok(Uplink::TradeRecord(mut record)) = frame.message() else {
        panic!("a charge record: {name}")
    };
    let vin = record.vin.take().and_then(|vin| vin.raw_hex);
    (format!("{record:?}"), vin)
}

#[test]
fn a_damaged_vin_harms_nothing_else() {
    let (sound, clean) = record_with("trade_record");
    assert_eq!(clean, None);
    let cases = [
        ("trade_record.vin_gbk_backslash", "b35cb3b5b35c"),
        (
            "trade_record.vin_erased_flash",
            "ffffffffffffffffffffffffffffffffff",
        ),
        ("trade_record.vin_noise", "8a22015cfe002cd5229c5c"),
        ("trade_record.gbk_vin_noise", "8a22015cfe002cd5229c5c"),
    ];
    for (name, raw) in cases {
        assert_eq!(record_with(name), (sound.clone(), Some(raw.to_owned())), "{name}");
    }
}

#[test]
fn the_alias_names_the_same_record() {
    let (record, alias) = (sample("trade_record"), sample("trade_record.alias"));
    let (record, alias) = (Frame::read(&record).unwrap(), Frame::read(&alias).unwrap());
    let (Ok(Uplink::TradeRecord(record)), Ok(Uplink::TradeRecord(alias))) =
        (record.message(), alias.message())
    else {
        panic!("two charge records")
    };
    assert_eq!(
        (&*record.common.command, &*alias.common.command),
        ("充电记录", "交易记录")
    );
    assert_eq!(record.content_hash(), alias.content_hash());
}
