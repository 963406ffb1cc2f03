//! One TCU's registration.

use protocol::Uuid;
use store::table::registration as table;

use super::{Credential, Serial, State};

/// What is known of one TCU, by its serial number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Version, Unix ms: a new one is max(now, old + 1).
    pub version: i64,
    /// Factory serial number; the key.
    pub sn: Serial,
    /// None until it is granted.
    pub uuid: Option<Uuid>,
    /// The uuid before a change; let in until the new one logs in.
    pub former_uuid: Option<Uuid>,
    /// Where it stands.
    pub state: State,
    /// As the TCU said.
    pub model: String,
    /// As the TCU said.
    pub contract: String,
    /// As the TCU said.
    pub software_version: String,
    /// As the TCU said.
    pub sim: String,
    /// The pile; 0 = not seen yet.
    pub device_id: u64,
    /// Account at the broker: the uuid that was the TCU's when the password was made. A change of uuid does not
    /// change it, because 更新ID cannot carry credentials.
    pub username: String,
    /// None: no password was handed out yet.
    pub credential: Option<Credential>,
    /// Unix ms; 0 = never.
    pub credential_time: i64,
    /// Last asked, Unix ms.
    pub request_time: i64,
    /// First login under this uuid, Unix ms; 0 = not yet.
    pub login_time: i64,
    /// Who decided; empty = by rule.
    pub decided_by: String,
    /// Reason of the last decision.
    pub reason: String,
}

/// A stored registration that this program cannot have written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("registration of {sn:?}: {column} holds {value:?}, which cannot be read")]
pub struct RegistrationError {
    sn: String,
    column: &'static str,
    value: String,
}

impl Registration {
    /// Reads a stored row.
    ///
    /// # Errors
    /// [`RegistrationError`] names the column.
    pub fn from_stored(row: table::Stored) -> Result<Self, RegistrationError> {
        let wrong = |column, value: &str| RegistrationError {
            sn: row.sn.clone(),
            column,
            value: value.to_owned(),
        };
        let uuid = |column, text: &str| match text {
            "" => Ok(None),
            text => Uuid::parse(text).map(Some).map_err(|_| wrong(column, text)),
        };
        Ok(Self {
            version: row.timestamp,
            sn: Serial::parse(&row.sn).map_err(|_| wrong("sn", &row.sn))?,
            uuid: uuid("uuid", &row.uuid)?,
            former_uuid: uuid("former_uuid", &row.former_uuid)?,
            state: row.state.parse().map_err(|_| wrong("state", &row.state))?,
            // Never the hash itself in an error.
            credential: match row.credential.as_str() {
                "" => None,
                text => Some(Credential::parse(text).map_err(|_| wrong("credential", "…"))?),
            },
            model: row.model,
            contract: row.contract_num,
            software_version: row.software_version,
            sim: row.sim,
            device_id: row.device_id,
            username: row.username,
            credential_time: row.credential_time,
            request_time: row.request_time,
            login_time: row.login_time,
            decided_by: row.decided_by,
            reason: row.reason,
        })
    }

    /// Calls back with the row to store; borrowed, so that a batch copies nothing.
    pub fn with_row<T>(&self, store: impl FnOnce(&table::Registration<'_>) -> T) -> T {
        let text = |uuid: Option<Uuid>| uuid.map(|uuid| uuid.to_string()).unwrap_or_default();
        let (uuid, former_uuid) = (text(self.uuid), text(self.former_uuid));
        let credential = self
            .credential
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        store(&table::Registration {
            timestamp: self.version,
            flag_del: 0,
            sn: self.sn.as_str(),
            uuid: &uuid,
            former_uuid: &former_uuid,
            state: self.state.as_str(),
            model: &self.model,
            contract_num: &self.contract,
            software_version: &self.software_version,
            sim: &self.sim,
            device_id: self.device_id,
            username: &self.username,
            credential: &credential,
            credential_time: self.credential_time,
            request_time: self.request_time,
            login_time: self.login_time,
            decided_by: &self.decided_by,
            reason: &self.reason,
        })
    }
}
