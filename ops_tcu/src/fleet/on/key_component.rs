//! 关键器件动作应答: how often each component switched since the last confirmed answer. An answer sent
//! twice must not count twice.

use std::sync::atomic::Ordering;

use protocol::downlink::{Downlink, PollKeyComponents};
use protocol::reply::{KeyComponentConfirmation, Reply};
use protocol::uplink::{ComponentCount, KeyComponentAnswer};
use store::table::key_component_action_count::KeyComponentActionCount;

use super::answer;
use crate::fleet::session::Presence;
use crate::fleet::stamp::Stamp;
use crate::fleet::turn::Turn;

/// The command that this answers.
pub(in crate::fleet) const COMMAND: &str = "关键器件动作";

pub(in crate::fleet) fn key_component(turn: &mut Turn<'_>, answer: &KeyComponentAnswer<'_>, payload: &str) {
    let stamp = Stamp::new(answer.common.time_ms(), turn.now);
    let named = |c: &ComponentCount<'_>| {
        (
            c.zone.as_ref().map(|z| z.text.to_string()),
            c.component.to_string(),
        )
    };
    let names: Vec<_> = answer.components.iter().map(named).collect();
    let identity = turn.identity((stamp.pile_time, names));
    // Without the pile's time there is no telling a repetition from the next increment.
    if stamp.pile_time != 0 && turn.session.is_repeated(identity) {
        turn.core
            .tally
            .count("ops_tcu_repeated_total", "key_component_action_count");
    } else {
        rows(turn, answer, stamp);
    }
    let reqid = answer.common.reqid;
    turn.reply(
        "关键器件动作确认",
        Reply::from(KeyComponentConfirmation::default()).to_json(reqid),
    );
    answer::close_component_poll(turn, reqid, payload);
}

fn rows(turn: &mut Turn<'_>, answer: &KeyComponentAnswer<'_>, stamp: Stamp) {
    for count in &answer.components {
        turn.core.out.row(&KeyComponentActionCount {
            timestamp: stamp.timestamp,
            pile_time: stamp.pile_time,
            recv_time: stamp.recv_time,
            clock_skew: stamp.clock_skew,
            device_id: turn.session.device_id,
            device_zone: count.zone.as_ref().map_or("", |z| &z.text),
            key_component_name: &count.component,
            switching_cycles: count.normal,
            abnormal_switching_cycles: count.abnormal,
            reqid: answer.common.reqid,
        });
    }
}

/// Asks an online pile for its counters when they are due. The first time is spread over the whole
/// interval by the pile's uuid, so that a fleet that comes up together is not asked together.
pub(in crate::fleet) fn poll(turn: &mut Turn<'_>) {
    let interval = turn.core.rules.component_poll;
    if turn.core.poll_rests.load(Ordering::Relaxed) {
        // When it goes on the fleet is spread anew.
        turn.session.poll_due = 0;
        return;
    }
    if interval == 0 || turn.session.presence != Presence::Online {
        return;
    }
    if turn.session.poll_due == 0 {
        // A multiplier without common factors scatters neighbouring uuids.
        let spread = turn.session.uuid.counter().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11;
        turn.session.poll_due = turn.now + (spread % interval.unsigned_abs()) as i64;
    }
    if turn.now < turn.session.poll_due {
        return;
    }
    turn.session.poll_due = turn.now + interval;
    let reqid = turn.session.next_reqid(turn.now);
    turn.reply(COMMAND, Downlink::from(PollKeyComponents {}).to_json(reqid));
}
