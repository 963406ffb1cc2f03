//! Warnings a pile raises and takes back (事件上送, 告警).

use rand::Rng;
use rand::seq::IndexedRandom;

use super::voice::Voice;
use crate::clock;

/// Recoveries per hour of an open warning: ten minutes on average.
pub(crate) const RECOVERIES_PER_HOUR: f64 = 6.0;

/// Code, name, and whether it concerns one gun.
const KINDS: [(&str, &str, bool); 12] = [
    ("1001", "急停按钮动作", false),
    ("1002", "柜门打开", false),
    ("1003", "防雷器故障", false),
    ("1004", "充电桩过温", false),
    ("1005", "交流输入欠压", false),
    ("1006", "交流输入过压", false),
    ("1007", "充电模块通信中断", false),
    ("1008", "电表通信中断", true),
    ("1009", "绝缘监测异常", true),
    ("1010", "充电枪过温", true),
    ("1011", "电子锁异常", true),
    ("1012", "直流输出接触器粘连", true),
];

/// A warning that has been raised and not yet recovered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenWarning {
    pub(crate) zone: u8,
    kind: u8,
    raised_ms: i64,
    pub(crate) recovers_ms: i64,
}

impl OpenWarning {
    /// Raises one that is not open yet; `None` if the drawn one is.
    pub(crate) fn draw(
        open: &[Self],
        guns: u8,
        now: i64,
        recovers_ms: i64,
        rng: &mut impl Rng,
    ) -> Option<Self> {
        let kind = rng.random_range(0..u8::try_from(KINDS.len()).unwrap_or(u8::MAX));
        let zones: Vec<u8> = if KINDS[usize::from(kind)].2 {
            (1..=guns).collect()
        } else {
            vec![0]
        };
        let zone = zones.choose(rng).copied().unwrap_or(0);
        let is_open = open.iter().any(|w| w.kind == kind && w.zone == zone);
        (!is_open).then_some(Self {
            zone,
            kind,
            raised_ms: now,
            recovers_ms,
        })
    }

    /// The 命令 of this firmware.
    pub(crate) fn name(voice: &Voice) -> &'static str {
        if voice.firmware.old_names {
            "告警"
        } else {
            "事件上送"
        }
    }

    /// The message that it has been raised, or recovered.
    pub(crate) fn render(&self, recovered: bool, reqid: u32, now: i64, voice: &Voice) -> Vec<u8> {
        let (code, name, _) = KINDS[usize::from(self.kind)];
        let mut json = voice.open(Self::name(voice), reqid, Some(self.zone), now);
        json.text("告警名称", name).text("告警代码", code);
        json.text("状态", if recovered { "恢复" } else { "发生" });
        let at = if recovered { now } else { self.raised_ms };
        json.text("产生时间", &clock::wire_time(voice.pile_time(at)))
            .text("附加信息", "");
        json.finish()
    }
}
