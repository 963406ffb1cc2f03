//! One value in `RowBinary`: little-endian numbers, texts and maps behind a LEB128 length.

use std::borrow::Cow;

/// A value that can be a column.
pub trait Put {
    /// ClickHouse's name of the type on the wire. A `LowCardinality(T)` column is `T` here.
    const TYPE: &'static str;

    /// Appends the value.
    fn put(&self, out: &mut Vec<u8>);
}

/// Appends a length as LEB128.
#[inline]
pub fn put_len(mut length: usize, out: &mut Vec<u8>) {
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}

macro_rules! put_numbers {
    ($($number:ty => $name:literal),* $(,)?) => {$(
        impl Put for $number {
            const TYPE: &'static str = $name;
            #[inline]
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
        }
        impl Put for Option<$number> {
            const TYPE: &'static str = concat!("Nullable(", $name, ")");
            #[inline]
            fn put(&self, out: &mut Vec<u8>) {
                put_option(self.as_ref(), out);
            }
        }
    )*};
}

put_numbers!(
    u8 => "UInt8", u16 => "UInt16", u32 => "UInt32", u64 => "UInt64",
    i8 => "Int8", i16 => "Int16", i32 => "Int32", i64 => "Int64",
);

/// `1` alone for nothing, `0` and the value otherwise.
#[inline]
pub(super) fn put_option<T: Put>(value: Option<&T>, out: &mut Vec<u8>) {
    match value {
        None => out.push(1),
        Some(value) => {
            out.push(0);
            value.put(out);
        }
    }
}

impl Put for str {
    const TYPE: &'static str = "String";
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        self.as_bytes().put(out);
    }
}

/// ClickHouse's `String` is bytes: payloads go in as they came.
impl Put for [u8] {
    const TYPE: &'static str = "String";
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        put_len(self.len(), out);
        out.extend_from_slice(self);
    }
}

impl Put for String {
    const TYPE: &'static str = "String";
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        self.as_bytes().put(out);
    }
}

impl Put for Vec<u64> {
    const TYPE: &'static str = "Array(UInt64)";
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        put_len(self.len(), out);
        self.iter().for_each(|item| item.put(out));
    }
}

impl Put for Vec<String> {
    const TYPE: &'static str = "Array(String)";
    fn put(&self, out: &mut Vec<u8>) {
        put_len(self.len(), out);
        self.iter().for_each(|text| text.put(out));
    }
}

/// Degrees and statistics; never money or energy, which are [`super::Milli64`].
impl Put for f64 {
    const TYPE: &'static str = "Float64";
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
}

impl<T: Put + ?Sized> Put for &T {
    const TYPE: &'static str = T::TYPE;
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out);
    }
}

impl<T: Put + ToOwned + ?Sized> Put for Cow<'_, T> {
    const TYPE: &'static str = T::TYPE;
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out);
    }
}

/// `Map(String, String)`: pairs in the order given; a repeated key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Map<'a, K, V>(pub &'a [(K, V)]);

impl<K, V> Default for Map<'_, K, V> {
    fn default() -> Self {
        Self(&[])
    }
}

impl<K: AsRef<str>, V: AsRef<str>> Put for Map<'_, K, V> {
    const TYPE: &'static str = "Map(String, String)";
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        put_len(self.0.len(), out);
        for (key, value) in self.0 {
            key.as_ref().put(out);
            value.as_ref().put(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(value: impl Put) -> Vec<u8> {
        let mut out = Vec::new();
        value.put(&mut out);
        out
    }

    #[test]
    fn values_have_the_bytes_that_clickhouse_documents() {
        assert_eq!(bytes(0x0102_u16), [2, 1]);
        assert_eq!(bytes(-2_i64), [254, 255, 255, 255, 255, 255, 255, 255]);
        assert_eq!(bytes("枪"), [3, 0xe6, 0x9e, 0xaa]);
        assert_eq!(bytes(Some(7_u8)), [0, 7]);
        assert_eq!(bytes(None::<u32>), [1]);
        assert_eq!(bytes(&[0xff_u8, 0][..]), [2, 0xff, 0]);
        assert_eq!(bytes(Map(&[("a", "b")])), [1, 1, b'a', 1, b'b']);
    }

    #[test]
    fn lengths_are_leb128() {
        for (length, expected) in [
            (0, &[0][..]),
            (127, &[127]),
            (128, &[0x80, 1]),
            (300, &[0xac, 2]),
            (16_384, &[0x80, 0x80, 1]),
        ] {
            let mut out = Vec::new();
            put_len(length, &mut out);
            assert_eq!(out, expected, "{length}");
        }
    }
}
