//! 充电记录: the record that must not be lost, doubled, or asked for again for ever.

use protocol::Milli;
use protocol::reply::{Reply, TradeRecordConfirmation};
use protocol::uplink::TradeRecord;
use store::Milli64;
use store::table::quarantine::Quarantine;
use store::table::trade_record::TradeRecord as Row;

use super::text;
use crate::fleet::stamp::Stamp;
use crate::fleet::turn::Turn;

pub(in crate::fleet) fn trade_record(
    turn: &mut Turn<'_>,
    record: &TradeRecord<'_>,
    payload: &[u8],
    exact: bool,
) {
    let number = text(&record.trade_number);
    if number.is_empty() {
        quarantine(turn, payload, "no_trade_number", "", record.common.reqid);
        return;
    }
    let content_hash = record.content_hash();
    let identity = turn.identity((number, content_hash));
    if turn.session.is_repeated(identity) {
        turn.core.tally.count("ops_tcu_repeated_total", "trade_record");
    } else {
        // A VIN or field that was cleaned keeps its original beside it.
        let clean = exact && record.problems.is_empty();
        row(
            turn,
            record,
            number,
            content_hash,
            if clean { &[] } else { payload },
        );
    }
    confirm(turn, number, record.common.reqid);
}

/// A record that cannot be understood, or has no number: kept whole for people to judge. The pile is
/// told that it has arrived, or it would send it for ever.
pub(in crate::fleet) fn quarantine(
    turn: &mut Turn<'_>,
    payload: &[u8],
    reason: &'static str,
    number: &str,
    reqid: u32,
) {
    turn.core.tally.reject(reason);
    let identity = turn.identity((reason, payload));
    if !turn.session.is_repeated(identity) {
        let topic = turn.core.topics.msg(turn.session.uuid);
        let (device_id, uuid) = (turn.session.device_id, turn.session.uuid);
        turn.core.out.row(&quarantine_row(
            turn.now,
            device_id,
            &uuid.to_string(),
            &topic,
            reason,
            number,
            payload,
        ));
    }
    confirm(turn, number, reqid);
}

/// The quarantine's row for a payload of a pile, known or not.
pub(in crate::fleet) fn quarantine_row<'a>(
    now: i64,
    device_id: u64,
    uuid: &'a str,
    topic: &'a str,
    reason: &'a str,
    number: &'a str,
    payload: &'a [u8],
) -> Quarantine<'a> {
    Quarantine {
        recv_time: now,
        device_id,
        uuid,
        topic,
        table_name: if number.is_empty() { "" } else { "trade_record" },
        reason,
        error: "",
        trade_id: number,
        payload,
    }
}

fn confirm(turn: &mut Turn<'_>, number: &str, reqid: u32) {
    turn.reply("充电记录确认", confirmation(number, reqid));
}

/// 充电记录确认 for a record that is, or is about to be, durable.
pub(in crate::fleet) fn confirmation(number: &str, reqid: u32) -> Vec<u8> {
    let confirmation = TradeRecordConfirmation {
        trade_number: number.to_owned(),
        ..Default::default()
    };
    Reply::from(confirmation).to_json(reqid)
}

fn row(turn: &mut Turn<'_>, record: &TradeRecord<'_>, number: &str, content_hash: u64, raw: &[u8]) {
    let stamp = Stamp::new(record.common.time_ms(), turn.now);
    let (vin, vin_raw_hex) = record
        .vin
        .as_ref()
        .map_or(("", ""), |v| (&v.text, v.raw_hex.as_deref().unwrap_or("")));
    turn.core.out.row(&Row {
        timestamp: stamp.timestamp,
        pile_time: stamp.pile_time,
        recv_time: stamp.recv_time,
        clock_skew: stamp.clock_skew,
        device_id: turn.session.device_id,
        device_zone: record.common.zone.as_ref().map_or("", |z| &z.text),
        gun_num: record.common.gun().unwrap_or(0),
        trade_id: number,
        content_hash,
        conflict: 0,
        reqid: record.common.reqid,
        vin,
        vin_raw_hex,
        charge_way: text(&record.charge_way),
        start_time: record.start_time.map_or(0, |t| t.ms),
        end_time: record.end_time.map_or(0, |t| t.ms),
        start_soc: record.start_soc,
        end_soc: record.end_soc,
        start_meter: kwh(record.start_meter),
        end_meter: kwh(record.end_meter),
        energy: kwh(record.energy),
        energy_sharp: kwh(record.sharp_energy),
        energy_peak: kwh(record.peak_energy),
        energy_flat: kwh(record.flat_energy),
        energy_valley: kwh(record.valley_energy),
        charged_minutes: record.duration_minutes,
        stop_reason: text(&record.stop_reason),
        amount: kwh(record.amount),
        raw,
    });
}

fn kwh(value: Option<Milli>) -> Option<Milli64> {
    value.map(|v| Milli64::saturating(v.0))
}
