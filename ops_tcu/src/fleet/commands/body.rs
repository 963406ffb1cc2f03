//! The JSON object that goes to a pile: without its password for the record, with it again after a restart.

use std::hash::{DefaultHasher, Hash, Hasher};

use protocol::PileTime;
use protocol::downlink::Downlink;
use serde_json::{Map, Value};

/// The one field that must not be read anywhere.
const PASSWORD: &str = "密码";
const STRUCK_OUT: &str = "***";

fn object(body: &str) -> Option<Map<String, Value>> {
    match serde_json::from_str(body) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

/// The body for the record, and the password that was struck out, if there was one.
pub(in crate::fleet) fn without_password(body: &str) -> (String, Option<String>) {
    let Some(mut object) = object(body) else {
        return (String::new(), None);
    };
    let password = match object.get_mut(PASSWORD) {
        Some(Value::String(text)) if !text.is_empty() => Some(std::mem::replace(text, STRUCK_OUT.to_owned())),
        _ => None,
    };
    (Value::Object(object).to_string(), password)
}

/// The body of a record as the pile gets it, with the password of which it was struck out; none if the record is no
/// command. The second value tells whether a password is missing.
pub(in crate::fleet) fn with_password(
    record: &str,
    password: Option<&str>,
) -> Option<(Downlink, String, bool)> {
    let mut object = object(record)?;
    let mut missing = false;
    if object.get(PASSWORD).is_some_and(|struck| struck == STRUCK_OUT) {
        missing = password.is_none();
        object.insert(PASSWORD.to_owned(), password.unwrap_or_default().into());
    }
    let (reqid, command) = Downlink::parse(Value::Object(object).to_string().as_bytes()).ok()?;
    let body = String::from_utf8(command.to_json(reqid)).ok()?;
    Some((command, body, missing))
}

/// What tells commands without a mark apart: everything in them but the number that the platform gave.
pub(in crate::fleet) fn fingerprint(body: &str) -> u64 {
    let (record, _) = without_password(body);
    let mut object = object(&record).unwrap_or_default();
    object.remove("reqid");
    let mut hasher = DefaultHasher::new();
    Value::Object(object).to_string().hash(&mut hasher);
    hasher.finish()
}

/// 对时 as it is to be sent `waited` ms after it was asked for: its time has gone on. Nothing for other commands.
pub(in crate::fleet) fn moved_on(body: &str, waited: i64) -> Option<String> {
    let (reqid, command) = Downlink::parse(body.as_bytes()).ok()?;
    let Downlink::SetClock(mut clock) = command else {
        return None;
    };
    clock.time = PileTime {
        ms: clock.time.ms + waited,
    };
    String::from_utf8(Downlink::from(clock).to_json(reqid)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOWNLOAD: &str = r#"{"命令":"下载","reqid":7,"文件类型":"程序包","用户名":"u","密码":"geheim"}"#;

    #[test]
    fn passwords_are_struck_out_and_put_back() {
        let (record, password) = without_password(DOWNLOAD);
        assert!(!record.contains("geheim") && record.contains("用户名"));
        let (_, body, missing) = with_password(&record, password.as_deref()).unwrap();
        assert!(!missing && body.contains("geheim") && body.starts_with(r#"{"命令":"下载","reqid":7,"#));
        let (_, body, missing) = with_password(&record, None).unwrap();
        assert!(missing && !body.contains(STRUCK_OUT));
        let (record, password) = without_password(&DOWNLOAD.replace("geheim", ""));
        assert_eq!(password, None, "an empty one is no secret");
        assert!(!with_password(&record, None).unwrap().2);
    }

    #[test]
    fn the_number_is_no_part_of_a_command() {
        let other = DOWNLOAD.replace(":7", ":8");
        assert_eq!(fingerprint(DOWNLOAD), fingerprint(&other));
        assert_eq!(fingerprint(DOWNLOAD), fingerprint(&without_password(DOWNLOAD).0));
        assert_ne!(
            fingerprint(DOWNLOAD),
            fingerprint(&DOWNLOAD.replace("程序包", "配置文件"))
        );
    }

    #[test]
    fn the_time_of_a_clock_goes_on() {
        let set = r#"{"命令":"对时","reqid":7,"系统时间":"2025-03-12 19:16:46+0800"}"#;
        let moved = moved_on(set, 3_600_000).unwrap();
        assert!(moved.contains("20:16:46"), "{moved}");
        assert_eq!(moved_on(DOWNLOAD, 5), None);
    }
}
