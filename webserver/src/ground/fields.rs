//! What of a thing can be set, said once: for adding, for editing (what is left out stays), and for a row of
//! an imported sheet (what is empty stays).

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::{language::Text, time};

/// A column that a sheet may have.
pub(crate) struct SheetColumn<F> {
    /// The field as it is named on the wire.
    pub(crate) name: &'static str,
    /// What stands above it.
    pub(crate) title: Text,
    /// Reads a cell that is not empty.
    pub(crate) set: fn(&mut F, &str) -> Result<(), Text>,
}

/// A value as people write it in a cell.
pub(crate) trait FromCell: Sized {
    /// # Errors
    /// What it must be.
    fn from_cell(text: &str) -> Result<Self, Text>;
}

impl FromCell for String {
    fn from_cell(text: &str) -> Result<Self, Text> {
        Ok(text.to_owned())
    }
}

impl FromCell for u64 {
    fn from_cell(text: &str) -> Result<Self, Text> {
        text.parse()
            .map_err(|_| Text::new("须为非负整数", "must be a whole number"))
    }
}

impl FromCell for f64 {
    fn from_cell(text: &str) -> Result<Self, Text> {
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or(Text::new("须为数字", "must be a number"))
    }
}

/// A moment: a day or a time of China, or Unix ms.
impl FromCell for i64 {
    fn from_cell(text: &str) -> Result<Self, Text> {
        let wrong = || {
            Text::new(
                "须为日期，如 2025-03-12 或 2025-03-12 19:16:46",
                "must be a date such as 2025-03-12 or 2025-03-12 19:16:46",
            )
        };
        if text.len() > 10 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map_err(|_| wrong());
        }
        let text = text.replace(['/', '.'], "-").replace('T', " ");
        let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").map(|day| day.and_time(NaiveTime::MIN));
        let moment = day
            .or_else(|_| NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S"))
            .or_else(|_| NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M"));
        moment.map(time::in_china).map_err(|_| wrong())
    }
}

/// Declares the three forms: `fields` (every field optional, and `id`), `new` and `edited` (on the wire).
macro_rules! bodies {
    (
        fields $fields:ident;
        new $new:ident { $( $(#[$extra_meta:meta])* $extra:ident : $extra_type:ty ),* $(,)? }
        edited $edited:ident by $key:ident = $key_zh:literal, $key_en:literal;
        $( $(#[$meta:meta])* $field:ident : $type:ty = $zh:literal, $en:literal ),+ $(,)?
    ) => {
        /// What is to be set; none: as it was.
        #[derive(Debug, Clone, Default)]
        pub(super) struct $fields {
            pub(super) id: Option<u64>,
            $( pub(super) $field: Option<$type> ),+
        }

        impl $fields {
            /// The columns of a sheet.
            pub(super) const SHEET: &'static [$crate::ground::SheetColumn<Self>] = &[
                $crate::ground::SheetColumn {
                    name: stringify!($key),
                    title: $crate::ground::Text::new($key_zh, $key_en),
                    set: |fields, text| {
                        fields.id = Some(<u64 as $crate::ground::FromCell>::from_cell(text)?);
                        Ok(())
                    },
                },
                $( $crate::ground::SheetColumn {
                    name: stringify!($field),
                    title: $crate::ground::Text::new($zh, $en),
                    set: |fields, text| {
                        fields.$field = Some(<$type as $crate::ground::FromCell>::from_cell(text)?);
                        Ok(())
                    },
                } ),+
            ];
        }

        #[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
        pub(super) struct $new {
            $( $(#[$extra_meta])* pub(super) $extra: Option<$extra_type>, )*
            $( $(#[$meta])* $field: Option<$type> ),+
        }

        impl $new {
            pub(super) fn fields(&self) -> $fields {
                $fields { id: None, $( $field: self.$field.clone() ),+ }
            }
        }

        #[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
        pub(super) struct $edited {
            /// 编号 The id
            pub(super) $key: u64,
            /// 读到的版本 The version that was read, Unix ms
            pub(super) timestamp: i64,
            $( $(#[$meta])* $field: Option<$type> ),+
        }

        impl $edited {
            pub(super) fn fields(&self) -> $fields {
                $fields { id: Some(self.$key), $( $field: self.$field.clone() ),+ }
            }
        }
    };
}
pub(crate) use bodies;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        let first = Ok(1_735_660_800_000);
        for text in [
            "2025-01-01",
            "2025/1/1",
            "2025.01.01",
            "2025-01-01 00:00",
            "1735660800000",
        ] {
            assert_eq!(i64::from_cell(text), first, "{text}");
        }
        for text in ["2025", "20250101", "一月", "2025-13-01", "99999999999999999999"] {
            assert!(i64::from_cell(text).is_err(), "{text}");
        }
        assert!(f64::from_cell("NaN").is_err() && u64::from_cell("-1").is_err());
    }
}
