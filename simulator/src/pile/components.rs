//! 关键器件: how often contactors, breakers and locks acted, and the two round trips that report it.
//!
//! An answer stays the same, down to its 系统时间, until it is confirmed; what happens meanwhile waits for
//! the next one. So however many confirmations are lost, each action is reported exactly once.

use super::voice::{Voice, zone_name};

/// A kind of component (器件类型).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    DcContactor,
    AcContactor,
    Fuse,
    Breaker,
    Lock,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::DcContactor => "直流输出接触器",
            Self::AcContactor => "交流接触器",
            Self::Fuse => "熔断器",
            Self::Breaker => "断路器",
            Self::Lock => "电子锁",
        }
    }

    /// Every zone has its own contactors, fuse and lock; the breaker belongs to the pile.
    fn of_zone(zone: u8) -> &'static [Self] {
        if zone == 0 {
            &[Self::Breaker]
        } else {
            &[Self::DcContactor, Self::AcContactor, Self::Fuse, Self::Lock]
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Counter {
    zone: u8,
    part: Part,
    normal: u32,
    abnormal: u32,
}

#[derive(Debug, Clone)]
struct Pending {
    counters: Vec<Counter>,
    time_ms: i64,
    reqids: Vec<u32>,
}

/// The counters of one pile.
#[derive(Debug, Clone)]
pub(crate) struct Components {
    live: Vec<Counter>,
    pending: Option<Pending>,
    last_answer_ms: i64,
}

impl Components {
    /// All counters at zero.
    pub(crate) fn new(guns: u8) -> Self {
        let live = (0..=guns)
            .rev()
            .flat_map(|zone| {
                Part::of_zone(zone).iter().map(move |&part| Counter {
                    zone,
                    part,
                    normal: 0,
                    abnormal: 0,
                })
            })
            .collect();
        Self {
            live,
            pending: None,
            last_answer_ms: 0,
        }
    }

    /// A charge began: contactors closed, the lock shut.
    pub(crate) fn count_start(&mut self, zone: u8) {
        for part in [Part::DcContactor, Part::AcContactor, Part::Lock] {
            self.count(zone, part, false);
        }
    }

    /// One action of a component.
    pub(crate) fn count(&mut self, zone: u8, part: Part, is_abnormal: bool) {
        let zone = if part == Part::Breaker { 0 } else { zone };
        if let Some(counter) = self.live.iter_mut().find(|c| c.zone == zone && c.part == part) {
            if is_abnormal {
                counter.abnormal += 1;
            } else {
                counter.normal += 1;
            }
        }
    }

    /// The answer to 关键器件动作: the unconfirmed one again, else the increments since the last confirmed one.
    pub(crate) fn answer(&mut self, now: i64, reqid: u32, voice: &Voice) -> Vec<u8> {
        if self.pending.is_none() {
            // Wire time has whole seconds and identifies the answer: two answers never share one.
            let time_ms = voice.pile_time(now).max(self.last_answer_ms + 1000);
            self.last_answer_ms = time_ms;
            let counters = self.live.clone();
            self.live.iter_mut().for_each(|c| (c.normal, c.abnormal) = (0, 0));
            self.pending = Some(Pending {
                counters,
                time_ms,
                reqids: Vec::new(),
            });
        }
        let pending = self.pending.as_mut().expect("set just above");
        pending.reqids.push(reqid);
        render(pending, reqid, voice)
    }

    /// Takes 关键器件动作确认; one for an earlier answer, arriving late, says nothing about the present one.
    pub(crate) fn confirm(&mut self, reqid: u32) -> bool {
        let matches = self
            .pending
            .as_ref()
            .is_some_and(|pending| pending.reqids.contains(&reqid));
        if matches {
            self.pending = None;
        }
        matches
    }
}

fn render(pending: &Pending, reqid: u32, voice: &Voice) -> Vec<u8> {
    let mut json = voice.open_at("关键器件动作应答", reqid, None, pending.time_ms);
    json.open_array("关键器件名称");
    let mut open_zone = None;
    for counter in &pending.counters {
        // Repeated-key firmware keeps one object open for a whole zone.
        let is_continued = voice.firmware.repeated_keys && open_zone == Some(counter.zone);
        if !is_continued {
            if open_zone.is_some() {
                json.close_object();
            }
            json.open_object();
        }
        open_zone = Some(counter.zone);
        json.text("数据分区", &zone_name(counter.zone))
            .text("器件类型", counter.part.name());
        json.number_text("正常次数", counter.normal)
            .number_text("异常次数", counter.abnormal);
    }
    if open_zone.is_some() {
        json.close_object();
    }
    json.close_array();
    json.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pile::voice::tests::voice;
    use std::collections::HashMap;

    /// What a platform adds up: every answer, each 系统时间 once.
    fn total(answers: &[Vec<u8>]) -> u64 {
        let mut by_time = HashMap::new();
        for answer in answers {
            let value: serde_json::Value = serde_json::from_slice(answer).unwrap();
            let sum: u64 = value["关键器件名称"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|o| [&o["正常次数"], &o["异常次数"]])
                .map(|n| n.as_str().unwrap().parse::<u64>().unwrap())
                .sum();
            let former = by_time.insert(value["系统时间"].as_str().unwrap().to_owned(), sum);
            assert!(
                former.is_none_or(|former| former == sum),
                "one time, two contents"
            );
        }
        by_time.values().sum()
    }

    #[test]
    fn every_action_counts_once_under_lost_confirmations() {
        let (mut parts, voice, mut answers, mut actions) = (Components::new(2), voice(false), Vec::new(), 0);
        for round in 0..200_u32 {
            for _ in 0..round % 4 {
                parts.count_start(u8::try_from(round % 2).unwrap() + 1);
                actions += 3;
            }
            parts.count(1, Part::Breaker, true);
            actions += 1;
            answers.push(parts.answer(1_750_000_000_000 + i64::from(round) * 300, round, &voice));
            if round % 3 == 0 {
                assert!(parts.confirm(round));
                assert!(
                    !parts.confirm(round.wrapping_sub(1)),
                    "a late confirmation must not count"
                );
            }
        }
        if parts.pending.is_some() {
            assert!(parts.confirm(199));
        }
        answers.push(parts.answer(1_760_000_000_000, 900, &voice));
        assert_eq!(total(&answers), actions);
    }

    #[test]
    fn repeated_key_firmware_packs_a_zone_into_one_object() {
        let mut parts = Components::new(2);
        let text = String::from_utf8(parts.answer(0, 1, &voice(true))).unwrap();
        assert_eq!(text.matches('{').count(), 4, "{text}");
        assert_eq!(text.matches("器件类型").count(), 9, "{text}");
        let text = String::from_utf8(Components::new(2).answer(0, 1, &voice(false))).unwrap();
        assert_eq!(text.matches('{').count(), 10, "{text}");
    }
}
