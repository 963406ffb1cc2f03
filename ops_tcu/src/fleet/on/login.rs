//! 登录: the pile says who it is; its clock is set in return.

use compact_str::CompactString;
use protocol::reply::{LoginReply, Reply};
use protocol::uplink::Login;
use protocol::{Outcome, PileTime};
use store::table::login_record::LoginRecord;
use store::table::warn_record::{Source, State, WarnRecord};

use super::text;
use crate::fleet::session::Identity;
use crate::fleet::stamp::Stamp;
use crate::fleet::turn::Turn;

/// Two serial numbers under one uuid within this time are two piles, not a swapped TCU.
const DUPLICATE_WITHIN_MS: i64 = 3_600_000;
/// The code under which `warn_record` holds a duplicate uuid.
const DUPLICATE_CODE: &str = "PLATFORM-DUPLICATE-UUID";

pub(in crate::fleet) fn login(turn: &mut Turn<'_>, login: &Login<'_>) {
    let stamp = Stamp::new(login.common.time_ms(), turn.now);
    let uuid = turn.session.uuid.to_string();
    turn.core.out.row(&LoginRecord {
        timestamp: stamp.timestamp,
        pile_time: stamp.pile_time,
        recv_time: stamp.recv_time,
        clock_skew: stamp.clock_skew,
        device_id: turn.session.device_id,
        uuid: &uuid,
        reqid: login.common.reqid,
        software_version: text(&login.software_version),
        hardware_version: text(&login.hardware_version),
        model: text(&login.model),
        sn: text(&login.serial_number),
        gun_count: login.gun_count.unwrap_or(0),
        sim: text(&login.sim),
        mvno: text(&login.operator),
        signal_dbm: login.signal_dbm,
    });
    let identity = Identity {
        sn: text(&login.serial_number).into(),
        software: text(&login.software_version).into(),
        model: text(&login.model).into(),
        sim: text(&login.sim).into(),
        at: turn.now,
    };
    let before = std::mem::replace(&mut *turn.session.identity, identity);
    let other_sn = !before.sn.is_empty() && before.sn != turn.session.identity.sn;
    if other_sn && turn.now - before.at < DUPLICATE_WITHIN_MS {
        duplicate_uuid(turn, stamp, &before.sn);
    }
    turn.changed();
    let reply = LoginReply {
        time: PileTime { ms: turn.now },
        outcome: Outcome::default(),
    };
    turn.reply("登录应答", Reply::from(reply).to_json(login.common.reqid));
}

/// Two piles speak under one uuid. Staff must know; who gets which uuid is for `register` to settle.
fn duplicate_uuid(turn: &mut Turn<'_>, stamp: Stamp, before: &CompactString) {
    turn.core.tally.count("ops_tcu_duplicate_uuid_total", "sn");
    let now = &turn.session.identity.sn;
    let extra = format!(
        "uuid {} 在一小时内先后由出厂编号 {before} 和 {now} 登录",
        turn.session.uuid
    );
    turn.core.out.row(&WarnRecord {
        timestamp: stamp.recv_time,
        pile_time: stamp.pile_time,
        recv_time: stamp.recv_time,
        clock_skew: 0,
        device_id: turn.session.device_id,
        device_zone: "桩数据",
        warn_code: DUPLICATE_CODE,
        warn_name: "uuid重复",
        warn_level: 0,
        warn_class: "",
        state: State::Raised,
        source: Source::Platform,
        generate_time: stamp.recv_time,
        recover_time: 0,
        count: 1,
        extra: &extra,
        reqid: 0,
    });
}
