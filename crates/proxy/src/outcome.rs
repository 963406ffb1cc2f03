//! What became of a command, as ops_tcu publishes it on `PXY/{uuid}/resp`.

use std::fmt;

use protocol::Uuid;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Where a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waiting for the pile, or for its turn.
    Queued,
    /// Handed to the broker.
    Sent,
    /// The pile said 成功.
    Answered,
    /// The pile said 失败.
    Failed,
    /// No answer before the deadline.
    TimedOut,
    /// Withdrawn before an answer.
    Cancelled,
    /// ops_tcu did not take it.
    Refused,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Sent,
        Self::Answered,
        Self::Failed,
        Self::TimedOut,
        Self::Cancelled,
        Self::Refused,
    ];

    /// As it stands on the wire and in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Answered => "answered",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
        }
    }

    /// The state of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether nothing follows any more.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Sent)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One step of one command.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The pile.
    pub uuid: Uuid,
    /// 请求标识: the mark of whoever asked.
    pub mark: String,
    /// 命令.
    pub command: String,
    /// The command's reqid; 0 where it never got one.
    pub reqid: u32,
    /// 状态.
    pub state: State,
    /// 结果; may be empty.
    pub result: String,
    /// 失败原因; may be empty.
    pub reason: String,
    /// 进度, percent.
    pub progress: u8,
    /// 应答: the pile's answer as JSON; null where there is none.
    pub answer: Value,
    /// 时间 of the step, Unix ms; 0 = not told.
    pub time: i64,
}

/// Why a payload is no outcome.
#[derive(Debug, thiserror::Error)]
pub enum OutcomeError {
    /// No JSON object.
    #[error("the payload is no JSON object")]
    Json(#[from] serde_json::Error),
    /// 状态 is absent or unknown.
    #[error("状态 {0:?} is none that ops_tcu has")]
    State(String),
}

impl Outcome {
    /// Reads the payload of `PXY/{uuid}/resp`. Fields that are absent are empty; unknown ones are passed over.
    ///
    /// # Errors
    /// [`OutcomeError`].
    pub fn parse(uuid: Uuid, payload: &[u8]) -> Result<Self, OutcomeError> {
        let mut fields: Map<String, Value> = serde_json::from_slice(payload)?;
        let text = |key: &str| {
            fields
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let number = |key: &str| fields.get(key).and_then(Value::as_i64).unwrap_or_default();
        let state = text("状态");
        let state = State::parse(&state).ok_or(OutcomeError::State(state))?;
        Ok(Self {
            uuid,
            mark: text("请求标识"),
            command: text("命令"),
            reqid: u32::try_from(number("reqid")).unwrap_or_default(),
            state,
            result: text("结果"),
            reason: text("失败原因"),
            progress: u8::try_from(number("进度")).unwrap_or_default(),
            time: number("时间"),
            answer: fields.remove("应答").unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_read_whole() {
        let uuid = Uuid::parse("AAAAAAAB").unwrap();
        let json = r#"{"请求标识":"m","命令":"SIM卡召唤","reqid":7,"状态":"answered","结果":"成功","失败原因":"",
            "进度":0,"应答":{"ICCID":"8986"},"时间":1741778206123,"新":1}"#;
        let outcome = Outcome::parse(uuid, json.as_bytes()).unwrap();
        assert_eq!(
            (outcome.mark.as_str(), outcome.reqid, outcome.state),
            ("m", 7, State::Answered)
        );
        assert_eq!(
            (outcome.time, &outcome.answer["ICCID"]),
            (1_741_778_206_123, &Value::from("8986"))
        );
        let refused = r#"{"请求标识":"m","命令":"","状态":"refused","失败原因":"无此桩"}"#;
        let refused = Outcome::parse(uuid, refused.as_bytes()).unwrap();
        assert_eq!((refused.reason.as_str(), refused.answer), ("无此桩", Value::Null));
        assert!(refused.state.is_final());
    }

    #[test]
    fn what_is_no_outcome_is_refused() {
        let uuid = Uuid::parse("AAAAAAAB").unwrap();
        for payload in ["", "[]", "{}", r#"{"状态":"flying"}"#, "{\"状态\":7}"] {
            assert!(Outcome::parse(uuid, payload.as_bytes()).is_err(), "{payload}");
        }
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
    }
}
