//! What actors say to each other, by the names of the field.

mod command;
mod control;
mod reply;
mod session;
mod storage;
mod uplink;

pub use command::{MsgCmdResp, MsgCommandsInit, MsgPxyCmd};
pub use control::{MsgEventLoopStart, MsgTcuLoopQuery, MsgWarnNames, StopWorker, ToShard};
pub use reply::{MsgMqtt, MsgMqttSubs, MsgMqttUnsubs, MsgRespMsg};
pub use session::{
    Asset, AssetChange, AssetVersion, ChangedAssets, MsgConfirmAllLogin, MsgConfirmThisLogin,
    MsgDeviceStatusInit, MsgGetAllCompany,
};
pub use storage::{KeptPassword, MsgDbInsert, MsgRedisHset, MsgRedisPasswords, StateEntry};
pub use uplink::{Acks, InPubTopicPayload, MsgActiveMsg, Origin};
