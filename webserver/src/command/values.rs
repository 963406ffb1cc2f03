//! What the value of a command's field must be.

use protocol::Uuid;
use serde_json::{Value, json};

use super::kinds::{Field, Shape};
use crate::ground::{ApiError, Text, check};

/// Parameters of one command.
const MOST_SETTINGS: usize = 200;
const LONGEST_NAME: usize = 64;
const LONGEST_VALUE: usize = 256;
const LONGEST_SECRET: usize = 64;
const MOST_TEXTS: usize = 32;

/// As the pile gets it.
///
/// # Errors
/// 422 that names the field.
pub(super) fn read(field: &Field, value: &Value) -> Result<Value, ApiError> {
    let text = || {
        value
            .as_str()
            .ok_or_else(|| wrong(field.name, "须为文本", "must be a text"))
    };
    Ok(match field.shape {
        Shape::Text(most) => {
            let text = within(check::optional("fields", text()?, most), field.name)?;
            if text.is_empty() && field.required {
                return Err(wrong(field.name, "不能为空", "must not be empty"));
            }
            text.into()
        }
        Shape::Secret => {
            let secret = text()?;
            if secret.chars().count() > LONGEST_SECRET || secret.chars().any(char::is_control) {
                return Err(wrong(
                    field.name,
                    "最多64个字符，不能含有控制字符",
                    "at most 64 characters, no control characters",
                ));
            }
            secret.into()
        }
        Shape::Number(least, most) => match value.as_u64().filter(|number| (least..=most).contains(number)) {
            Some(number) => number.into(),
            None => {
                return Err(invalid(
                    field.name,
                    format!("须为{least}到{most}的整数"),
                    format!("must be a whole number from {least} to {most}"),
                ));
            }
        },
        Shape::Choice(choices) => match choices.iter().find(|choice| Some(**choice) == value.as_str()) {
            Some(choice) => (*choice).into(),
            None => {
                return Err(invalid(
                    field.name,
                    format!("须为：{}", choices.join("、")),
                    format!("must be one of: {}", choices.join(", ")),
                ));
            }
        },
        Shape::Uuid => match value.as_str().and_then(|text| Uuid::parse(text).ok()) {
            Some(uuid) => uuid.to_string().into(),
            None => {
                return Err(wrong(
                    field.name,
                    "须为8位大写字母",
                    "must be eight capital letters",
                ));
            }
        },
        Shape::Time => {
            let time = protocol::time::parse(text()?).ok_or_else(|| {
                wrong(
                    field.name,
                    "须形如 2025-06-18 19:08:15+0800",
                    "must be such as 2025-06-18 19:08:15+0800",
                )
            })?;
            time.to_string().into()
        }
        Shape::Md5 => {
            let text = text()?.trim().to_ascii_lowercase();
            if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(wrong(
                    field.name,
                    "须为32位十六进制",
                    "must be 32 hexadecimal digits",
                ));
            }
            text.into()
        }
        Shape::Texts => texts(field, value)?,
        Shape::Settings => settings(field, value, true)?,
        Shape::Names => settings(field, value, false)?,
    })
}

fn texts(field: &Field, value: &Value) -> Result<Value, ApiError> {
    let rule = || {
        wrong(
            field.name,
            "须为文本列表，最多32项",
            "must be a list of at most 32 texts",
        )
    };
    let list = value
        .as_array()
        .filter(|list| list.len() <= MOST_TEXTS)
        .ok_or_else(rule)?;
    let texts = list.iter().map(|item| {
        let text = item.as_str().ok_or_else(rule)?;
        within(check::name("fields", text, LONGEST_NAME), field.name)
    });
    Ok(texts.collect::<Result<Vec<_>, _>>()?.into())
}

/// `[{"名称":…,"值":…}]`; a pile that is asked gets empty values.
fn settings(field: &Field, value: &Value, with_values: bool) -> Result<Value, ApiError> {
    let rule = || {
        wrong(
            field.name,
            "须为 [{\"名称\",\"值\"}] 的列表，1到200项，名称不重复",
            "must be a list of 1 to 200 [{名称, 值}] whose names differ",
        )
    };
    let list = value
        .as_array()
        .filter(|list| list.len() <= MOST_SETTINGS && !(list.is_empty() && field.required))
        .ok_or_else(rule)?;
    let mut names = std::collections::HashSet::new();
    let mut settings = Vec::with_capacity(list.len());
    for item in list {
        let item = item.as_object().ok_or_else(rule)?;
        if item.keys().any(|key| key != "名称" && key != "值") {
            return Err(rule());
        }
        let name = item.get("名称").and_then(Value::as_str).ok_or_else(rule)?;
        let (name, value) = match item.get("值") {
            Some(Value::String(value)) if with_values => setting(field.name, name, value)?,
            Some(Value::Number(value)) if with_values => setting(field.name, name, &value.to_string())?,
            Some(Value::String(value)) if value.is_empty() => setting(field.name, name, "")?,
            None if !with_values => setting(field.name, name, "")?,
            _ => return Err(rule()),
        };
        if !names.insert(name.clone()) {
            return Err(rule());
        }
        settings.push(json!({ "名称": name, "值": value }));
    }
    Ok(settings.into())
}

/// A parameter's name and value as they are sent.
pub(crate) fn setting(field: &'static str, name: &str, value: &str) -> Result<(String, String), ApiError> {
    Ok((
        within(check::name("fields", name, LONGEST_NAME), field)?,
        within(check::optional("fields", value, LONGEST_VALUE), field)?,
    ))
}

/// Says of which of the command's fields an error speaks.
pub(super) fn within<T>(checked: Result<T, ApiError>, name: &'static str) -> Result<T, ApiError> {
    checked.map_err(|error| match error {
        ApiError::Invalid { rule, .. } => ApiError::Invalid {
            field: place(name).into(),
            rule,
        },
        other => other,
    })
}

pub(super) fn place(name: &str) -> String {
    format!("fields.{name}")
}

pub(super) fn wrong(name: &str, zh: &'static str, en: &'static str) -> ApiError {
    ApiError::invalid(place(name), zh, en)
}

pub(super) fn invalid(name: &str, zh: String, en: String) -> ApiError {
    ApiError::Invalid {
        field: place(name).into(),
        rule: Text::of(zh, en),
    }
}
