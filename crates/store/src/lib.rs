//! What is at rest: tables and their rows, schema steps, Redis keys.
//!
//! Knows ClickHouse and serde; knows neither actors nor web frameworks. One file per table under `table/`.

pub mod rowbinary;
pub mod table;

pub use rowbinary::{Map, Milli32, Milli64, Put, Record};
pub use table::Table;
