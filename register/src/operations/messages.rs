//! What operations say over MQTT: 注册结果 to a waiting TCU, 更新ID by way of `ops_tcu`.

use protocol::Uuid;
use protocol::downlink::{ChangeUuid, Downlink};
use protocol::reply::RegisterResult;
use serde_json::{Value, json};

use super::{Operations, Told};
use crate::desk::OutletError;
use crate::ledger::now;
use crate::model::Serial;

/// 更新ID waits this long for a pile that is offline: the longest that `ops_tcu` takes.
const WAITS_S: u64 = 30 * 86_400;

impl Operations {
    /// Tells a TCU the result of its registration.
    pub(super) fn say_result(&self, sn: &Serial, result: &RegisterResult) -> Told {
        said(self.outlet().result(sn, result))
    }

    /// Tells the TCU `sn`, which speaks under `present`, to speak under `uuid` from now on. Two TCUs may hear it,
    /// so it names the one that is meant; firmware that does not know the key obeys in either.
    pub(crate) fn say_change(&self, sn: &Serial, present: Uuid, uuid: Uuid) -> Told {
        let topic = self.topics().proxy_cmd(present);
        let payload = change_uuid(sn, uuid, now()).to_string();
        said(self.outlet().publish(topic, payload.into_bytes()))
    }
}

fn said(outcome: Result<(), OutletError>) -> Told {
    match outcome {
        Ok(()) => Told::Done,
        Err(error) => {
            tracing::warn!(%error, "a TCU was not told; it asks again by itself, or staff repeat it");
            Told::Later
        }
    }
}

/// The command as `ops_tcu` takes it: with how long it may wait for the pile, and a mark of this moment, because the
/// same mark again would be the same command and staff may have to repeat it.
fn change_uuid(sn: &Serial, uuid: Uuid, now: i64) -> Value {
    let command = Downlink::from(ChangeUuid {
        uuid,
        serial_number: Some(sn.to_string()),
    });
    let mut value: Value = serde_json::from_slice(&command.to_json(0)).unwrap_or_default();
    value["超时_秒"] = json!(WAITS_S);
    value["请求标识"] = json!(format!("register:{sn}:{now}"));
    value["来源"] = json!("register");
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_the_tcu_that_is_meant() {
        let command = change_uuid(
            &Serial::parse("SN1").unwrap(),
            Uuid::parse("AAAAAMWY").unwrap(),
            7,
        );
        assert_eq!(
            command,
            json!({"命令": "更新ID", "reqid": 0, "uuid": "AAAAAMWY", "出厂编号": "SN1", "超时_秒": 2_592_000,
                "请求标识": "register:SN1:7", "来源": "register"})
        );
    }
}
