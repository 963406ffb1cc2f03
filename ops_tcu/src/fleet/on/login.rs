//! 登录: the pile says who it is; its clock is set in return.

use protocol::reply::{LoginReply, Reply};
use protocol::uplink::Login;
use protocol::{Outcome, PileTime};
use store::table::login_record::LoginRecord;

use super::{command, text};
use crate::fleet::commands::Again;
use crate::fleet::session::Identity;
use crate::fleet::stamp::Stamp;
use crate::fleet::turn::Turn;

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
    *turn.session.identity = Identity {
        sn: text(&login.serial_number).into(),
        software: text(&login.software_version).into(),
        model: text(&login.model).into(),
        sim: text(&login.sim).into(),
    };
    turn.changed();
    let reply = LoginReply {
        time: PileTime { ms: turn.now },
        outcome: Outcome::default(),
    };
    // Before what waits for the pile: a TCU takes nothing before it.
    turn.reply("登录应答", Reply::from(reply).to_json(login.common.reqid));
    command::back(turn, Again::LoggedIn);
}
