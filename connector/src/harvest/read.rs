//! What an answer tells that is worth keeping. Pure.

use proxy::{Outcome, State};
use serde_json::Value;
use store::table::clock_survey::ClockSurvey;
use store::table::pile_parameter::PileParameter;
use store::table::sim_survey::SimSurvey;
use store::table::version_survey::VersionSurvey;

/// 参数配置, whose answer need not say what was written.
pub(super) const CONFIGURE: &str = "参数配置";
const QUERY: &str = "参数查询";
const SIM: &str = "SIM卡召唤";
const VERSIONS: &str = "软件版本查询";
const SET_CLOCK: &str = "对时";

/// Rows of one answer or of many.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Crop {
    pub(super) parameters: Vec<PileParameter>,
    pub(super) sims: Vec<SimSurvey>,
    pub(super) versions: Vec<VersionSurvey>,
    pub(super) clocks: Vec<ClockSurvey>,
}

/// Whether there is something to keep in it: a pile's word to one of these commands.
pub(super) fn is_ripe(outcome: &Outcome) -> bool {
    outcome.state == State::Answered
        && outcome.answer.is_object()
        && [CONFIGURE, QUERY, SIM, VERSIONS, SET_CLOCK].contains(&outcome.command.as_str())
}

/// Whether what was written stands in the request only.
pub(super) fn needs_request(outcome: &Outcome) -> bool {
    outcome.command == CONFIGURE && settings(&outcome.answer).is_empty()
}

impl Crop {
    /// Takes what `outcome` tells of the pile; `request` is the command as it was sent, where [`needs_request`].
    /// Every row's version is when the pile answered, so that an answer that comes again, or late, changes nothing.
    /// `now` stands in where nobody says when that was.
    pub(super) fn take(&mut self, device_id: u64, outcome: &Outcome, request: &Value, now: i64) {
        let answer = &outcome.answer;
        let time = if outcome.time > 0 { outcome.time } else { now };
        match outcome.command.as_str() {
            QUERY => self.parameters(device_id, (outcome, time), answer),
            CONFIGURE if needs_request(outcome) => self.parameters(device_id, (outcome, time), request),
            CONFIGURE => self.parameters(device_id, (outcome, time), answer),
            SIM => self.sims.push(SimSurvey {
                timestamp: time,
                flag_del: 0,
                device_id,
                uuid: outcome.uuid.to_string(),
                caller: outcome.mark.clone(),
                read_time: time,
                iccid: first(answer, &["SIM卡号", "ICCID"]),
                imsi: first(answer, &["IMSI"]),
                mvno: first(answer, &["运营商"]),
                signal_dbm: first(answer, &["信号强度_dBm"]).parse().ok(),
                answer: answer.to_string(),
            }),
            VERSIONS => self.versions.push(VersionSurvey {
                timestamp: time,
                flag_del: 0,
                device_id,
                uuid: outcome.uuid.to_string(),
                caller: outcome.mark.clone(),
                read_time: time,
                software_version: first(answer, &["软件版本"]),
                hardware_version: first(answer, &["硬件版本"]),
                parts: match &answer["子设备版本"] {
                    Value::Null => String::new(),
                    parts => parts.to_string(),
                },
                answer: answer.to_string(),
            }),
            _ => {}
        }
        self.clock(device_id, outcome, time);
    }

    fn parameters(&mut self, device_id: u64, (outcome, time): (&Outcome, i64), list: &Value) {
        let rows = settings(list).into_iter().map(|(name, value)| PileParameter {
            timestamp: time,
            flag_del: 0,
            device_id,
            name,
            value,
            read_time: time,
            command: outcome.command.clone(),
            caller: outcome.mark.clone(),
        });
        self.parameters.extend(rows);
    }

    /// Every answer tells what the pile's clock shows.
    fn clock(&mut self, device_id: u64, outcome: &Outcome, time: i64) {
        let shown = outcome.answer["系统时间"]
            .as_str()
            .and_then(protocol::time::parse);
        let Some(shown) = shown else {
            return;
        };
        self.clocks.push(ClockSurvey {
            timestamp: time,
            flag_del: 0,
            device_id,
            uuid: outcome.uuid.to_string(),
            caller: outcome.mark.clone(),
            read_time: time,
            command: outcome.command.clone(),
            pile_time: shown.ms,
            difference_ms: shown.ms.saturating_sub(time),
        });
    }
}

