//! What is asked: a command as the pile gets it, and how it is to be treated.

use std::fmt;
use std::time::Duration;

use protocol::downlink::Downlink;
use serde_json::{Map, Value};

/// Longest 请求标识, bytes.
pub const LONGEST_MARK: usize = 128;
/// Longest 来源, bytes.
pub const LONGEST_SOURCE: usize = 64;
/// Longest 超时_秒: 30 days, as ops_tcu has it.
pub const LONGEST_TIMEOUT: Duration = Duration::from_secs(30 * 86_400);

/// Keys that are not the command's own.
const MARK: &str = "请求标识";
const TIMEOUT: &str = "超时_秒";
const SOURCE: &str = "来源";
const COMMAND: &str = "命令";
const REQID: &str = "reqid";

/// Why something cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// Its mark.
    #[error("请求标识 must have 1 to {LONGEST_MARK} bytes")]
    Mark,
    /// Its source.
    #[error("来源 must have at most {LONGEST_SOURCE} bytes")]
    Source,
    /// Its deadline.
    #[error("超时_秒 must be 1 to {}", LONGEST_TIMEOUT.as_secs())]
    Timeout,
    /// It has no 命令.
    #[error("命令 is missing")]
    Command,
}

/// A command to ask for. Its `Debug` shows no fields: they may hold passwords.
#[derive(Clone, PartialEq)]
pub struct Ask {
    mark: String,
    source: String,
    timeout: Option<Duration>,
    command: Map<String, Value>,
}

impl Ask {
    /// Asks for `command`; `mark` tells it from every other one of this pile, and is the idempotency key.
    pub fn new(mark: impl Into<String>, command: &Downlink) -> Self {
        let fields = match serde_json::from_slice(&command.to_json(0)) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        Self::with_fields(mark, fields)
    }

    /// Asks for a command given as JSON: `命令` and its fields. Keys that are not the command's own (reqid,
    /// 请求标识, 超时_秒, 来源) are dropped; ops_tcu refuses what is no command.
    pub fn with_fields(mark: impl Into<String>, mut command: Map<String, Value>) -> Self {
        for key in [MARK, TIMEOUT, SOURCE, REQID] {
            command.remove(key);
        }
        Self {
            mark: mark.into(),
            source: String::new(),
            timeout: None,
            command,
        }
    }

    /// Who asks, as it stands in `command_record.source`: `web:alice`, `connector:batch`.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// How long an answer counts, and an offline pile is waited for; whole seconds. Without it ops_tcu's default.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The mark.
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// 命令.
    pub fn command(&self) -> &str {
        self.command
            .get(COMMAND)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// The payload for `PXY/{uuid}/cmd`.
    ///
    /// # Errors
    /// [`AskError`] names what ops_tcu would refuse.
    pub fn to_json(&self) -> Result<Vec<u8>, AskError> {
        check_mark(&self.mark)?;
        if self.source.len() > LONGEST_SOURCE {
            return Err(AskError::Source);
        }
        if self.command().is_empty() {
            return Err(AskError::Command);
        }
        let mut fields = self.command.clone();
        fields.insert(MARK.to_owned(), Value::from(self.mark.as_str()));
        if !self.source.is_empty() {
            fields.insert(SOURCE.to_owned(), Value::from(self.source.as_str()));
        }
        if let Some(timeout) = self.timeout {
            if timeout < Duration::from_secs(1) || timeout > LONGEST_TIMEOUT {
                return Err(AskError::Timeout);
            }
            fields.insert(TIMEOUT.to_owned(), Value::from(timeout.as_secs()));
        }
        Ok(Value::Object(fields).to_string().into_bytes())
    }
}

/// The payload that withdraws what was asked under `mark`.
pub(crate) fn withdrawal(mark: &str) -> Result<Vec<u8>, AskError> {
    check_mark(mark)?;
    let fields = serde_json::json!({ COMMAND: "撤销", MARK: mark });
    Ok(fields.to_string().into_bytes())
}

fn check_mark(mark: &str) -> Result<(), AskError> {
    if mark.is_empty() || mark.len() > LONGEST_MARK {
        return Err(AskError::Mark);
    }
    Ok(())
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask")
            .field("mark", &self.mark)
            .field("command", &self.command())
            .field("source", &self.source)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use protocol::downlink::{ChangeMaster, QuerySim, Restart};
    use serde_json::json;

    use super::*;

    fn sent(ask: &Ask) -> Value {
        serde_json::from_slice(&ask.to_json().unwrap()).unwrap()
    }

    #[test]
    fn a_command_goes_out_with_what_the_caller_wants_and_without_reqid() {
        let restart = Downlink::from(Restart::default());
        let ask = Ask::new("b7-9", &restart)
            .source("connector:batch")
            .timeout(Duration::from_secs(90));
        let sent = sent(&ask);
        assert_eq!(sent["命令"], "重启");
        assert_eq!(
            (&sent["请求标识"], &sent["来源"], &sent["超时_秒"]),
            (&json!("b7-9"), &json!("connector:batch"), &json!(90))
        );
        assert!(sent.get("reqid").is_none());
        let plain = Ask::new("m", &Downlink::from(QuerySim::default()));
        assert!(self::sent(&plain).get("超时_秒").is_none());
    }

    #[test]
    fn json_cannot_bring_keys_that_are_the_callers() {
        let fields =
            json!({"命令": "重启", "reqid": 4, "请求标识": "other", "来源": "web:root", "延时_秒": 3});
        let Value::Object(fields) = fields else { panic!() };
        let sent = sent(&Ask::with_fields("mine", fields));
        assert_eq!(sent, json!({"命令": "重启", "请求标识": "mine", "延时_秒": 3}));
    }

    #[test]
    fn what_ops_tcu_would_refuse_is_refused_here() {
        let ask = |mark: &str| Ask::new(mark, &Downlink::from(QuerySim::default()));
        assert_eq!(ask("").to_json(), Err(AskError::Mark));
        assert_eq!(ask(&"x".repeat(129)).to_json(), Err(AskError::Mark));
        assert_eq!(ask("m").source("x".repeat(65)).to_json(), Err(AskError::Source));
        for timeout in [
            Duration::from_millis(900),
            LONGEST_TIMEOUT + Duration::from_secs(1),
        ] {
            assert_eq!(ask("m").timeout(timeout).to_json(), Err(AskError::Timeout));
        }
        assert_eq!(
            Ask::with_fields("m", Map::new()).to_json(),
            Err(AskError::Command)
        );
        assert!(withdrawal("").is_err());
    }

    #[test]
    fn no_password_is_printed() {
        let command = ChangeMaster {
            password: "geheim".into(),
            ..ChangeMaster::default()
        };
        let shown = format!("{:?}", Ask::new("m", &Downlink::from(command)));
        assert!(shown.contains("更新主站") && !shown.contains("geheim"), "{shown}");
    }
}
