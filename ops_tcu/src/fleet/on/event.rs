//! 事件上送, 告警: warnings that open and close; storms are folded into one row with a count.

use protocol::reply::{EventConfirmation, Reply};
use protocol::uplink::{Event, EventState};
use store::table::warn_record::{Source, State, WarnRecord};

use super::text;
use crate::fleet::stamp::Stamp;
use crate::fleet::turn::{Core, Turn};
use crate::fleet::warning::{Report, Verdict, Warning};

pub(in crate::fleet) fn event(turn: &mut Turn<'_>, event: &Event<'_>) {
    let at = event.occurred.or(event.common.time).map_or(turn.now, |t| t.ms);
    let stamp = Stamp::new(Some(at), turn.now);
    let name = text(&event.name);
    let code = event.code.as_deref().unwrap_or(name);
    let gun = event.common.gun().unwrap_or(0);
    let report = Report {
        gun,
        code,
        name,
        at,
        ordered: stamp.timestamp,
        now: turn.now,
    };
    let storm = turn.core.rules.storm;
    let device_id = turn.session.device_id;
    let recovered = matches!(event.state, Some(EventState::Recovered));
    let (verdict, warning) = if recovered {
        let (verdict, closed) = turn.session.warnings().recover(&report, storm);
        (verdict, closed.cloned())
    } else {
        let (verdict, opened) = turn.session.warnings().raise(&report, storm);
        (verdict, Some(opened.clone()))
    };
    let extra = text(&event.details);
    match (verdict, warning) {
        (Verdict::Folded, _) | (_, None) if verdict != Verdict::ClosesUnknown => {
            turn.core.tally.count("ops_tcu_repeated_total", "warn_record");
        }
        (_, Some(warning)) => {
            let version = Version {
                device_id,
                now: turn.now,
                closed: recovered.then_some(at),
                extra,
            };
            write(turn.core, &warning, &version, event.common.reqid);
        }
        (_, None) => unopened(turn, &report, event.common.reqid, extra),
    }
    turn.changed();
    turn.reply(
        "事件确认",
        Reply::from(EventConfirmation::default()).to_json(event.common.reqid),
    );
}

/// A storm whose minute is over: the row learns how many there were.
pub(in crate::fleet) fn settle(turn: &mut Turn<'_>) {
    let Some(warnings) = &mut turn.session.warnings else {
        return;
    };
    for warning in warnings.settle(turn.now) {
        let closed = (!warning.open).then_some(turn.now);
        let version = Version {
            device_id: turn.session.device_id,
            now: turn.now,
            closed,
            extra: "",
        };
        write(turn.core, warning, &version, 0);
    }
}

/// What changes from version to version of a warning's row.
struct Version<'a> {
    device_id: u64,
    now: i64,
    closed: Option<i64>,
    extra: &'a str,
}

fn write(core: &mut Core, warning: &Warning, version: &Version<'_>, reqid: u32) {
    let definition = core.warn_names.get(&warning.code, &warning.name);
    let row = WarnRecord {
        timestamp: warning.ordered,
        pile_time: warning.since,
        recv_time: version.now,
        clock_skew: u8::from(warning.ordered != warning.since),
        device_id: version.device_id,
        device_zone: &zone(warning.gun),
        warn_code: &warning.code,
        warn_name: &warning.name,
        warn_level: definition.level,
        warn_class: &definition.class,
        state: if version.closed.is_some() {
            State::Recovered
        } else {
            State::Raised
        },
        source: Source::Pile,
        generate_time: warning.since,
        recover_time: version.closed.unwrap_or(0),
        count: warning.count,
        extra: version.extra,
        reqid,
    };
    core.out.row(&row);
}

/// A recovery whose beginning was never seen: a row that is closed from the start.
fn unopened(turn: &mut Turn<'_>, report: &Report<'_>, reqid: u32, extra: &str) {
    let definition = turn.core.warn_names.get(report.code, report.name);
    let row = WarnRecord {
        timestamp: report.ordered,
        pile_time: report.at,
        recv_time: report.now,
        clock_skew: u8::from(report.ordered != report.at),
        device_id: turn.session.device_id,
        device_zone: &zone(report.gun),
        warn_code: report.code,
        warn_name: report.name,
        warn_level: definition.level,
        warn_class: &definition.class,
        state: State::Recovered,
        source: Source::Pile,
        generate_time: report.at,
        recover_time: report.at,
        count: 1,
        extra,
        reqid,
    };
    turn.core.out.row(&row);
}

/// 数据分区 of a gun, as every firmware writes it.
pub(in crate::fleet) fn zone(gun: u8) -> String {
    if gun == 0 {
        "桩数据".to_owned()
    } else {
        format!("{gun}枪数据")
    }
}