/// 配置列表 as name and value; entries without a name are passed over.
fn settings(list: &Value) -> Vec<(String, String)> {
    let entries = list["配置列表"].as_array().into_iter().flatten();
    let read = entries.map(|entry| (text(&entry["名称"]), text(&entry["值"])));
    read.filter(|(name, _)| !name.is_empty()).collect()
}

/// The first of these keys that is not empty.
fn first(answer: &Value, keys: &[&str]) -> String {
    let texts = keys.iter().map(|key| text(&answer[*key]));
    texts
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// A text, or a number as it is written.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use protocol::Uuid;
    use serde_json::json;

    use super::*;

    const TIME: i64 = 1_741_778_206_123;

    fn outcome(command: &str, answer: Value) -> Outcome {
        Outcome {
            uuid: Uuid::parse("AAAAAAAB").unwrap(),
            mark: "m".into(),
            command: command.into(),
            reqid: 1,
            state: State::Answered,
            result: String::new(),
            reason: String::new(),
            progress: 0,
            answer,
            time: TIME,
        }
    }

    fn crop(outcome: &Outcome, request: &Value) -> Crop {
        let mut crop = Crop::default();
        crop.take(7, outcome, request, TIME + 1);
        crop
    }

    #[test]
    fn only_answers_to_the_commands_of_surveys_are_ripe() {
        assert!(is_ripe(&outcome("SIM卡召唤", json!({}))));
        assert!(!is_ripe(&outcome("重启", json!({}))));
        assert!(!is_ripe(&outcome("SIM卡召唤", Value::Null)));
        let failed = Outcome {
            state: State::Failed,
            ..outcome("SIM卡召唤", json!({}))
        };
        assert!(!is_ripe(&failed));
    }

    #[test]
    fn parameters_come_from_the_answer_or_from_what_was_written() {
        let read = outcome(
            "参数查询",
            json!({"配置列表": [{"名称": "a", "值": 5}, {"名称": " b ", "值": ""}, {"值": "x"}]}),
        );
        let rows = crop(&read, &Value::Null).parameters;
        let pairs: Vec<_> = rows
            .iter()
            .map(|row| (row.name.as_str(), row.value.as_str()))
            .collect();
        assert_eq!(pairs, [("a", "5"), ("b", "")]);
        assert_eq!((rows[0].timestamp, rows[0].device_id), (TIME, 7));

        let written = outcome("参数配置", json!({"结果": "成功"}));
        assert!(needs_request(&written));
        let request = json!({"配置列表": [{"名称": "a", "值": "6"}]});
        assert_eq!(crop(&written, &request).parameters[0].value, "6");
        let told = outcome("参数配置", json!({"配置列表": [{"名称": "a", "值": "7"}]}));
        assert!(!needs_request(&told));
        assert_eq!(crop(&told, &request).parameters[0].value, "7");
    }

    #[test]
    fn surveys_keep_what_they_know_and_the_whole_answer() {
        let answer = json!({"ICCID": "8986", "运营商": "中国移动", "信号强度_dBm": "-71", "别的": 1});
        let sim = &crop(&outcome("SIM卡召唤", answer.clone()), &Value::Null).sims[0];
        assert_eq!(
            (sim.iccid.as_str(), sim.signal_dbm, sim.imsi.as_str()),
            ("8986", Some(-71), "")
        );
        assert_eq!(sim.answer, answer.to_string());
        let answer = json!({"软件版本": "1.0.7", "子设备版本": [{"软件版本": "C1"}]});
        let versions = &crop(&outcome("软件版本查询", answer), &Value::Null).versions[0];
        assert_eq!(
            (versions.software_version.as_str(), versions.parts.as_str()),
            ("1.0.7", r#"[{"软件版本":"C1"}]"#)
        );
    }

    #[test]
    fn every_answer_tells_how_far_the_clock_is_off() {
        let late = protocol::time::format(TIME - 3_600_123);
        let clocks = crop(&outcome("对时", json!({"系统时间": late})), &Value::Null).clocks;
        assert_eq!(
            (clocks[0].difference_ms, clocks[0].command.as_str()),
            (-3_600_123, "对时")
        );
        assert!(
            crop(&outcome("对时", json!({"系统时间": "gestern"})), &Value::Null)
                .clocks
                .is_empty()
        );
        let untimed = Outcome {
            time: 0,
            ..outcome("对时", json!({"系统时间": late}))
        };
        assert_eq!(crop(&untimed, &Value::Null).clocks[0].difference_ms, -3_600_124);
    }
}
