//! JSON text written by hand: firmware sends repeated keys, raw VIN bytes and GB18030, none of which
//! a serializer of valid JSON can produce. Only the shapes that piles send may enter.

use std::fmt::Display;
use std::io::Write;

/// The character set a firmware writes its payloads in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// As the protocol says.
    Utf8,
    /// Whole payloads in GB18030, as some firmware sends.
    Gb18030,
}

/// A JSON object being written.
#[derive(Debug)]
pub(crate) struct JsonText {
    buf: Vec<u8>,
    charset: Charset,
}

impl JsonText {
    /// Opens the outermost object.
    pub(crate) fn new(charset: Charset) -> Self {
        let mut buf = Vec::with_capacity(512);
        buf.push(b'{');
        Self { buf, charset }
    }

    /// `"key":"value"`
    pub(crate) fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        self.quoted(value);
        self
    }

    /// `"key":"value"` with the value's bytes as they are, in whatever encoding.
    pub(crate) fn raw_text(&mut self, key: &str, value: &[u8]) -> &mut Self {
        self.key(key);
        self.buf.push(b'"');
        self.buf.extend_from_slice(value);
        self.buf.push(b'"');
        self
    }

    /// `"key":123`
    pub(crate) fn number(&mut self, key: &str, value: impl Display) -> &mut Self {
        self.key(key);
        self.display(value);
        self
    }

    /// `"key":"123"`: many firmwares send numbers as strings.
    pub(crate) fn number_text(&mut self, key: &str, value: impl Display) -> &mut Self {
        self.key(key);
        self.buf.push(b'"');
        self.display(value);
        self.buf.push(b'"');
        self
    }

    /// `"key":[`
    pub(crate) fn open_array(&mut self, key: &str) -> &mut Self {
        self.key(key);
        self.buf.push(b'[');
        self
    }

    /// `]`
    pub(crate) fn close_array(&mut self) -> &mut Self {
        self.buf.push(b']');
        self
    }

    /// `{`, as an element of an array.
    pub(crate) fn open_object(&mut self) -> &mut Self {
        self.comma();
        self.buf.push(b'{');
        self
    }

    /// `}`
    pub(crate) fn close_object(&mut self) -> &mut Self {
        self.buf.push(b'}');
        self
    }

    /// Closes the outermost object and gives the bytes.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.buf.push(b'}');
        self.buf
    }

    fn comma(&mut self) {
        if !matches!(self.buf.last(), Some(b'{' | b'[')) {
            self.buf.push(b',');
        }
    }

    fn key(&mut self, key: &str) {
        self.comma();
        self.quoted(key);
        self.buf.push(b':');
    }

    fn display(&mut self, value: impl Display) {
        write!(self.buf, "{value}").expect("a Vec takes every write");
    }

    fn quoted(&mut self, text: &str) {
        self.buf.push(b'"');
        match self.charset {
            Charset::Utf8 => escape(text.as_bytes(), &mut self.buf),
            // Escaping comes first: a GB18030 trail byte may be a backslash, and is not one.
            Charset::Gb18030 => {
                let mut escaped = Vec::with_capacity(text.len());
                escape(text.as_bytes(), &mut escaped);
                let escaped = String::from_utf8_lossy(&escaped);
                let (bytes, _, _) = encoding_rs::GB18030.encode(&escaped);
                self.buf.extend_from_slice(&bytes);
            }
        }
        self.buf.push(b'"');
    }
}

fn escape(text: &[u8], out: &mut Vec<u8>) {
    if !text.iter().any(|&b| b == b'"' || b == b'\\' || b < 0x20) {
        out.extend_from_slice(text);
        return;
    }
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..0x20 => write!(out, "\\u{byte:04x}").expect("a Vec takes every write"),
            _ => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_valid_json_with_escapes() {
        let mut json = JsonText::new(Charset::Utf8);
        json.text("名", "a\"b\\c\n").number("n", 3).open_array("列");
        json.open_object().number_text("值", "1.5").close_object();
        json.open_object().close_object().close_array();
        let value: serde_json::Value = serde_json::from_slice(&json.finish()).unwrap();
        assert_eq!(
            value,
            serde_json::json!({"名": "a\"b\\c\n", "n": 3, "列": [{"值": "1.5"}, {}]})
        );
    }

    #[test]
    fn gb18030_reads_back_as_the_same_text() {
        let mut json = JsonText::new(Charset::Gb18030);
        json.text("命令", "运行数据");
        let bytes = json.finish();
        assert!(std::str::from_utf8(&bytes).is_err());
        let (text, _, damaged) = encoding_rs::GB18030.decode(&bytes);
        assert!(!damaged);
        assert_eq!(text, r#"{"命令":"运行数据"}"#);
    }
}
