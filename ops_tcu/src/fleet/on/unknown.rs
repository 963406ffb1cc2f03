//! A 命令 that nobody here knows: counted and kept, never dropped silently.

use store::table::unknown_message::UnknownMessage;

use crate::fleet::turn::Turn;

pub(in crate::fleet) fn unknown(turn: &mut Turn<'_>, command: &str, reqid: u32, payload: &[u8]) {
    turn.core.tally.count("ops_tcu_unknown_total", "command");
    let uuid = turn.session.uuid.to_string();
    turn.core.out.row(&UnknownMessage {
        recv_time: turn.now,
        device_id: turn.session.device_id,
        uuid: &uuid,
        command,
        reqid,
        payload,
    });
}
