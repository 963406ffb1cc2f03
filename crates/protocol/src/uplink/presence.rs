//! The status topic: retained 在线, and 离线 as the pile's last will. Not a message, it has no 命令.

use std::borrow::Cow;

use crate::json::Cursor;
use crate::{Malformed, MalformedReason as Reason};

/// Whether a pile is connected to the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence<'a> {
    /// 在线
    Online,
    /// 离线
    Offline,
    /// Anything else, as sent.
    Other(Cow<'a, str>),
}

impl<'a> Presence<'a> {
    pub(crate) fn read(mut cursor: Cursor<'a>) -> Result<Self, Malformed> {
        if !cursor.open(b'{') {
            return Err(cursor.error(Reason::NotObject, "an object was expected"));
        }
        let (mut first, mut state) = (true, None);
        while let Some(key) = cursor.key(first)? {
            first = false;
            let value = cursor.value()?;
            if key == "状态" {
                state = state.or(value.scalar_cow());
            }
        }
        cursor.end()?;
        let state = state.unwrap_or_default();
        Ok(match &*state {
            "在线" => Self::Online,
            "离线" => Self::Offline,
            _ => Self::Other(state),
        })
    }
}
