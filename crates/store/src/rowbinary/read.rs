//! Finding columns in an encoded row: the log's rows are looked into when they are drained, without a
//! second set of row types.

use std::ops::Range;

use super::Column;

/// Where each of `columns` lies in an encoded row. `None` if the bytes are not such a row.
pub fn columns_of(columns: &[Column], row: &[u8]) -> Option<Vec<Range<usize>>> {
    let mut at = 0;
    let mut places = Vec::with_capacity(columns.len());
    for column in columns {
        let length = length_of(column.wire_type, row.get(at..)?)?;
        places.push(at..at + length);
        at += length;
    }
    (at == row.len()).then_some(places)
}

/// The place of the column `name` among `columns`.
///
/// # Panics
/// When there is no such column: names are written in the program.
pub fn position(columns: &[Column], name: &str) -> usize {
    columns
        .iter()
        .position(|c| c.name == name)
        .expect("a column of this row type")
}

/// A text column's text, without its length; bytes that are not UTF-8 are replaced.
pub fn text(value: &[u8]) -> String {
    let skip = leb128(value).map_or(0, |(_, used)| used);
    String::from_utf8_lossy(&value[skip..]).into_owned()
}

/// An integer column of at most eight bytes.
pub fn integer(value: &[u8]) -> i64 {
    let mut bytes = [0; 8];
    bytes[..value.len()].copy_from_slice(value);
    i64::from_le_bytes(bytes)
}

fn length_of(wire_type: &str, bytes: &[u8]) -> Option<usize> {
    if let Some(inner) = wire_type.strip_prefix("Nullable(") {
        let inner = inner.strip_suffix(')')?;
        return match bytes.first()? {
            0 => Some(1 + length_of(inner, &bytes[1..])?),
            _ => Some(1),
        };
    }
    match wire_type {
        "UInt8" | "Int8" => Some(1),
        "UInt16" | "Int16" | "Date" => Some(2),
        "UInt32" | "Int32" | "Decimal(9, 3)" => Some(4),
        "UInt64" | "Int64" | "Decimal(18, 3)" => Some(8),
        "String" => leb128(bytes).map(|(length, used)| length + used),
        "Map(String, String)" => map_length(bytes),
        other if other.starts_with("Enum8") => Some(1),
        _ => None,
    }
}

fn map_length(bytes: &[u8]) -> Option<usize> {
    let (pairs, mut at) = leb128(bytes)?;
    for _ in 0..pairs.checked_mul(2)? {
        let (length, used) = leb128(bytes.get(at..)?)?;
        at += length + used;
    }
    Some(at)
}

fn leb128(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (used, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * used);
        if byte & 0x80 == 0 {
            return Some((value, used + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::run_data::RunData;
    use crate::table::trade_record::TradeRecord;
    use crate::{Map, Milli32, Record};

    fn encode(row: &impl Record) -> Vec<u8> {
        let mut out = Vec::new();
        row.encode(&mut out);
        out
    }

    #[test]
    fn columns_are_found_behind_texts_maps_and_nothing() {
        let extra = [("温度".into(), "40".into()), ("a".into(), "x".repeat(300).into())];
        let row = RunData {
            reqid: 7,
            voltage: Some(Milli32(5)),
            extra: Map(&extra),
            ..RunData::default()
        };
        let bytes = encode(&row);
        let columns = RunData::COLUMNS;
        let places = columns_of(columns, &bytes).unwrap();
        let value = |name| &bytes[places[position(columns, name)].clone()];
        assert_eq!(integer(value("reqid")), 7);
        assert_eq!(value("voltage"), [0, 5, 0, 0, 0]);
        assert_eq!(value("soc"), [1]);
        assert_eq!(places.last().unwrap().end, bytes.len());
    }

    #[test]
    fn long_texts_are_read_back() {
        let long = "电".repeat(100);
        let row = TradeRecord {
            stop_reason: &long,
            trade_id: "0042",
            ..TradeRecord::default()
        };
        let bytes = encode(&row);
        let places = columns_of(TradeRecord::COLUMNS, &bytes).unwrap();
        let value = |name| &bytes[places[position(TradeRecord::COLUMNS, name)].clone()];
        assert_eq!(text(value("stop_reason")), long);
        assert_eq!(text(value("trade_id")), "0042");
    }

    #[test]
    fn a_row_cut_short_is_none() {
        let bytes = encode(&TradeRecord::default());
        for cut in 0..bytes.len() {
            assert_eq!(columns_of(TradeRecord::COLUMNS, &bytes[..cut]), None);
        }
        assert_eq!(columns_of(TradeRecord::COLUMNS, &[bytes, vec![0]].concat()), None);
    }
}
