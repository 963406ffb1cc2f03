//! A session as Redis keeps it, and back: how a restart is spared 200,000 logins.

use protocol::Milli;
use store::device_state::{DeviceState, GunState, OpenWarning};
use store::redis_keys::RedisKeys;

use super::gun::Gun;
use super::session::{Identity, Presence, Session};
use super::warning::Report;

/// The session's latest state: hash key, uuid, JSON.
pub(super) fn entry(session: &Session, keys: &RedisKeys) -> (String, String, String) {
    let uuid = session.uuid.to_string();
    let state = DeviceState {
        uuid: uuid.as_str().into(),
        device_id: session.device_id,
        dt_id: session.dt_id,
        online: session.presence == Presence::Online,
        last_seen: session.last_seen,
        sn: session.identity.sn.as_str().into(),
        firmware: session.identity.software.as_str().into(),
        model: session.identity.model.as_str().into(),
        sim: session.identity.sim.as_str().into(),
        guns: session.guns.iter().map(gun_state).collect(),
        open_warnings: open_warnings(session),
    };
    let json = serde_json::to_string(&state).expect("texts and numbers always serialise");
    (keys.state_of(session.uuid), uuid, json)
}

/// Takes a kept state over. The asset's device id has been set already and stands.
pub(super) fn restore(session: &mut Session, known: &DeviceState<'_>) {
    session.last_seen = known.last_seen;
    session.presence = if known.online {
        Presence::Online
    } else {
        Presence::Offline
    };
    *session.identity = Identity {
        sn: known.sn.as_ref().into(),
        software: known.firmware.as_ref().into(),
        model: known.model.as_ref().into(),
        sim: known.sim.as_ref().into(),
    };
    session.guns = known.guns.iter().map(gun).collect();
    for open in &known.open_warnings {
        let report = Report {
            gun: protocol::Zone::new(open.device_zone.as_ref().into())
                .gun
                .unwrap_or(0),
            code: &open.warn_code,
            name: &open.warn_name,
            at: open.generate_time,
            ordered: open.timestamp,
            now: known.last_seen,
        };
        session.warnings().restore(&report, open.count);
    }
}

fn open_warnings(session: &Session) -> Vec<OpenWarning<'_>> {
    let Some(warnings) = &session.warnings else {
        return Vec::new();
    };
    let open = warnings.open().map(|warning| OpenWarning {
        device_zone: super::on::event::zone(warning.gun).into(),
        warn_code: warning.code.as_str().into(),
        warn_name: warning.name.as_str().into(),
        generate_time: warning.since,
        timestamp: warning.ordered,
        count: warning.count,
    });
    open.collect()
}

fn gun_state(gun: &Gun) -> GunState<'_> {
    GunState {
        gun: gun.number,
        work_state: gun.work_state.as_str().into(),
        link_state: gun.link_state.as_str().into(),
        voltage: gun.voltage.map(|v| v.0),
        current: gun.current.map(|v| v.0),
        energy: gun.energy.map(|v| v.0),
        minutes: gun.minutes,
        soc: gun.soc,
        meter: gun.meter.map(|v| v.0),
        at: gun.at,
    }
}

fn gun(state: &GunState<'_>) -> Gun {
    Gun {
        number: state.gun,
        work_state: state.work_state.as_ref().into(),
        link_state: state.link_state.as_ref().into(),
        voltage: state.voltage.map(Milli),
        current: state.current.map(Milli),
        energy: state.energy.map(Milli),
        minutes: state.minutes,
        soc: state.soc,
        meter: state.meter.map(Milli),
        at: state.at,
    }
}

#[cfg(test)]
mod tests {
    use protocol::Uuid;

    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let uuid = Uuid::parse("AAAAAMWY").unwrap();
        let mut session = Session::new(uuid, 42, 1);
        session.presence = Presence::Online;
        session.last_seen = 1_795_000_000_000;
        session.identity.sn = "SN1".into();
        *session.gun(2) = Gun {
            number: 2,
            work_state: "充电中".into(),
            soc: Some(50),
            at: 5,
            ..Gun::default()
        };
        let report = Report {
            gun: 2,
            code: "E1",
            name: "急停",
            at: 7,
            ordered: 8,
            now: 9,
        };
        session.warnings().raise(&report, 20);

        let (key, field, json) = entry(&session, &RedisKeys::default());
        assert_eq!((key.as_str(), field.as_str()), ("tcu:state:04", "AAAAAMWY"));

        let mut back = Session::new(uuid, 42, 1);
        restore(&mut back, &serde_json::from_str(&json).unwrap());
        assert_eq!(
            (back.presence, back.last_seen),
            (session.presence, session.last_seen)
        );
        assert_eq!((back.identity.sn.as_str(), &back.guns), ("SN1", &session.guns));
        let (verdict, closed) = back.warnings().recover(&report, 20);
        assert_eq!(verdict, super::super::warning::Verdict::Closes);
        assert_eq!(closed.unwrap().ordered, 8);
    }
}
