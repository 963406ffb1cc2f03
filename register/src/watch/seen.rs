//! A login, as far as it says who logged in.

use protocol::Uuid;
use store::table::login_record::Login;

use super::{Mark, Sighting};
use crate::model::Serial;

/// Who logged in under which uuid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) uuid: Uuid,
    /// None where the TCU does not tell it, or tells what is none.
    pub(super) sn: Option<Serial>,
    pub(super) model: String,
    pub(super) sim: String,
    pub(super) device_id: u64,
    /// When it was received, Unix ms.
    pub(super) at: i64,
}

impl Seen {
    /// None for a row that no pile can have caused.
    pub(super) fn of(login: Login) -> Option<Self> {
        Some(Self {
            uuid: Uuid::parse(&login.uuid).ok()?,
            sn: Serial::parse(&login.sn).ok(),
            model: login.model,
            sim: login.sim,
            device_id: login.device_id,
            at: login.recv_time,
        })
    }

    /// What tells this TCU from another.
    pub(super) fn sightings(&self) -> [Sighting; 2] {
        let sn = self.sn.as_ref().map_or("", Serial::as_str);
        [(Mark::Serial, sn), (Mark::Sim, self.sim.as_str())].map(|(mark, value)| Sighting {
            uuid: self.uuid,
            mark,
            value: value.to_owned(),
            at: self.at,
        })
    }
}
