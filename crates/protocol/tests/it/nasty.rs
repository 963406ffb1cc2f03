//! What the field, and the malicious, send: each must become the right value, quickly, and never a panic.

use std::time::{Duration, Instant};

use protocol::uplink::{EventState, Presence, RunDataVersion};
use protocol::{Encoding, Frame, MAX_PAYLOAD, MalformedReason as Reason, Milli, ProblemKind, Uplink};

use crate::check::check;

fn reason(payload: &[u8]) -> Result<(), Reason> {
    let frame = Frame::read(payload).map_err(|malformed| malformed.reason)?;
    frame.message().map(drop).map_err(|malformed| malformed.reason)
}

#[test]
fn malformed() {
    let cases: &[(&[u8], Reason)] = &[
        (b"", Reason::Empty),
        (b" \r\n", Reason::Empty),
        (b"\0\0\0", Reason::Empty),
        (b"\xef\xbb\xbf", Reason::Empty),
        (b"null", Reason::NotObject),
        (b"[]", Reason::NotObject),
        (b"\"text\"", Reason::NotObject),
        (b"online", Reason::NotObject),
        (b"{", Reason::Truncated),
        (b"{}", Reason::NoCommand),
        (br#"{"reqid":1}"#, Reason::NoCommand),
        (r#"{"命令":""}"#.as_bytes(), Reason::NoCommand),
        (r#"{"命令":null}"#.as_bytes(), Reason::NoCommand),
        (r#"{"命令":["登录"]}"#.as_bytes(), Reason::NoCommand),
        (r#"{"命令":"登录"#.as_bytes(), Reason::Truncated),
        (r#"{"命令":"登录""#.as_bytes(), Reason::Truncated),
        (r#"{"命令":"登录","#.as_bytes(), Reason::Truncated),
        (r#"{"命令":"登录","型号":"#.as_bytes(), Reason::Truncated),
        (r#"{"命令":"登录","型号":{"a":1"#.as_bytes(), Reason::Truncated),
        (r#"{"命令":"登录" "型号":"x"}"#.as_bytes(), Reason::Syntax),
        (r#"{"命令":"登录",型号:"x"}"#.as_bytes(), Reason::Syntax),
        (r#"{"命令":"登录","型号" "x"}"#.as_bytes(), Reason::Syntax),
        (r#"{"命令":"登录","型号":[1}}"#.as_bytes(), Reason::Syntax),
        (r#"{"命令":"登录"}}"#.as_bytes(), Reason::Trailing),
        (r#"{"命令":"登录"}{"命令":"登录"}"#.as_bytes(), Reason::Trailing),
        (r#"{"命令":"登录"}x"#.as_bytes(), Reason::Trailing),
    ];
    for (payload, expected) in cases {
        assert_eq!(
            reason(payload),
            Err(*expected),
            "{}",
            String::from_utf8_lossy(payload)
        );
        check(payload);
    }
}

#[test]
fn tolerated() {
    for payload in [
        "\u{feff}{\"命令\":\"登录\"}",
        " \r\n{ \"命令\" : \"登录\" }\r\n",
        "{\"命令\":\"登录\"}\0",
        "{\"命令\":\"登录\"}\0\0 \"rest of an older message\"}",
        "{\"命令\":\"登录\",}",
        "{,\"命令\":\"登录\",,\"型号\":\"x\"}",
        "{\"型号\":\"x\",\"命令\":\"登录\"}",
        "{\"命令\":\"\",\"命令\":\"登录\"}",
        "{\"命令\":\" 登录 \"}",
        "{\"\\u547d令\":\"登\\u5f55\"}",
        "{\"命令\":\"登录\",\"信号强度_dBm\":nan}",
        "{\"命令\":\"登录\",\"x\":{\"y\":[1,2,{\"z\":\"}]\"}]}}",
        "{\"命令\":\"登录\",\"型号\":\"line\nbreak\ttab\"}",
    ] {
        let frame = Frame::read(payload.as_bytes()).unwrap();
        let message = frame
            .message()
            .unwrap_or_else(|malformed| panic!("{malformed}: {payload}"));
        assert_eq!(message.command(), "登录", "{payload}");
        check(payload.as_bytes());
    }
}

#[test]
fn unknown_commands_keep_their_reqid() {
    for (payload, command, reqid) in [
        (r#"{"命令":"心跳","reqid":"77"}"#, "心跳", 77),
        (
            r#"{"reqid":4294967295,"命令":"充电记录确认"}"#,
            "充电记录确认",
            u32::MAX,
        ),
        (r#"{"命令":12,"reqid":1}"#, "12", 1),
        (r#"{"命令":"应答","reqid":1}"#, "应答", 1),
    ] {
        let frame = Frame::read(payload.as_bytes()).unwrap();
        let Ok(Uplink::Unknown(unknown)) = frame.message() else {
            panic!("unknown: {payload}")
        };
        assert_eq!((&*unknown.common.command, unknown.common.reqid), (command, reqid));
    }
}

#[test]
fn wrong_types_are_problems_not_refusals() {
    let payload = r#"{"命令":"充电记录","reqid":-1,"系统时间":17,"交易流水号":123,"枪号":"二","开始SOC":255,
        "充电电量_度":"--","金额_元":1e99,"开始时间":{"a":1},"车辆VIN码":[],"停止原因":true,"停止原因":"x","结束SOC":null}"#;
    let frame = Frame::read(payload.as_bytes()).unwrap();
    let Ok(Uplink::TradeRecord(record)) = frame.message() else {
        panic!("a charge record")
    };
    assert_eq!(
        (record.common.reqid, record.common.gun(), record.start_soc),
        (0, None, None)
    );
    assert_eq!(
        (record.trade_number.as_deref(), record.stop_reason.as_deref()),
        (Some("123"), Some("true"))
    );
    let problems: Vec<_> = record
        .problems
        .iter()
        .map(|problem| (&*problem.field, problem.kind))
        .collect();
    let expected = [
        ("reqid", ProblemKind::OutOfRange),
        ("系统时间", ProblemKind::NotATime),
        ("枪号", ProblemKind::NotANumber),
        ("开始SOC", ProblemKind::OutOfRange),
        ("充电电量_度", ProblemKind::NotANumber),
        ("金额_元", ProblemKind::OutOfRange),
        ("开始时间", ProblemKind::WrongType),
        ("车辆VIN码", ProblemKind::WrongType),
        ("停止原因", ProblemKind::Repeated),
    ];
    assert_eq!(problems, expected);
}

#[test]
fn a_repeated_key_loses_nothing() {
    let payload =
        r#"{"命令":"告警","告警代码":"","告警代码":"1","告警代码":"1","告警代码":"2","状态":"发生"}"#;
    let frame = Frame::read(payload.as_bytes()).unwrap();
    let Ok(Uplink::Event(event)) = frame.message() else {
        panic!("an event")
    };
    assert_eq!(
        (event.code.as_deref(), event.state),
        (Some("1"), Some(EventState::Raised))
    );
    let problems: Vec<_> = event
        .problems
        .iter()
        .map(|problem| (problem.kind, &*problem.value))
        .collect();
    assert_eq!(problems, [(ProblemKind::Repeated, "2")]);
}

#[test]
fn points_in_every_shape() {
    let payload = r#"{"命令":"运行数据","版本":3,"状态数据":[
        {"值":"1.5","名称":"输出电压","单位":"V"},
        {"名称":"输出电流","值":2,"名称":"已充时长","值":"12.6"},
        {"名称":"SOC","值":""},{"名称":"电表度数_度","值":"--"},
        {"名称":"枪温","值":30},{"值":1},{},7],"状态数据":{"名称":"插枪状态","值":"已插枪"}}"#;
    let frame = Frame::read(payload.as_bytes()).unwrap();
    let Ok(Uplink::RunData(data)) = frame.message() else {
        panic!("run data")
    };
    let points = &data.points;
    assert_eq!(data.version, RunDataVersion::V3);
    assert_eq!(
        (points.voltage, points.current),
        (Some(Milli(1500)), Some(Milli(2000)))
    );
    assert_eq!(
        (points.charged_minutes, points.soc, points.meter),
        (Some(13), None, None)
    );
    assert_eq!(points.link_state.as_deref(), Some("已插枪"));
    assert_eq!(points.extra, [("枪温".into(), "30".into())]);
    let kinds: Vec<_> = data.problems.iter().map(|problem| problem.kind).collect();
    assert_eq!(
        kinds,
        [
            ProblemKind::NotANumber,
            ProblemKind::Incomplete,
            ProblemKind::WrongType
        ]
    );
}

#[test]
fn a_point_sent_twice_counts_as_its_later_value() {
    let payload = r#"{"命令":"数据变位","状态数据":[{"名称":"SOC","值":"40"},{"名称":"SOC","值":"41"}]}"#;
    let frame = Frame::read(payload.as_bytes()).unwrap();
    let Ok(Uplink::Change(data)) = frame.message() else {
        panic!("a change")
    };
    assert_eq!(data.points.soc, Some(41));
    assert_eq!(
        data.problems
            .iter()
            .map(|problem| &*problem.value)
            .collect::<Vec<_>>(),
        ["40"]
    );
}

#[test]
fn flat_points_keep_unknown_keys() {
    let payload = r#"{"命令":"运行数据","SOC":41,"枪温":"30","子设备编号":[],"位图":[1],"空":""}"#;
    let frame = Frame::read(payload.as_bytes()).unwrap();
    let Ok(Uplink::RunData(data)) = frame.message() else {
        panic!("run data")
    };
    assert_eq!((data.version, data.points.soc), (RunDataVersion::V1, Some(41)));
    assert_eq!(data.points.extra, [("枪温".into(), "30".into())]);
}

#[test]
fn presence() {
    for (payload, expected) in [
        (r#"{"状态":"在线"}"#, Presence::Online),
        (r#"{"状态":"离线"}"#, Presence::Offline),
        (r#"{"状态":"休眠"}"#, Presence::Other("休眠".into())),
        ("{}", Presence::Other("".into())),
    ] {
        assert_eq!(Frame::read(payload.as_bytes()).unwrap().presence(), Ok(expected));
    }
    let (gbk, _, _) = encoding_rs::GB18030.encode(r#"{"状态":"离线"}"#);
    assert_eq!(Frame::read(&gbk).unwrap().presence(), Ok(Presence::Offline));
}

#[test]
fn utf8_that_was_cut_is_not_taken_for_gb18030() {
    let mut payload = r#"{"命令":"启动失败原因","失败原因":"0X68:车辆原因-BRM报文接收超"#
        .as_bytes()
        .to_vec();
    payload.truncate(payload.len() - 1);
    payload.extend(b"\"}");
    let frame = Frame::read(&payload).unwrap();
    assert_eq!(frame.encoding(), Encoding::Damaged);
    let Ok(Uplink::BootFailed(failed)) = frame.message() else {
        panic!("a boot failure")
    };
    let reason = failed.reason.unwrap();
    assert_eq!(
        (reason.code.as_deref(), reason.party.as_deref()),
        (Some("0X68"), Some("车辆原因"))
    );
    assert_eq!(reason.text.as_deref(), Some("BRM报文接收\u{fffd}"));
}

#[test]
fn one_field_in_gb18030_among_utf8() {
    let (reason, _, _) = encoding_rs::GB18030.encode("车辆拔枪\\n乗");
    let payload = [
        r#"{"命令":"充电记录","停止原因":""#.as_bytes(),
        &reason,
        r#"","枪号":"1"}"#.as_bytes(),
    ]
    .concat();
    let frame = Frame::read(&payload).unwrap();
    assert_eq!(frame.encoding(), Encoding::Gb18030);
    let Ok(Uplink::TradeRecord(record)) = frame.message() else {
        panic!("a charge record")
    };
    assert_eq!(
        (record.stop_reason.as_deref(), record.common.gun()),
        (Some("车辆拔枪\n乗"), Some(1))
    );
}

/// Anything that takes longer than this, unoptimised and beside other tests, is not linear.
const SOON: Duration = Duration::from_secs(5);

fn soon(payload: &[u8]) -> Result<(), Reason> {
    let start = Instant::now();
    let result = reason(payload);
    check(payload);
    assert!(start.elapsed() < SOON, "took {:?}", start.elapsed());
    result
}

fn repeated(head: &str, part: &[u8], tail: &str) -> Vec<u8> {
    repeated_to(MAX_PAYLOAD, head, part, tail)
}

fn repeated_to(length: usize, head: &str, part: &[u8], tail: &str) -> Vec<u8> {
    let room = length - head.len() - tail.len();
    [head.as_bytes(), &part.repeat(room / part.len()), tail.as_bytes()].concat()
}

#[test]
fn deep_nesting() {
    let head = r#"{"命令":"登录","x":"#;
    assert_eq!(soon(&repeated("", b"[", "")), Err(Reason::NotObject));
    assert_eq!(soon(&repeated(head, b"[", "")), Err(Reason::TooDeep));
    assert_eq!(soon(&repeated(head, b"{\"a\":", "")), Err(Reason::TooDeep));
    let nested = |depth: usize| format!("{head}{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(soon(nested(64).as_bytes()), Ok(()));
    assert_eq!(soon(nested(65).as_bytes()), Err(Reason::TooDeep));
}

#[test]
fn size_limit() {
    assert_eq!(soon(&vec![b' '; MAX_PAYLOAD]), Err(Reason::Empty));
    assert_eq!(soon(&vec![b' '; MAX_PAYLOAD + 1]), Err(Reason::TooLarge));
    assert_eq!(soon(&vec![b'{'; 300 * 1024]), Err(Reason::TooLarge));
    let full = repeated(r#"{"命令":"登录","型号":""#, b"x", "\"}");
    assert_eq!((full.len(), soon(&full)), (MAX_PAYLOAD, Ok(())));
}

#[test]
fn ten_thousand_points() {
    let points: Vec<_> = (0..10_000).map(|_| r#"{"名称":"p","值":1}"#).collect();
    let payload = format!(r#"{{"命令":"运行数据","状态数据":[{}]}}"#, points.join(","));
    assert_eq!(soon(payload.as_bytes()), Ok(()));
    let frame = Frame::read(payload.as_bytes()).unwrap();
    let Ok(Uplink::RunData(data)) = frame.message() else {
        panic!("run data")
    };
    assert_eq!(data.points.extra.len(), 10_000);
}

#[test]
fn hostile_repetitions_stay_linear() {
    // Long enough for the square of it to take minutes.
    const HOSTILE: usize = 64 * 1024;
    let head = r#"{"命令":"登录","x":""#;
    for part in [
        &b"\\\""[..],
        b"\",",
        b"\"",
        b"\\",
        b"\\\",",
        b"\xff",
        b"\xff\"",
        b"\xb3\\",
        b"\xb3\"",
        b"\\\"\xff",
        b"\"\\\",\xff",
        b"\",\"\xff\":\"",
        b"\"  ",
        b"\x81\x30\x81\x30",
        b"\xe4\xbd",
        b",,\"\\",
    ] {
        for tail in ["", "\"}"] {
            let _ = soon(&repeated_to(HOSTILE, head, part, tail));
            let _ = soon(&repeated_to(HOSTILE, "", part, tail));
            let _ = soon(&repeated_to(HOSTILE, head, part, "\",\"y\":\"\u{1}"));
        }
    }
}

#[test]
fn binary_noise() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for length in [1, 16, 435, 4096, MAX_PAYLOAD] {
        let noise: Vec<u8> = (0..length)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (state >> 56) as u8
            })
            .collect();
        assert!(soon(&noise).is_err());
    }
}
