//! 启动失败原因: a charge that did not start, and why. Answered by 启动失败原因确认.

use std::borrow::Cow;

use super::message::message;
use crate::{PileTime, Vin};

message! {
    /// 启动失败原因
    BootFailed {
        /// `产生时间`
        occurred: PileTime => time = "产生时间",
        /// `交易流水号`
        trade_number: Cow<'a, str> => text = "交易流水号",
        /// `车辆VIN码`
        vin: Vin<'a> => vin = "车辆VIN码",
        /// `充电方式`
        charge_way: Cow<'a, str> => text = "充电方式",
        /// `开始SOC`
        start_soc: u8 => percent = "开始SOC",
        /// `失败原因`
        reason: FailureReason<'a> => failure = "失败原因",
    }
}

/// `失败原因`, for example `0X68:车辆原因-BRM报文接收超时`, whole and in its parts. What the code means
/// depends on vendor and firmware; it is never assumed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureReason<'a> {
    /// The text as sent.
    pub whole: Cow<'a, str>,
    /// `0X68`, as sent.
    pub code: Option<Cow<'a, str>>,
    /// The party at fault, `车辆原因`.
    pub party: Option<Cow<'a, str>>,
    /// `BRM报文接收超时`
    pub text: Option<Cow<'a, str>>,
}

const COLONS: [char; 2] = [':', '：'];
const DASHES: [char; 4] = ['-', '－', '—', '–'];

impl<'a> FailureReason<'a> {
    /// Splits a reason; parts that it lacks are `None`.
    pub fn new(whole: Cow<'a, str>) -> Self {
        match whole {
            Cow::Borrowed(text) => {
                let [code, party, text] = split(text).map(|part| part.map(Cow::Borrowed));
                Self {
                    whole,
                    code,
                    party,
                    text,
                }
            }
            Cow::Owned(_) => {
                let [code, party, text] =
                    split(&whole).map(|part| part.map(|part| Cow::Owned(part.to_owned())));
                Self {
                    whole,
                    code,
                    party,
                    text,
                }
            }
        }
    }
}

fn split(whole: &str) -> [Option<&str>; 3] {
    let code_length = code_length(whole);
    let (code, rest) = whole.split_at(code_length);
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || COLONS.contains(&c));
    let (party, text) = match rest.split_once(DASHES) {
        Some((party, text)) => (party, text.trim_start_matches(DASHES)),
        None => ("", rest),
    };
    [code, party, text].map(|part| Some(part.trim()).filter(|part| !part.is_empty()))
}

/// The length of a leading `0X` and its digits, when a colon, a blank or nothing follows them.
fn code_length(whole: &str) -> usize {
    let Some(rest) = whole.strip_prefix("0X").or_else(|| whole.strip_prefix("0x")) else {
        return 0;
    };
    let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
    let ends = |c: char| c.is_whitespace() || COLONS.contains(&c) || DASHES.contains(&c);
    if digits > 0 && rest[digits..].chars().next().is_none_or(ends) {
        digits + 2
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let whole = [Some("0X68"), Some("车辆原因"), Some("BRM报文接收超时")];
        let cases = [
            ("0X68:车辆原因-BRM报文接收超时", whole),
            ("0X68：车辆原因－BRM报文接收超时", whole),
            ("0X68 : 车辆原因 - BRM报文接收超时", whole),
            ("0X68:车辆原因——BRM报文接收超时", whole),
            ("0x5a:车辆原因-BRM", [Some("0x5a"), Some("车辆原因"), Some("BRM")]),
            (
                "0X68:BRM报文接收超时",
                [Some("0X68"), None, Some("BRM报文接收超时")],
            ),
            ("0X68:车辆原因-", [Some("0X68"), Some("车辆原因"), None]),
            ("0X68:", [Some("0X68"), None, None]),
            ("0X68", [Some("0X68"), None, None]),
            ("0X68-急停", [Some("0X68"), None, Some("急停")]),
            ("车辆原因-BRM", [None, Some("车辆原因"), Some("BRM")]),
            ("急停", [None, None, Some("急停")]),
            ("0X:急停", [None, None, Some("0X:急停")]),
            ("0X68车辆", [None, None, Some("0X68车辆")]),
            (":", [None, None, None]),
            ("0X68:a-b-c", [Some("0X68"), Some("a"), Some("b-c")]),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text), expected, "{text}");
        }
    }
}
