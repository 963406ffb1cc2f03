//! Who the piles are: at the start all at once, later one by one.

use actix::Message;
use protocol::Uuid;
use store::table::asset::Digests;

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

/// An asset's version as the database has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssetVersion {
    /// The pile.
    pub device_id: u64,
    /// The uuid that its name is; none if it is deleted or has another name.
    pub uuid: Option<Uuid>,
    /// Its device type.
    pub dt_id: u64,
    /// Unix ms.
    pub version: i64,
    /// Made for a pile that spoke, and not reviewed by staff since.
    pub adopted: bool,
}

/// What has become of a uuid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssetChange {
    /// This asset stands for it now.
    Stands(Asset),
    /// This asset no longer does, nor does any other.
    Gone(Asset),
}

/// Asks the database what has changed among the assets of all companies (organizations).
#[derive(Debug, Message)]
#[rtype(result = "Result<ChangedAssets, store::StoreError>")]
pub struct MsgGetAllCompany {
    /// The checksums of what is known.
    pub known: Digests,
}

/// What has changed.
#[derive(Debug)]
pub struct ChangedAssets {
    /// The checksums of what is known with this.
    pub digests: Digests,
    /// Versions, among them the changed ones.
    pub versions: Vec<AssetVersion>,
}

/// At the start: these piles have sessions, nobody needs to log in again.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgConfirmAllLogin(pub Vec<Asset>);

/// Piles became known, or changed, or lost their asset, while the service runs.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgConfirmThisLogin(pub Vec<AssetChange>);

/// At the start: the last known states, as Redis kept them (`store::DeviceState` in JSON).
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgDeviceStatusInit(pub Vec<(Uuid, String)>);
