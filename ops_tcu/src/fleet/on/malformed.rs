//! Payloads that are no message: counted by pile and reason, sampled for people to look at.

use protocol::{Malformed, salvage_reqid, salvage_trade_number};
use store::table::malformed_message::{MalformedMessage, SAMPLE_SIZE};

use super::trade_record;
use crate::fleet::output::Output;
use crate::fleet::turn::Turn;

/// One pile's samples are at least this far apart: its count goes on, its disk use does not.
const SAMPLE_EVERY_MS: i64 = 1000;

pub(in crate::fleet) fn malformed(turn: &mut Turn<'_>, malformed: &Malformed, payload: &[u8], status: bool) {
    let number = if status {
        None
    } else {
        salvage_trade_number(payload)
    };
    if let Some(number) = number {
        let reqid = salvage_reqid(payload).unwrap_or(0);
        trade_record::quarantine(turn, payload, malformed.reason.label(), &number, reqid);
        return;
    }
    turn.core.tally.reject(malformed.reason.label());
    if turn.now - turn.session.sampled < SAMPLE_EVERY_MS {
        return;
    }
    turn.session.sampled = turn.now;
    let topics = &turn.core.topics;
    let uuid = turn.session.uuid;
    let topic = if status {
        topics.status(uuid)
    } else {
        topics.msg(uuid)
    };
    let whose = Whose {
        device_id: turn.session.device_id,
        uuid: &uuid.to_string(),
        topic: &topic,
    };
    sample(
        &mut turn.core.out,
        turn.now,
        &whose,
        malformed.reason.label(),
        malformed.offset,
        payload,
    );
}

/// Where a malformed payload came from.
pub(in crate::fleet) struct Whose<'a> {
    pub device_id: u64,
    pub uuid: &'a str,
    pub topic: &'a str,
}

/// Keeps the beginning of a payload.
pub(in crate::fleet) fn sample(
    out: &mut Output,
    now: i64,
    whose: &Whose<'_>,
    reason: &str,
    offset: usize,
    payload: &[u8],
) {
    out.row(&MalformedMessage {
        recv_time: now,
        device_id: whose.device_id,
        uuid: whose.uuid,
        topic: whose.topic,
        reason,
        offset: u32::try_from(offset).unwrap_or(u32::MAX),
        size: u32::try_from(payload.len()).unwrap_or(u32::MAX),
        sample: &payload[..payload.len().min(SAMPLE_SIZE)],
    });
}
