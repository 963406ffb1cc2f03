//! What all JSON to a pile has in common: `命令` first, `reqid` second, then the fields in order.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Why JSON is not a command or reply that the platform sends.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// No JSON, or fields of the wrong type.
    #[error("the JSON does not have the shape of its 命令")]
    Json(#[from] serde_json::Error),
    /// A 命令 that is none of these.
    #[error("{0:?} is none of the platform's 命令 of this kind")]
    Unknown(String),
}

/// A kind of JSON that the platform sends: its fields, and the 命令 they belong to.
pub trait Payload: Serialize + DeserializeOwned {
    /// The `命令`.
    const COMMAND: &'static str;

    /// The bytes on the wire.
    fn to_json(&self, reqid: u32) -> Vec<u8> {
        let envelope = Envelope {
            command: Self::COMMAND,
            reqid,
            body: self,
        };
        serde_json::to_vec(&envelope).expect("strings, numbers and lists of them always serialise")
    }
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    #[serde(rename = "命令")]
    command: &'a str,
    reqid: u32,
    #[serde(flatten)]
    body: &'a T,
}

/// The `命令` and `reqid` of JSON to a pile.
#[derive(Deserialize)]
pub(crate) struct Head {
    #[serde(rename = "命令")]
    pub(crate) command: String,
    #[serde(default, deserialize_with = "crate::lenient::number")]
    pub(crate) reqid: u32,
}

/// Declares the enum over payload types of one kind, with its reader and writer.
macro_rules! payloads {
    ($(#[$meta:meta])* $name:ident { $($variant:ident => $command:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = $command] $variant($variant),)*
        }

        $(
            impl $crate::envelope::Payload for $variant {
                const COMMAND: &'static str = $command;
            }

            impl From<$variant> for $name {
                fn from(body: $variant) -> Self {
                    Self::$variant(body)
                }
            }
        )*

        impl $name {
            /// Every `命令` of this kind.
            pub const COMMANDS: &'static [&'static str] = &[$($command),*];

            /// The `命令`.
            pub const fn command(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $command,)*
                }
            }

            /// The bytes on the wire: `命令` first, `reqid` second.
            pub fn to_json(&self, reqid: u32) -> Vec<u8> {
                match self {
                    $(Self::$variant(body) => $crate::envelope::Payload::to_json(body, reqid),)*
                }
            }

            /// Reads it back from the wire, with its reqid. Numbers may be strings; unknown keys are ignored.
            pub fn parse(json: &[u8]) -> Result<(u32, Self), $crate::EnvelopeError> {
                let head: $crate::envelope::Head = serde_json::from_slice(json)?;
                let payload = match head.command.as_str() {
                    $($command => Self::$variant(serde_json::from_slice(json)?),)*
                    _ => return Err($crate::EnvelopeError::Unknown(head.command)),
                };
                Ok((head.reqid, payload))
            }
        }
    };
}

pub(crate) use payloads;
