//! What may be sent: a command's fields against the table of kinds.

use protocol::downlink::Downlink;
use serde_json::{Map, Value};

use super::{
    kinds::{Kind, Shape, kind},
    values::{invalid, read},
};
use crate::ground::{ApiError, Caller, Text, access_table::DANGEROUS};

/// The least and the most time that a command may take, s: ops_tcu takes no other.
const TIMEOUT_S: std::ops::RangeInclusive<u64> = 1..=30 * 86_400;
/// Without another wish, s.
pub(crate) const DEFAULT_TIMEOUT_S: u64 = 300;
/// Piles of a batch per second.
const FASTEST: u32 = 10_000;
/// In place of a password.
const STRUCK_OUT: &str = "***";

/// A command that may go out: its fields as the pile gets them.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    /// What it is.
    pub(crate) kind: &'static Kind,
    /// Its fields by their keys.
    pub(crate) fields: Map<String, Value>,
}

impl Checked {
    /// The fields without passwords, for what is kept.
    pub(crate) fn public(&self) -> Value {
        let mut fields = self.fields.clone();
        for field in self
            .kind
            .fields
            .iter()
            .filter(|field| field.shape == Shape::Secret)
        {
            match fields.get_mut(field.name) {
                Some(Value::String(secret)) if !secret.is_empty() => *secret = STRUCK_OUT.to_owned(),
                _ => {}
            }
        }
        Value::Object(fields)
    }

    /// The fields with the time of sending (Unix ms) where none was given.
    pub(crate) fn sent_at(&self, now: i64) -> Map<String, Value> {
        let mut fields = self.fields.clone();
        for field in self.kind.fields.iter().filter(|field| field.shape == Shape::Time) {
            let time = || protocol::time::format(now).into();
            fields.entry(field.name).or_insert_with(time);
        }
        fields
    }

    /// Whether it carries a password.
    pub(crate) fn is_secret(&self) -> bool {
        self.public() != Value::Object(self.fields.clone())
    }
}

/// The command of this name, if the caller may send it. Asked before its fields are read: who may not send it is told
/// that, not what is wrong with it.
///
/// # Errors
/// 422 for no command; 403 for a dangerous one without the permission.
pub(crate) fn permitted(caller: &Caller, name: &str) -> Result<&'static Kind, ApiError> {
    let kind = known(name)?;
    require_allowed(caller, kind)?;
    Ok(kind)
}

fn known(name: &str) -> Result<&'static Kind, ApiError> {
    kind(name).ok_or_else(|| {
        ApiError::invalid(
            "command",
            "没有这种命令，见 /command/kinds",
            "is no command, see /command/kinds",
        )
    })
}

/// Reads a command as people send it. A time that is left out is that of sending, see [`Checked::sent_at`].
///
/// # Errors
/// 422 that names the field.
pub(crate) fn command(kind: &'static Kind, fields: &Map<String, Value>) -> Result<Checked, ApiError> {
    if let Some(unknown) = fields
        .keys()
        .find(|key| kind.fields.iter().all(|field| field.name != **key))
    {
        let known: Vec<_> = kind.fields.iter().map(|field| field.name).collect();
        let known = known.join("、");
        return Err(invalid(
            unknown,
            format!("该命令没有此字段，可用：{known}"),
            format!("is no field of this command, which has: {known}"),
        ));
    }
    let mut checked = Map::new();
    for field in kind.fields {
        let given = fields.get(field.name).filter(|value| !value.is_null());
        match given {
            Some(value) => {
                checked.insert(field.name.to_owned(), read(field, value)?);
            }
            None if field.required => {
                return Err(invalid(field.name, "必填".to_owned(), "is required".to_owned()));
            }
            None => {}
        }
    }
    let checked = Checked {
        kind,
        fields: checked,
    };
    understood(kind, checked.sent_at(0))?;
    Ok(checked)
}

/// # Errors
/// 403 for a dangerous command without the permission.
pub(crate) fn require_allowed(caller: &Caller, kind: &Kind) -> Result<(), ApiError> {
    if !kind.dangerous || caller.may(DANGEROUS) {
        return Ok(());
    }
    Err(ApiError::Forbidden(Text::of(
        format!("无权下发{}，需要权限 {DANGEROUS}", kind.name),
        format!("{} needs the permission {DANGEROUS}", kind.name),
    )))
}

/// # Errors
/// 422 for a time that ops_tcu would not take.
pub(crate) fn timeout(seconds: Option<u64>) -> Result<u64, ApiError> {
    let seconds = seconds.unwrap_or(DEFAULT_TIMEOUT_S);
    if TIMEOUT_S.contains(&seconds) {
        return Ok(seconds);
    }
    Err(ApiError::invalid(
        "timeout_s",
        "须为1到2592000秒",
        "must be from 1 to 2592000 seconds",
    ))
}

/// Piles per second; 0 leaves it to the connector.
pub(crate) fn rate(given: Option<u32>) -> Result<u32, ApiError> {
    let rate = given.unwrap_or_default();
    if rate <= FASTEST {
        return Ok(rate);
    }
    Err(ApiError::invalid(
        "rate_per_s",
        "须在0到10000之间，0=平台的限速",
        "must be from 0 to 10000, 0 = the platform's own limit",
    ))
}

