//! Last resort for a payload that is no JSON any more: a charge record's number, so that it can be quarantined and
//! confirmed, or its pile would send it for ever; a registration's serial number, so that the TCU can be told.

/// A text as it may stand on the wire, in UTF-8 and in GB18030.
type Spellings = [&'static [u8]; 2];

/// `充电记录`, `交易记录`
const RECORDS: [Spellings; 2] = [
    ["充电记录".as_bytes(), b"\xb3\xe4\xb5\xe7\xbc\xc7\xc2\xbc"],
    ["交易记录".as_bytes(), b"\xbd\xbb\xd2\xd7\xbc\xc7\xc2\xbc"],
];

/// `交易流水号`
const TRADE_NUMBER: Spellings = [
    "交易流水号".as_bytes(),
    b"\xbd\xbb\xd2\xd7\xc1\xf7\xcb\xae\xba\xc5",
];

/// `出厂编号`
const SERIAL_NUMBER: Spellings = ["出厂编号".as_bytes(), b"\xb3\xf6\xb3\xa7\xb1\xe0\xba\xc5"];

/// Longer than any trade number; what is longer is something else.
const LONGEST_NUMBER: usize = 64;

/// The 交易流水号 of a payload that says it is a 充电记录 (交易记录) but cannot be read, if it is readable.
pub fn salvage_trade_number(payload: &[u8]) -> Option<String> {
    let quoted = |name: &[u8]| find(payload, &[b"\"", name, b"\""].concat()).is_some();
    if !RECORDS.iter().flatten().any(|name| quoted(name)) {
        return None;
    }
    TRADE_NUMBER
        .into_iter()
        .find_map(|key| value_of(payload, key, is_of_a_number, LONGEST_NUMBER))
}

/// The reqid of a payload that cannot be read, if that much of it is readable.
pub fn salvage_reqid(payload: &[u8]) -> Option<u32> {
    value_of(payload, b"reqid", |byte| byte.is_ascii_digit(), 10)?
        .parse()
        .ok()
}

/// The 出厂编号 of a payload that cannot be read, if it is readable.
pub fn salvage_serial_number(payload: &[u8]) -> Option<String> {
    SERIAL_NUMBER
        .into_iter()
        .find_map(|key| value_of(payload, key, is_of_a_number, LONGEST_NUMBER))
}

fn is_of_a_number(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// The value of the first `"key":` that has a whole one: only bytes that `accept` likes, then its end.
fn value_of(payload: &[u8], key: &[u8], accept: impl Fn(&u8) -> bool, longest: usize) -> Option<String> {
    let quoted = [b"\"", key, b"\""].concat();
    let mut rest = payload;
    while let Some(at) = find(rest, &quoted) {
        rest = &rest[at + quoted.len()..];
        if let Some(value) = value_after_key(rest, &accept, longest) {
            return Some(value);
        }
    }
    None
}

fn value_after_key(bytes: &[u8], accept: impl Fn(&u8) -> bool, longest: usize) -> Option<String> {
    let bytes = bytes.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let (bytes, is_text) = match bytes.strip_prefix(b"\"") {
        Some(text) => (text.trim_ascii_start(), true),
        None => (bytes, false),
    };
    let length = bytes
        .iter()
        .take(longest + 1)
        .take_while(|byte| accept(byte))
        .count();
    let ended = match bytes[length..].trim_ascii_start().first() {
        Some(b'"') => is_text,
        Some(b',' | b'}') => !is_text,
        _ => false,
    };
    let value = String::from_utf8_lossy(&bytes[..length]);
    (ended && (1..=longest).contains(&length)).then(|| value.into_owned())
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "00000000000000002506181906190401";

    #[test]
    fn from_broken_json() {
        let text =
            format!(r#"{{"命令":"充电记录","reqid": 7,"车辆VIN码":"x"y\","交易流水号" : "{NUMBER}","枪号"#);
        assert_eq!(salvage_trade_number(text.as_bytes()).as_deref(), Some(NUMBER));
        assert_eq!(salvage_reqid(text.as_bytes()), Some(7));
        let (gbk, _, _) = encoding_rs::GB18030.encode(&text);
        assert_eq!(salvage_trade_number(&gbk).as_deref(), Some(NUMBER));
        let alias = text.replace("充电记录", "交易记录");
        let (gbk, _, _) = encoding_rs::GB18030.encode(&alias);
        assert_eq!(salvage_trade_number(&gbk).as_deref(), Some(NUMBER));
    }

    #[test]
    fn numbers_without_quotes_and_strings_as_reqid() {
        let text = r#"{"命令":"充电记录","reqid":"12","交易流水号":0012,"#;
        assert_eq!(salvage_trade_number(text.as_bytes()).as_deref(), Some("0012"));
        assert_eq!(salvage_reqid(text.as_bytes()), Some(12));
    }

    #[test]
    fn what_cannot_be_trusted_is_left() {
        for text in [
            r#"{"命令":"充电记录","交易流水号":"0012"#,
            r#"{"命令":"充电记录","交易流水号":"","#,
            r#"{"命令":"充电记录","交易流水号":"00#12","#,
            r#"{"命令":"充电记录","#,
            r#"{"命令":"充电记录确认","交易流水号":"0012","#,
            r#"{"命令":"启动失败原因","交易流水号":"0012","#,
            "",
        ] {
            assert_eq!(salvage_trade_number(text.as_bytes()), None, "{text}");
        }
        assert_eq!(salvage_reqid(br#"{"reqid":99999999999}"#), None);
        assert_eq!(salvage_reqid(br#"{"reqid":4294967295}"#), Some(u32::MAX));
        assert_eq!(salvage_reqid(br#"{"reqid":12"#), None);
    }

    #[test]
    fn a_serial_number_from_broken_json() {
        let text = r#"{"命令":"注册申请","出厂编号":"DC-120_7","型号":"#;
        assert_eq!(
            salvage_serial_number(text.as_bytes()).as_deref(),
            Some("DC-120_7")
        );
        let (gbk, _, _) = encoding_rs::GB18030.encode(text);
        assert_eq!(salvage_serial_number(&gbk).as_deref(), Some("DC-120_7"));
        assert_eq!(salvage_serial_number(b"not JSON"), None);
        assert_eq!(salvage_serial_number(r#"{"出厂编号":"a/b","#.as_bytes()), None);
    }

    #[test]
    fn the_first_whole_value_counts() {
        let text = r#"{"命令":"充电记录","交易流水号":"?","交易流水号":"0012","x"#;
        assert_eq!(salvage_trade_number(text.as_bytes()).as_deref(), Some("0012"));
    }
}
