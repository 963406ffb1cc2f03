//! The measuring points of a gun, in fixed slots: the fast path allocates nothing.

use std::borrow::Cow;

use crate::field::{self, Read};
use crate::json::Value;
use crate::{Milli, ProblemKind, Problems};

/// What a pile measures and reports in 运行数据 and 数据变位. A point that was not sent is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Points<'a> {
    /// `工作状态`
    pub work_state: Option<Cow<'a, str>>,
    /// `车辆连接状态` (插枪状态)
    pub link_state: Option<Cow<'a, str>>,
    /// `电压_V` (输出电压), V
    pub voltage: Option<Milli>,
    /// `电流_A` (输出电流), A
    pub current: Option<Milli>,
    /// `已充电量`, kWh
    pub energy: Option<Milli>,
    /// `已充时间` (已充时长), minutes
    pub charged_minutes: Option<u32>,
    /// `SOC`, percent
    pub soc: Option<u8>,
    /// `电表读数_度` (电表度数_度), kWh
    pub meter: Option<Milli>,
    /// Points outside the known set, as name and value, in the order they came.
    pub extra: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Points<'a> {
    /// Takes a point by its name or an alias; one that is unknown is given back. Of a point that is sent
    /// twice the later value counts, and the earlier becomes a problem.
    #[inline]
    pub(super) fn take(
        &mut self,
        name: Cow<'a, str>,
        value: Value<'a>,
        problems: &mut Problems<'a>,
    ) -> Option<(Cow<'a, str>, Value<'a>)> {
        match &*name {
            "工作状态" => set(&mut self.work_state, field::text, name, value, problems),
            "车辆连接状态" | "插枪状态" => {
                set(&mut self.link_state, field::text, name, value, problems)
            }
            "电压_V" | "输出电压" => set(&mut self.voltage, field::milli, name, value, problems),
            "电流_A" | "输出电流" => set(&mut self.current, field::milli, name, value, problems),
            "已充电量" => set(&mut self.energy, field::milli, name, value, problems),
            "已充时间" | "已充时长" => {
                set(&mut self.charged_minutes, field::integer, name, value, problems);
            }
            "SOC" => set(&mut self.soc, field::percent, name, value, problems),
            "电表读数_度" | "电表度数_度" => {
                set(&mut self.meter, field::milli, name, value, problems)
            }
            _ => return Some((name, value)),
        }
        None
    }

    /// Takes any point; an unknown one goes to `extra`.
    #[inline]
    pub(super) fn take_any(&mut self, name: Cow<'a, str>, value: Value<'a>, problems: &mut Problems<'a>) {
        if let Some((name, value)) = self.take(name, value, problems) {
            self.extra.extend(extra(name, value, problems));
        }
    }
}

/// An unknown point as it is kept; lists and objects are not points.
pub(super) fn extra<'a>(
    name: Cow<'a, str>,
    value: Value<'a>,
    problems: &mut Problems<'a>,
) -> Option<(Cow<'a, str>, Cow<'a, str>)> {
    match field::text(&value) {
        Ok(text) => text.map(|text| (name, text)),
        Err(kind) => {
            problems.push(name, kind, value.into_text());
            None
        }
    }
}

#[inline]
fn set<'a, T: PartialEq + ToString>(
    slot: &mut Option<T>,
    read: impl FnOnce(&Value<'a>) -> Read<T>,
    name: Cow<'a, str>,
    value: Value<'a>,
    problems: &mut Problems<'a>,
) {
    match read(&value) {
        Ok(None) => {}
        Ok(found) => match std::mem::replace(slot, found) {
            Some(earlier) if slot.as_ref() != Some(&earlier) => {
                problems.push(name, ProblemKind::Repeated, Cow::Owned(earlier.to_string()));
            }
            _ => {}
        },
        Err(kind) => problems.push(name, kind, value.into_text()),
    }
}
