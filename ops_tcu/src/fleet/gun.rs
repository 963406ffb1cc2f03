//! The latest known points of one gun: what 数据变位 leaves out is taken from here.

use compact_str::CompactString;
use protocol::Milli;
use protocol::uplink::Points;

/// One gun's latest points; `None` or empty where the pile never said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Gun {
    /// Its number; 0 for points of the pile itself.
    pub number: u8,
    /// 工作状态.
    pub work_state: CompactString,
    /// 车辆连接状态.
    pub link_state: CompactString,
    /// V.
    pub voltage: Option<Milli>,
    /// A.
    pub current: Option<Milli>,
    /// 已充电量, kWh.
    pub energy: Option<Milli>,
    /// 已充时间, minutes.
    pub minutes: Option<u32>,
    /// Percent.
    pub soc: Option<u8>,
    /// 电表读数, kWh.
    pub meter: Option<Milli>,
    /// Ordering time of the latest points, ms.
    pub at: i64,
}

impl Gun {
    /// Takes over the points that are there, unless they are older than what is known.
    pub(super) fn update(&mut self, points: &Points<'_>, at: i64) {
        if at < self.at {
            return;
        }
        self.at = at;
        set_text(&mut self.work_state, points.work_state.as_deref());
        set_text(&mut self.link_state, points.link_state.as_deref());
        self.voltage = points.voltage.or(self.voltage);
        self.current = points.current.or(self.current);
        self.energy = points.energy.or(self.energy);
        self.minutes = points.charged_minutes.or(self.minutes);
        self.soc = points.soc.or(self.soc);
        self.meter = points.meter.or(self.meter);
    }
}

/// The states hardly ever change, so compare before writing.
fn set_text(known: &mut CompactString, new: Option<&str>) {
    if let Some(new) = new
        && known != new
    {
        *known = CompactString::new(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(work: Option<&'static str>, voltage: Option<i64>) -> Points<'static> {
        Points {
            work_state: work.map(Into::into),
            voltage: voltage.map(Milli),
            ..Points::default()
        }
    }

    #[test]
    fn a_change_keeps_the_other_points() {
        let mut gun = Gun::default();
        gun.update(&points(Some("空闲"), Some(1000)), 1);
        gun.update(&points(Some("充电中"), None), 2);
        assert_eq!(
            (gun.work_state.as_str(), gun.voltage, gun.at),
            ("充电中", Some(Milli(1000)), 2)
        );
    }

    #[test]
    fn a_late_message_does_not_turn_the_state_back() {
        let mut gun = Gun::default();
        gun.update(&points(Some("充电中"), None), 10);
        gun.update(&points(Some("空闲"), None), 9);
        assert_eq!(gun.work_state, "充电中");
    }
}
