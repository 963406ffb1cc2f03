//! The table of commands as forms need it.

use serde::Serialize;
use utoipa::ToSchema;

use super::kinds::{Field, Kind, Shape};

/// 一种命令及其字段 A command and its fields
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CommandKind {
    /// 命令 The command
    #[schema(example = "重启")]
    command: &'static str,
    /// 作用, 中文 What it does, in Chinese
    description: &'static str,
    /// 作用, 英文 What it does, in English
    description_en: &'static str,
    /// 需要权限 dangerous_command:write Whether it needs that permission as well
    dangerous: bool,
    /// 当前用户可否下发 Whether the caller may send it
    allowed: bool,
    /// 字段 Its fields
    fields: Vec<CommandField>,
}

/// 字段 A field
#[derive(Debug, Serialize, ToSchema)]
struct CommandField {
    /// 键 The key
    #[schema(example = "延时_秒")]
    name: &'static str,
    /// 类型: text, number, choice, texts, settings, names, uuid, time, md5, secret; settings 为 [{"名称","值"}], names 为其中的 [{"名称"}] What it takes; settings are a list of 名称 and 值, names one of 名称
    shape: &'static str,
    /// 必填 Whether it is required
    required: bool,
    /// 最小值, number 有 Smallest number
    least: Option<u64>,
    /// 最大值或最多字符数 Largest number, or most characters
    most: Option<u64>,
    /// 可选值, choice 有 What may be chosen
    choices: &'static [&'static str],
    /// 说明, 中文 What it is, in Chinese
    description: &'static str,
    /// 说明, 英文 What it is, in English
    description_en: &'static str,
}

impl CommandKind {
    /// As a form needs it.
    pub(super) fn of(kind: &Kind, allowed: bool) -> Self {
        Self {
            command: kind.name,
            description: kind.zh,
            description_en: kind.en,
            dangerous: kind.dangerous,
            allowed,
            fields: kind.fields.iter().map(CommandField::of).collect(),
        }
    }
}

impl CommandField {
    fn of(field: &Field) -> Self {
        let (shape, least, most, choices): (_, _, _, &'static [&'static str]) = match field.shape {
            Shape::Text(most) => ("text", None, Some(most as u64), &[]),
            Shape::Number(least, most) => ("number", Some(least), Some(most), &[]),
            Shape::Choice(choices) => ("choice", None, None, choices),
            Shape::Texts => ("texts", None, None, &[]),
            Shape::Settings => ("settings", None, None, &[]),
            Shape::Names => ("names", None, None, &[]),
            Shape::Uuid => ("uuid", None, Some(8), &[]),
            Shape::Time => ("time", None, None, &[]),
            Shape::Md5 => ("md5", None, Some(32), &[]),
            Shape::Secret => ("secret", None, Some(64), &[]),
        };
        Self {
            name: field.name,
            shape,
            required: field.required,
            least,
            most,
            choices,
            description: field.zh,
            description_en: field.en,
        }
    }
}
