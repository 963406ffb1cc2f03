//! How a flat message is declared: one line per field with its reader and its keys on the wire.

/// Declares a message of [`crate::uplink::Common`] fields and the given ones, all optional, and its reader.
///
/// A field line is `name: type => reader = "key" | "alias"`, the reader a function of [`crate::field`].
macro_rules! message {
    (
        $(#[$meta:meta])*
        $name:ident {
            $($(#[$field_meta:meta])* $field:ident : $ty:ty => $reader:ident = $($key:literal)|+ ,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct $name<'a> {
            /// The fields that any message may carry.
            pub common: $crate::uplink::Common<'a>,
            $($(#[$field_meta])* pub $field: Option<$ty>,)*
            /// Fields that could not be used as sent.
            pub problems: $crate::Problems<'a>,
        }

        impl<'a> $name<'a> {
            /// Reads the members from the cursor on; `first` says whether it stands at the first of them.
            pub(crate) fn read(
                command: std::borrow::Cow<'a, str>,
                cursor: &mut $crate::json::Cursor<'a>,
                mut first: bool,
            ) -> Result<Self, $crate::Malformed> {
                let mut message = Self::default();
                message.common.command = command;
                while let Some(key) = cursor.key(first)? {
                    first = false;
                    let value = cursor.value()?;
                    let problems = &mut message.problems;
                    match &*key {
                        $($($key)|+ => {
                            $crate::field::put(&mut message.$field, $crate::field::$reader, key, value, problems);
                        })*
                        _ => {
                            message.common.take(key, value, problems);
                        }
                    }
                }
                Ok(message)
            }
        }
    };
}

pub(super) use message;
