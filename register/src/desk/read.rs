//! What a payload on the registration topic says. Pure: a request, or why it is none.

use std::borrow::Cow;

use protocol::{
    Frame, MalformedReason, Problems, Uplink, salvage_reqid, salvage_serial_number, uplink::Register,
};

use crate::model::{Request, Serial};

/// A payload, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Read {
    /// The request's reqid, for the answer; 0 where absent.
    pub(super) reqid: u32,
    /// A request, or why it is none.
    pub(super) outcome: Result<Request, IllFormed>,
}

/// A request that cannot be worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IllFormed {
    /// To whom that may be said: only if the serial number can stand in a topic.
    pub(super) sn: Option<Serial>,
    /// What the TCU is told.
    pub(super) reason: String,
    /// A short stable name, for metrics and logs.
    pub(super) label: &'static str,
}

/// Reads it as tolerantly as every other message of a pile: GB18030, numbers as strings.
pub(super) fn read(payload: &[u8]) -> Read {
    let read = Frame::read(payload).and_then(|frame| match frame.message()? {
        Uplink::Register(register) => Ok(Some(request(&register))),
        _ => Ok(None),
    });
    match read {
        Ok(Some(read)) => read,
        Ok(None) => salvaged(payload, "命令应为注册申请", "command"),
        Err(malformed) => {
            let reason = match malformed.reason {
                MalformedReason::TooLarge => "报文过大",
                MalformedReason::NoCommand => "报文没有命令",
                _ => "报文不是完整的JSON对象",
            };
            salvaged(payload, reason, malformed.reason.label())
        }
    }
}

fn request(register: &Register<'_>) -> Read {
    let text = |field: &Option<Cow<'_, str>>| field.as_deref().unwrap_or_default().trim().to_owned();
    let outcome = match Serial::parse(&text(&register.serial_number)) {
        Err(error) => Err(IllFormed {
            sn: None,
            reason: error.to_string(),
            label: "serial_number",
        }),
        Ok(sn) => checked(
            Request {
                sn,
                model: text(&register.model),
                contract: text(&register.contract),
                software_version: text(&register.software_version),
                sim: text(&register.sim),
            },
            &register.problems,
        ),
    };
    Read {
        reqid: register.common.reqid,
        outcome,
    }
}

fn checked(request: Request, problems: &Problems<'_>) -> Result<Request, IllFormed> {
    const USED: [&str; 5] = ["出厂编号", "型号", "合同号", "软件版本", "SIM卡号"];
    let (reason, label) = if let Some(problem) = problems.iter().find(|p| USED.contains(&&*p.field)) {
        (format!("{}有误", problem.field), problem.kind.label())
    } else if let Some(field) = request.too_long() {
        (format!("{field}过长"), "too_long")
    } else {
        return Ok(request);
    };
    Err(IllFormed {
        sn: Some(request.sn),
        reason,
        label,
    })
}

fn salvaged(payload: &[u8], reason: &str, label: &'static str) -> Read {
    // A payload that is far too large is not searched: that would be its sender's way to keep us busy.
    let part = &payload[..payload.len().min(protocol::MAX_PAYLOAD)];
    let sn = salvage_serial_number(part).and_then(|sn| Serial::parse(&sn).ok());
    Read {
        reqid: salvage_reqid(part).unwrap_or(0),
        outcome: Err(IllFormed {
            sn,
            reason: reason.to_owned(),
            label,
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = r#"{"命令":"注册申请","reqid":7,"出厂编号":"SN1","型号":"DC-120","合同号":"HT-1","软件版本":"1.0","SIM卡号":"8986"}"#;

    fn good() -> Request {
        Request {
            sn: Serial::parse("SN1").unwrap(),
            model: "DC-120".to_owned(),
            contract: "HT-1".to_owned(),
            software_version: "1.0".to_owned(),
            sim: "8986".to_owned(),
        }
    }

    fn ill_formed(payload: &str) -> (Option<String>, String, &'static str) {
        let ill = read(payload.as_bytes()).outcome.unwrap_err();
        (ill.sn.map(|sn| sn.to_string()), ill.reason, ill.label)
    }

    #[test]
    fn a_request_is_read_whatever_its_firmware_makes_of_types() {
        let expected = Read {
            reqid: 7,
            outcome: Ok(good()),
        };
        assert_eq!(read(GOOD.as_bytes()), expected);
        let loose = GOOD
            .replace("\"reqid\":7", "\"reqid\":\"7\"")
            .replace("\"8986\"", "8986")
            .replace("\"SN1\"", "\" SN1 \"");
        assert_eq!(read(loose.as_bytes()), expected);
        let number = read(r#"{"命令":"注册申请","出厂编号":20250701}"#.as_bytes());
        assert_eq!(number.outcome.unwrap().sn.as_str(), "20250701");
    }

    #[test]
    fn a_serial_number_that_can_stand_in_no_topic_is_answered_by_nobody() {
        for (sn, told) in [
            (r#""""#, "出厂编号不能为空"),
            (r#""SN/1""#, "出厂编号不能包含 '/'"),
            (r##""SN#""##, "出厂编号不能包含 '#'"),
            (r#""+""#, "出厂编号不能包含 '+'"),
            (r#"["SN1"]"#, "出厂编号不能为空"),
        ] {
            let payload = GOOD.replace(r#""SN1""#, sn);
            assert_eq!(ill_formed(&payload), (None, told.to_owned(), "serial_number"));
        }
        let long = GOOD.replace("SN1", &"9".repeat(65));
        assert_eq!(ill_formed(&long).1, "出厂编号不能超过64字节");
    }

    #[test]
    fn what_is_wrong_is_said_where_the_serial_number_is_known() {
        let sn = Some("SN1".to_owned());
        let cases = [
            (GOOD.replace("注册申请", "登录"), "命令应为注册申请", "command"),
            (
                GOOD.replace(r#""命令":"注册申请","#, ""),
                "报文没有命令",
                "no_command",
            ),
            (
                GOOD.replace(r#""8986"}"#, r#""89"#),
                "报文不是完整的JSON对象",
                "truncated",
            ),
            (GOOD.replace(r#""DC-120""#, "[1]"), "型号有误", "wrong_type"),
            (GOOD.replace("HT-1", &"H".repeat(129)), "合同号过长", "too_long"),
            (
                GOOD.replace(r#""SIM卡号""#, r#""出厂编号":"SN2","SIM卡号""#),
                "出厂编号有误",
                "repeated",
            ),
        ];
        for (payload, told, label) in cases {
            assert_eq!(
                ill_formed(&payload),
                (sn.clone(), told.to_owned(), label),
                "{payload}"
            );
        }
        let large = GOOD.replace("}", &format!(",\"x\":\"{}\"}}", "x".repeat(300 * 1024)));
        assert_eq!(ill_formed(&large), (sn, "报文过大".to_owned(), "too_large"));
        assert_eq!(ill_formed("hello").0, None);
        assert_eq!(ill_formed("").0, None);
    }

    proptest! {
        #[test]
        fn no_payload_is_a_panic(payload in prop::collection::vec(any::<u8>(), 0..200)) {
            read(&payload);
        }
    }
}