/// As the protocol reads it: what the table lets through, it must take.
fn understood(kind: &Kind, mut whole: Map<String, Value>) -> Result<(), ApiError> {
    whole.insert("命令".to_owned(), kind.name.into());
    let bytes = Value::Object(whole).to_string();
    Downlink::parse(bytes.as_bytes()).map(|_| ()).map_err(|error| {
        tracing::warn!(command = kind.name, %error, "the protocol refuses what the table of commands allows");
        ApiError::invalid("fields", "不是该命令的字段", "are no fields of this command")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::kinds::Field;
    use super::*;

    const NOW: i64 = 1_795_000_000_000;

    fn read(name: &str, fields: Value) -> Result<Checked, String> {
        let Value::Object(fields) = fields else {
            panic!("fields are an object")
        };
        let checked = known(name).and_then(|kind| command(kind, &fields));
        checked.map_err(|error| error.to_string())
    }

    /// Something that the field takes.
    fn sample(field: &Field) -> Value {
        match field.shape {
            Shape::Text(_) | Shape::Secret => json!("x"),
            Shape::Number(_, most) => json!(most),
            Shape::Choice(choices) => json!(choices[0]),
            Shape::Texts => json!(["1"]),
            Shape::Settings => json!([{ "名称": "a", "值": 7 }]),
            Shape::Names => json!([{ "名称": "a" }]),
            Shape::Uuid => json!("AAAAALFW"),
            Shape::Time => json!("2025-06-18 19:08:15+0800"),
            Shape::Md5 => json!("2A8D1A212C7F713CDACB5CB6DF55353A"),
        }
    }

    #[test]
    fn the_protocol_knows_every_field_of_the_table_and_no_other() {
        for kind in super::super::kinds::KINDS {
            let all: Map<_, _> = kind
                .fields
                .iter()
                .map(|field| (field.name.to_owned(), sample(field)))
                .collect();
            let checked = command(kind, &all).unwrap();
            let mut whole = checked.fields.clone();
            whole.insert("命令".into(), kind.name.into());
            let (_, read) = Downlink::parse(Value::Object(whole).to_string().as_bytes()).unwrap();
            let mut written: Map<String, Value> = serde_json::from_slice(&read.to_json(1)).unwrap();
            written.retain(|key, _| key != "命令" && key != "reqid");
            assert_eq!(written, checked.fields, "{}", kind.name);
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(
            read("跳舞", json!({})).unwrap_err(),
            "invalid command: is no command, see /command/kinds"
        );
        assert_eq!(
            read("桩禁用", json!({})).unwrap_err(),
            "invalid fields.枪号: is required"
        );
        let refused = read("重启", json!({ "延时": 5 })).unwrap_err();
        assert!(
            refused.contains("fields.延时") && refused.contains("延时_秒"),
            "{refused}"
        );
        for delay in [json!(601), json!(-1), json!("5"), json!(1.5)] {
            assert!(read("重启", json!({ "延时_秒": delay })).is_err());
        }
        assert!(
            read("重启", json!({ "延时_秒": null }))
                .unwrap()
                .fields
                .is_empty()
        );
    }

    #[test]
    fn limits_are_those_of_the_platform() {
        assert!(rate(Some(10_001)).is_err() && rate(None).unwrap() == 0);
        assert!(timeout(Some(0)).is_err() && timeout(None).unwrap() == DEFAULT_TIMEOUT_S);
    }

    #[test]
    fn parameters_have_names_that_differ() {
        let list = |list: Value| read("参数配置", json!({ "配置列表": list }));
        let good = list(json!([{ "名称": " a ", "值": 1.5 }])).unwrap();
        assert_eq!(good.fields["配置列表"], json!([{ "名称": "a", "值": "1.5" }]));
        for bad in [
            json!([]),
            json!("a"),
            json!([{ "名称": "a" }]),
            json!([{ "名称": "", "值": "1" }]),
            json!([{ "名称": "a", "值": "1", "x": 1 }]),
            json!([{ "名称": "a", "值": "1" }, { "名称": "a", "值": "2" }]),
        ] {
            assert!(list(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_goes_to_the_pile_and_nowhere_else() {
        let fields = json!({ "服务器IP": "192.0.2.7", "端口": 1883, "用户名": "u", "密码": "geheim" });
        let checked = read("更新主站", fields).unwrap();
        assert!(checked.is_secret() && checked.fields["密码"] == "geheim");
        assert!(!checked.public().to_string().contains("geheim"));
        let fields = json!({ "服务器IP": "192.0.2.7", "端口": 1883, "密码": "" });
        assert!(!read("更新主站", fields).unwrap().is_secret());
    }

    #[test]
    fn a_clock_is_set_to_now_if_nothing_else_is_said() {
        let checked = read("对时", json!({})).unwrap();
        assert!(checked.fields.is_empty());
        assert_eq!(checked.sent_at(NOW)["系统时间"], protocol::time::format(NOW));
        let given = json!({ "系统时间": "2025-06-18 19:08:15+0800" });
        assert_eq!(
            read("对时", given.clone()).unwrap().sent_at(NOW)["系统时间"],
            given["系统时间"]
        );
        assert!(read("对时", json!({ "系统时间": "gestern" })).is_err());
    }
}
