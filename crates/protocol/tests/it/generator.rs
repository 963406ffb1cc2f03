//! Messages as firmware may write them: any command, known and unknown keys, values of the right and the
//! wrong type, in any order.

use proptest::prelude::*;
use serde_json::{Value, json};

/// The members of an object, which may repeat a key, as no map can.
pub(crate) type Members = Vec<(String, Json)>;

/// JSON with repeated keys.
#[derive(Debug, Clone)]
pub(crate) enum Json {
    Leaf(Value),
    List(Vec<Json>),
    Object(Members),
}

impl Json {
    pub(crate) fn write(&self, out: &mut String) {
        match self {
            Self::Leaf(value) => out.push_str(&value.to_string()),
            Self::List(list) => {
                write_all(out, ['[', ']'], list, |out, element| element.write(out));
            }
            Self::Object(members) => write_all(out, ['{', '}'], members, |out, (key, value)| {
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                value.write(out);
            }),
        }
    }
}

fn write_all<T>(out: &mut String, [open, close]: [char; 2], items: &[T], write: impl Fn(&mut String, &T)) {
    out.push(open);
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(close);
}

/// The JSON text of an object.
pub(crate) fn text(members: &Members) -> String {
    let mut out = String::new();
    Json::Object(members.clone()).write(&mut out);
    out
}

pub(crate) const COMMANDS: [&str; 14] = [
    "登录",
    "运行数据",
    "数据变位",
    "事件上送",
    "告警",
    "充电记录",
    "交易记录",
    "启动失败原因",
    "关键器件动作应答",
    "重启应答",
    "下载进度",
    "日志上传完成",
    "注册申请",
    "心跳",
];

/// Keys of all messages, so that each meets what belongs to another.
const KEYS: [&str; 40] = [
    "软件版本",
    "枪数量",
    "出厂编号",
    "信号强度_dBm",
    "工作状态",
    "插枪状态",
    "车辆连接状态",
    "电压_V",
    "输出电流",
    "已充电量",
    "已充时长",
    "SOC",
    "电表读数_度",
    "枪温_℃",
    "告警名称",
    "告警代码",
    "状态",
    "产生时间",
    "交易流水号",
    "枪号",
    "车辆VIN码",
    "充电方式",
    "开始时间",
    "结束时间",
    "开始SOC",
    "结束SOC",
    "充电电量_度",
    "充电时长_分",
    "停止原因",
    "金额_元",
    "失败原因",
    "结果",
    "进度",
    "字节数",
    "文件名",
    "系统时间",
    "数据分区",
    "reqid",
    "子设备编号",
    "a\"\\b",
];

/// Text without what the decoders treat apart: control characters, private-use and non-characters.
pub(crate) fn plain_text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(
            &[
                "空闲",
                "成功",
                "发生",
                "桩数据",
                "2枪数据",
                "0x5a：桩原因-急停",
                "",
                " ",
                "--"
            ][..]
        )
        .prop_map(str::to_owned),
        "[a-zA-Z0-9 \"\\\\/{},:\\[\\]-]{0,12}",
        "[\u{4e00}-\u{9fa5}A-Z]{1,8}",
    ]
}

fn number_text() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..300_u32).prop_map(|number| number.to_string()),
        (-5000..5_000_000_i64).prop_map(|number| format!("{}.{:03}", number / 1000, number.abs() % 1000)),
        any::<i64>().prop_map(|number| number.to_string()),
    ]
}

fn time_text() -> impl Strategy<Value = String> {
    let offset = prop::sample::select(&["+0800", "+08:00", "Z", "", ".250+0800"][..]);
    (0..4_000_000_000_i64, offset).prop_map(|(second, offset)| {
        let shown = protocol::time::format(second * 1000);
        format!("{}{offset}", shown.trim_end_matches("+0800"))
    })
}

fn leaf() -> impl Strategy<Value = Json> {
    prop_oneof![
        4 => plain_text().prop_map(Value::from),
        4 => number_text().prop_map(Value::from),
        2 => time_text().prop_map(Value::from),
        2 => number_text().prop_map(|text| serde_json::from_str(&text).unwrap()),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(json!([1, {"a": "]}"}])),
    ]
    .prop_map(Json::Leaf)
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(&KEYS[..]).prop_map(str::to_owned),
        1 => "[\u{4e00}-\u{9fa5}_a-z]{1,6}",
    ]
}

fn points() -> impl Strategy<Value = Json> {
    let point = (key(), leaf(), any::<bool>()).prop_map(|(name, value, usual)| {
        let mut members = vec![
            ("名称".to_owned(), Json::Leaf(name.into())),
            ("值".to_owned(), value),
        ];
        if !usual {
            members.reverse();
        }
        Json::Object(members)
    });
    let element = prop_oneof![8 => point, 1 => leaf()];
    prop::collection::vec(element, 0..10).prop_map(Json::List)
}

/// One component counter with its four keys.
pub(crate) fn component() -> impl Strategy<Value = Members> {
    (
        1..4_u8,
        prop::sample::select(&["直流输出接触器", "交流接触器", "熔断器"][..]),
        0..99_u32,
        0..9_u32,
    )
        .prop_map(|(gun, kind, normal, abnormal)| {
            [
                ("数据分区", format!("{gun}枪数据")),
                ("器件类型", kind.to_owned()),
                ("正常次数", normal.to_string()),
                ("异常次数", abnormal.to_string()),
            ]
            .map(|(key, value)| (key.to_owned(), Json::Leaf(value.into())))
            .to_vec()
        })
}

fn components() -> impl Strategy<Value = Json> {
    let packed = prop::collection::vec(component(), 1..4).prop_map(|packed| Json::Object(packed.concat()));
    prop::collection::vec(packed, 0..4).prop_map(Json::List)
}

/// Any message; the 命令 is first or anywhere.
pub(crate) fn message() -> impl Strategy<Value = Members> {
    let member = prop_oneof![
        16 => (key(), leaf()),
        1 => points().prop_map(|points| ("状态数据".to_owned(), points)),
        1 => points().prop_map(|points| ("配置列表".to_owned(), points)),
        1 => components().prop_map(|components| ("关键器件名称".to_owned(), components)),
    ];
    let members = prop::collection::vec(member, 0..16);
    (
        prop::sample::select(&COMMANDS[..]),
        members,
        prop_oneof![Just(0), 0..16_usize],
    )
        .prop_map(|(command, mut members, at)| {
            let at = at.min(members.len());
            members.insert(at, ("命令".to_owned(), Json::Leaf(command.into())));
            members
        })
}
