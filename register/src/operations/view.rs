//! What staff see of a registration: everything but the hash.

use protocol::Uuid;
use serde::Serialize;

use crate::model::{Registration, Step};

/// One registration; the fields are named as the columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// Version, Unix ms.
    pub timestamp: i64,
    /// Factory serial number.
    pub sn: String,
    /// The uuid; empty = none.
    pub uuid: String,
    /// The uuid before a change that is not carried out yet; empty = none.
    pub former_uuid: String,
    /// The state's name.
    pub state: &'static str,
    /// Model.
    pub model: String,
    /// Contract number.
    pub contract_num: String,
    /// Software version.
    pub software_version: String,
    /// ICCID.
    pub sim: String,
    /// The pile; 0 = not seen yet.
    pub device_id: u64,
    /// Account at the broker.
    pub username: String,
    /// Whether a password was handed out.
    pub has_password: bool,
    /// When, Unix ms.
    pub credential_time: i64,
    /// Last asked, Unix ms.
    pub request_time: i64,
    /// First login under this uuid, Unix ms; 0 = not yet.
    pub login_time: i64,
    /// Who decided; empty = by rule.
    pub decided_by: String,
    /// Why.
    pub reason: String,
    /// The operations that its state allows.
    pub allowed: Vec<&'static str>,
}

impl From<&Registration> for View {
    fn from(registration: &Registration) -> Self {
        let text = |uuid: Option<Uuid>| uuid.map(|uuid| uuid.to_string()).unwrap_or_default();
        Self {
            timestamp: registration.version,
            sn: registration.sn.to_string(),
            uuid: text(registration.uuid),
            former_uuid: text(registration.former_uuid),
            state: registration.state.as_str(),
            model: registration.model.clone(),
            contract_num: registration.contract.clone(),
            software_version: registration.software_version.clone(),
            sim: registration.sim.clone(),
            device_id: registration.device_id,
            username: registration.username.clone(),
            has_password: registration.credential.is_some(),
            credential_time: registration.credential_time,
            request_time: registration.request_time,
            login_time: registration.login_time,
            decided_by: registration.decided_by.clone(),
            reason: registration.reason.clone(),
            allowed: Step::allowed(registration.state).map(Step::as_str).collect(),
        }
    }
}

/// How far a change has got beyond ClickHouse, where it is true already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Told {
    /// Done.
    #[serde(rename = "已生效")]
    Done,
    /// The broker is away; `register` tells it when it is back.
    #[serde(rename = "将在消息服务器恢复后生效")]
    Later,
    /// ClickHouse went away between two tables; `register` completes it.
    #[serde(rename = "将在数据库恢复后完成")]
    Completed,
    /// The asset is renamed once the pile logs in under its new uuid.
    #[serde(rename = "将在桩以新uuid登录后改名")]
    AtLogin,
}

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Done {
    /// As it is now.
    #[serde(flatten)]
    pub registration: View,
    /// Whether the broker goes by it.
    pub broker: Told,
    /// Whether the asset goes by it; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset: Option<Told>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Credential, Serial, generate_password, unknown_tcu};

    #[test]
    fn no_hash_is_shown() {
        let password = generate_password();
        let registration = Registration {
            credential: Some(Credential::of(&password)),
            ..unknown_tcu(Serial::parse("SN1").unwrap())
        };
        let shown = serde_json::to_string(&View::from(&registration)).unwrap();
        let (_, salt, hash) = registration.credential.unwrap().parts();
        for secret in [password.reveal(), &salt, &hash, "pbkdf2"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains(r#""has_password":true"#));
    }
}
