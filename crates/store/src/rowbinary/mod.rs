//! ClickHouse's `RowBinary`: how a row becomes bytes in a buffer, without allocation.
//!
//! The rows that piles cause are written by this and not by serde: the write-ahead log holds exactly the
//! bytes that ClickHouse later receives.

mod decimal;
mod put;
mod read;
mod row;

pub use decimal::{Milli32, Milli64};
pub use put::{Map, Put, put_len};
pub use read::{columns_of, integer, position, text};
pub(crate) use row::table_row;
pub use row::{Column, Record};
