//! JSON escapes in a string's text. What is no escape stands for itself: firmware forgets to double `\`.

/// The text that `body` (without its quotes) stands for.
pub(super) fn unescape(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (c, length) = escape(&rest[at..]);
        text.push(c);
        rest = &rest[at + length..];
    }
    text.push_str(rest);
    text
}

/// The character that `text`, which begins with `\`, stands for, and the length of its escape.
fn escape(text: &str) -> (char, usize) {
    let c = match text.as_bytes().get(1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(text),
        _ => return ('\\', 1),
    };
    (c, 2)
}

/// `\uXXXX`, or two of them that make a surrogate pair; half a pair becomes a replacement character.
fn unicode(text: &str) -> (char, usize) {
    let Some(first) = unit(text, 0) else {
        return ('\\', 1);
    };
    if let Some(c) = char::from_u32(first) {
        return (c, 6);
    }
    match unit(text, 6) {
        Some(second @ 0xdc00..=0xdfff) if first < 0xdc00 => {
            let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
        }
        _ => (char::REPLACEMENT_CHARACTER, 6),
    }
}

/// The number of the escape `\uXXXX` at `at`.
fn unit(text: &str, at: usize) -> Option<u32> {
    let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
    digits
        .bytes()
        .all(|digit| digit.is_ascii_hexdigit())
        .then(|| u32::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes() {
        let cases = [
            (r#"a\"b\\c\/d\b\f\n\r\t"#, "a\"b\\c/d\u{8}\u{c}\n\r\t"),
            (r"\u67aa\u67AA", "枪枪"),
            (r"\ud83d\udd0c", "🔌"),
            (r"\ud83d", "\u{fffd}"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r"\udd0c\ud83d", "\u{fffd}\u{fffd}"),
            (r"C:\data\x", "C:\\data\\x"),
            (r"\u12", "\\u12"),
            (r"\u+123", "\\u+123"),
            (r"\u12枪", "\\u12枪"),
            ("\\", "\\"),
        ];
        for (body, text) in cases {
            assert_eq!(unescape(body), text, "{body}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_serde_json_writes(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(unescape(&json[1..json.len() - 1]), text);
        }

        #[test]
        fn any_body_has_a_text(body in r"[\\ud8c0-9a枪]{0,40}") {
            let _ = unescape(&body);
        }
    }
}
