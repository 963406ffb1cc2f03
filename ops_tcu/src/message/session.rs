//! Who the piles are: at the start all at once, later one by one.

use actix::Message;
use protocol::Uuid;

/// What a worker must know of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// The uuid under which the pile speaks.
    pub uuid: Uuid,
    /// The pile.
    pub device_id: u64,
    /// Its device type.
    pub dt_id: u64,
    /// The asset's version, ms.
    pub version: i64,
}

/// Asks the database for the assets of all companies (organizations) that changed since a version.
#[derive(Debug, Message)]
#[rtype(result = "Result<Vec<Asset>, store::StoreError>")]
pub struct MsgGetAllCompany {
    /// Unix ms; 0 = all.
    pub since: i64,
}

/// At the start: these piles have sessions, nobody needs to log in again.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgConfirmAllLogin(pub Vec<Asset>);

/// A pile became known, or its device id changed, while the service runs.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgConfirmThisLogin(pub Asset);

/// At the start: the last known states, as Redis kept them (`store::DeviceState` in JSON).
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgDeviceStatusInit(pub Vec<(Uuid, String)>);
