//! What is on the wire between a pile's TCU and the platform: topics, messages, tolerant decoding.
//!
//! Pure functions and structs only: no I/O, no clock, no configuration. Everything a pile sends becomes
//! a value ([`Uplink`] or [`Malformed`]), never a panic; everything the platform sends is a struct that
//! knows its own JSON ([`downlink`], [`reply`]).
//!
//! ```
//! let payload = r#"{"命令":"运行数据","reqid":3,"数据分区":"1枪数据","SOC":"42"}"#;
//! let frame = protocol::Frame::read(payload.as_bytes())?;
//! let protocol::Uplink::RunData(data) = frame.message()? else { panic!("run data expected") };
//! assert_eq!((data.common.reqid, data.common.gun(), data.points.soc), (3, Some(1), Some(42)));
//! # Ok::<(), protocol::Malformed>(())
//! ```

pub mod downlink;
mod envelope;
mod field;
mod frame;
mod json;
mod lenient;
mod malformed;
mod milli;
mod outcome;
mod password;
mod problem;
pub mod reply;
mod salvage;
pub mod time;
pub mod topic;
pub mod uplink;
mod uuid;
mod vin;
mod zone;

pub use downlink::Downlink;
pub use envelope::{EnvelopeError, Payload};
pub use frame::{Encoding, Frame, MAX_PAYLOAD};
pub use malformed::{Malformed, MalformedReason};
pub use milli::Milli;
pub use outcome::Outcome;
pub use password::Password;
pub use problem::{Problem, ProblemKind, Problems};
pub use reply::Reply;
pub use salvage::{salvage_reqid, salvage_serial_number, salvage_trade_number};
pub use time::PileTime;
pub use uplink::Uplink;
pub use uuid::{Uuid, UuidError};
pub use vin::Vin;
pub use zone::Zone;
