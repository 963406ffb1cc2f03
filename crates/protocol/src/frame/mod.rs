//! A payload as text: borrowed when it is UTF-8, transcoded string by string when it is not.

mod context;
mod token;
mod transcode;

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::json::Cursor;
use crate::uplink::{self, Presence, Uplink};
use crate::{Malformed, MalformedReason as Reason};
use transcode::Transcoded;

/// The longest payload that is looked at.
pub const MAX_PAYLOAD: usize = 256 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One payload, ready to be understood. Messages borrow from it.
#[derive(Debug)]
pub struct Frame<'p> {
    payload: &'p [u8],
    utf8: Option<&'p str>,
    /// Filled at once when the payload is not UTF-8; otherwise only if it does not read as JSON.
    transcoded: OnceLock<Option<Transcoded<'p>>>,
    shortcuts: bool,
}

/// How the text of a frame came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8 throughout; the text is the payload itself.
    Utf8,
    /// GB18030, whole or in some strings, every byte of it understood.
    Gb18030,
    /// Some strings were neither, or broke the JSON around them: bad bytes were replaced.
    Damaged,
}

impl Encoding {
    /// A short stable name for metrics.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "utf8",
            Self::Gb18030 => "gb18030",
            Self::Damaged => "damaged",
        }
    }
}

impl<'p> Frame<'p> {
    /// Takes a payload. Nothing is copied and nothing but the encoding checked if it is UTF-8.
    pub fn read(payload: &'p [u8]) -> Result<Self, Malformed> {
        if payload.len() > MAX_PAYLOAD {
            return Err(Malformed::new(
                Reason::TooLarge,
                MAX_PAYLOAD,
                "longer than 256 KiB",
            ));
        }
        if payload.is_empty() {
            return Err(Malformed::new(Reason::Empty, 0, "no bytes"));
        }
        let payload = payload.strip_prefix(BYTE_ORDER_MARK).unwrap_or(payload);
        let utf8 = simdutf8::basic::from_utf8(payload).ok();
        let frame = Self {
            payload,
            utf8,
            transcoded: OnceLock::new(),
            shortcuts: true,
        };
        if utf8.is_none() && frame.transcoded().is_none() {
            return Err(Malformed::new(
                Reason::Syntax,
                0,
                "too much of it is neither UTF-8 nor GB18030",
            ));
        }
        Ok(frame)
    }

    /// Test hook: the same through the transcoder and the generic readers, whatever the payload is.
    #[doc(hidden)]
    pub fn read_tolerant(payload: &'p [u8]) -> Result<Self, Malformed> {
        let frame = Self::read(payload)?;
        if frame.transcoded().is_none() {
            return Err(Malformed::new(
                Reason::Syntax,
                0,
                "too much of it is neither UTF-8 nor GB18030",
            ));
        }
        Ok(Self {
            utf8: None,
            shortcuts: false,
            ..frame
        })
    }

    /// The payload as text: JSON, if it is well-formed.
    pub fn text(&self) -> &str {
        match (self.utf8, self.transcoded.get()) {
            (Some(text), _) => text,
            (None, Some(Some(transcoded))) => &transcoded.text,
            (None, _) => "",
        }
    }

    /// How the text came about.
    pub fn encoding(&self) -> Encoding {
        match self.transcoded.get() {
            Some(Some(transcoded)) if transcoded.damaged => Encoding::Damaged,
            Some(Some(_)) if self.utf8.is_none() => Encoding::Gb18030,
            _ => Encoding::Utf8,
        }
    }

    /// What the pile says. A field that cannot be used is absent and among the message's problems; only
    /// what is no JSON object, or has no `命令`, is malformed.
    pub fn message(&self) -> Result<Uplink<'_>, Malformed> {
        self.read_with(uplink::read)
    }

    /// The `命令` alone, for counting traffic without reading the rest.
    pub fn command(&self) -> Result<Cow<'_, str>, Malformed> {
        self.read_with(|cursor| uplink::command(&cursor))
    }

    /// A payload of the status topic, which has no `命令`.
    pub fn presence(&self) -> Result<Presence<'_>, Malformed> {
        self.read_with(Presence::read)
    }

    /// Reads the text; where UTF-8 does not read as JSON, tries again with its strings repaired.
    fn read_with<'f, T>(&'f self, read: impl Fn(Cursor<'f>) -> Result<T, Malformed>) -> Result<T, Malformed> {
        let Some(text) = self.utf8 else {
            return self.read_transcoded(read);
        };
        let result = read(Cursor::new(text, &[], self.shortcuts));
        match &result {
            Err(Malformed {
                reason: Reason::Syntax | Reason::Truncated,
                ..
            }) => self.read_transcoded(read).or(result),
            _ => result,
        }
    }

    #[cold]
    fn read_transcoded<'f, T>(
        &'f self,
        read: impl Fn(Cursor<'f>) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        match self.transcoded() {
            Some(Transcoded { text, tokens, .. }) => read(Cursor::new(text, tokens, self.shortcuts)),
            None => Err(Malformed::new(
                Reason::Syntax,
                0,
                "too damaged to find the strings",
            )),
        }
    }

    fn transcoded(&self) -> Option<&Transcoded<'p>> {
        self.transcoded
            .get_or_init(|| transcode::transcode(self.payload))
            .as_ref()
    }
}
