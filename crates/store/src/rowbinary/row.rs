//! A struct per table whose fields are its columns: the macro writes names, wire types and encoding from
//! one list, so that they cannot drift apart.

use crate::Table;

/// A column that a row type writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// As in the DDL.
    pub name: &'static str,
    /// The wire type ([`super::Put::TYPE`]).
    pub wire_type: &'static str,
}

/// A row that can be appended to a table's buffer.
pub trait Record {
    /// Where the row belongs.
    const TABLE: Table;
    /// The columns in the order of encoding. A column of the table that is absent takes its default.
    const COLUMNS: &'static [Column];

    /// Appends the row in `RowBinary`.
    fn encode(&self, out: &mut Vec<u8>);
}

impl<R: Record> Record for &R {
    const TABLE: Table = R::TABLE;
    const COLUMNS: &'static [Column] = R::COLUMNS;

    fn encode(&self, out: &mut Vec<u8>) {
        R::encode(self, out);
    }
}

/// Declares a row type: `table_row! { Table::X; /// doc \n pub struct Row<'a> { /// doc \n pub a: u8, … } }`.
macro_rules! table_row {
    (
        $table:expr;
        $(#[$meta:meta])*
        pub struct $name:ident $(<$life:lifetime>)? {
            $( $(#[$field_meta:meta])* pub $field:ident : $type:ty ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $name $(<$life>)? {
            $( $(#[$field_meta])* pub $field: $type ),+
        }

        impl $(<$life>)? $crate::rowbinary::Record for $name $(<$life>)? {
            const TABLE: $crate::Table = $table;
            const COLUMNS: &'static [$crate::rowbinary::Column] = &[
                $( $crate::rowbinary::Column {
                    name: stringify!($field),
                    wire_type: <$type as $crate::rowbinary::Put>::TYPE,
                } ),+
            ];

            #[inline]
            fn encode(&self, out: &mut Vec<u8>) {
                $( $crate::rowbinary::Put::put(&self.$field, out); )+
            }
        }
    };
}
pub(crate) use table_row;
