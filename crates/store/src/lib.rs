//! What is at rest: tables and their rows, schema steps, Redis keys.
//!
//! Knows ClickHouse and serde; knows neither actors nor web frameworks. One file per table under `table/`.

mod clickhouse;
pub mod conditions;
pub mod device_state;
mod error;
pub mod ota;
pub mod redis_keys;
pub mod registration;
pub mod rowbinary;
pub mod schema;
pub mod selection;
pub mod service_status;
pub mod table;
pub mod template;
pub mod versioned;

pub use clickhouse::{Clickhouse, ClickhouseOptions};
pub use conditions::{Conditions, Value};
pub use device_state::DeviceState;
pub use error::{Failure, StoreError};
pub use rowbinary::{Map, Milli32, Milli64, Put, Record};
pub use service_status::ServiceStatus;
pub use table::Table;
pub use versioned::Versioned;
