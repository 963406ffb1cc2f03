//! 运行数据 and 数据变位: the hot path. A change carries only what changed; its row takes the other points
//! from the gun's state. Nothing is answered: bytes cost money.

use protocol::Milli;
use protocol::uplink::RunData;
use store::table::run_data::{Kind, RunData as Row};
use store::{Map, Milli32, Milli64};

use crate::fleet::gun::Gun;
use crate::fleet::stamp::Stamp;
use crate::fleet::turn::Turn;

pub(in crate::fleet) fn run_data(turn: &mut Turn<'_>, data: &RunData<'_>, change: bool) {
    let stamp = Stamp::new(data.common.time_ms(), turn.now);
    let gun_num = data.common.gun().unwrap_or(0);
    let device_id = turn.session.device_id;
    let points = &data.points;
    let known = turn.session.gun(gun_num);
    known.update(points, stamp.timestamp);
    let nothing = Gun::default();
    let carried: &Gun = if change { known } else { &nothing };
    turn.core.out.row(&Row {
        timestamp: stamp.timestamp,
        pile_time: stamp.pile_time,
        recv_time: stamp.recv_time,
        clock_skew: stamp.clock_skew,
        device_id,
        gun_num,
        device_zone: data.common.zone.as_ref().map_or("", |z| &z.text),
        kind: if change { Kind::Change } else { Kind::Periodic },
        reqid: data.common.reqid,
        work_state: points.work_state.as_deref().unwrap_or(&carried.work_state),
        link_state: points.link_state.as_deref().unwrap_or(&carried.link_state),
        voltage: narrow(points.voltage.or(carried.voltage)),
        current: narrow(points.current.or(carried.current)),
        energy: wide(points.energy.or(carried.energy)),
        charged_minutes: points.charged_minutes.or(carried.minutes),
        soc: points.soc.or(carried.soc),
        meter: wide(points.meter.or(carried.meter)),
        extra: Map(&points.extra),
    });
}

fn narrow(value: Option<Milli>) -> Option<Milli32> {
    value.map(|v| Milli32::saturating(v.0))
}

fn wide(value: Option<Milli>) -> Option<Milli64> {
    value.map(|v| Milli64::saturating(v.0))
}
