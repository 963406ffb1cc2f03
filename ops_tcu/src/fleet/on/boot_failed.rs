//! 启动失败原因: a charge that did not start. The code's meaning is taken from its text, never assumed.

use protocol::reply::{BootFailedConfirmation, Reply};
use protocol::time;
use protocol::uplink::BootFailed;
use store::table::boot_failed_record::BootFailedRecord;

use super::text;
use crate::fleet::stamp::Stamp;
use crate::fleet::turn::Turn;

pub(in crate::fleet) fn boot_failed(turn: &mut Turn<'_>, failure: &BootFailed<'_>) {
    let number = text(&failure.trade_number);
    let zone = failure.common.zone.as_ref().map_or("", |z| &z.text);
    let generated = failure.occurred.map_or(0, |t| t.ms);
    let whole = failure.reason.as_ref().map_or("", |r| &r.whole);
    let identity = turn.identity((number, zone, generated, whole));
    if turn.session.is_repeated(identity) {
        turn.core
            .tally
            .count("ops_tcu_repeated_total", "boot_failed_record");
    } else {
        row(turn, failure, zone, generated);
    }
    let reqid = failure.common.reqid;
    let confirmation = BootFailedConfirmation {
        trade_number: number.to_owned(),
        ..Default::default()
    };
    turn.reply("启动失败原因确认", Reply::from(confirmation).to_json(reqid));
}

fn row(turn: &mut Turn<'_>, failure: &BootFailed<'_>, zone: &str, generated: i64) {
    let stamp = Stamp::of_event(failure.occurred.map(|t| t.ms), failure.common.time_ms(), turn.now);
    let app_time = if generated == 0 {
        String::new()
    } else {
        time::format(generated)
    };
    let reason = failure.reason.as_ref();
    turn.core.out.row(&BootFailedRecord {
        timestamp: stamp.timestamp,
        pile_time: stamp.pile_time,
        recv_time: stamp.recv_time,
        clock_skew: stamp.clock_skew,
        dt_id: turn.session.dt_id,
        trade_id: text(&failure.trade_number),
        device_id: turn.session.device_id,
        device_zone: zone,
        gun_num: failure.common.gun().unwrap_or(0),
        app_time: &app_time,
        generate_time: generated,
        failed_code: reason.map_or("", |r| &r.whole),
        failed_hex: reason.map_or("", |r| text(&r.code)),
        failed_party: reason.map_or("", |r| text(&r.party)),
        failed_text: reason.map_or("", |r| text(&r.text)),
        charge_way: text(&failure.charge_way),
        start_soc: failure.start_soc.unwrap_or(0),
        vin: failure.vin.as_ref().map_or("", |v| &v.text),
        reqid: failure.common.reqid,
    });
}
