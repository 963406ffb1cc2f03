//! What a value must be, said in both languages.

use common::language::Language;

/// A rule that a value breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rule {
    /// It is missing.
    Required,
    /// It must be a text.
    Text,
    /// It must be a whole number within these bounds.
    Integer(u64, u64),
    /// Too long a text.
    AtMost(usize),
    /// Line breaks and the like.
    Invisible,
    /// Nobody knows this field.
    Unknown,
    /// One of these.
    OneOf(String),
    /// Exactly one of these fields.
    ExactlyOne(&'static str),
    /// Eight capital letters.
    Uuid,
    /// `YYYY-MM-DD`.
    Day,
    /// What an account may be called.
    Username,
    /// What a serial number may be; in Chinese.
    Serial(String),
    /// UTF-8, percent-encoded.
    Encoded,
    /// An IP address.
    Address,
    /// The number of a person.
    Id,
}

impl Rule {
    /// The rule, with the field it is about.
    pub(super) fn about(&self, field: &str, language: Language) -> String {
        match language {
            Language::Chinese => format!("{field}：{}", self.chinese()),
            Language::English => format!("{field}: {}", self.english()),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::Required => "必填".into(),
            Self::Text => "必须是文本".into(),
            Self::Integer(least, most) => format!("必须是{least}到{most}的整数"),
            Self::AtMost(letters) => format!("不能超过{letters}个字"),
            Self::Invisible => "不能包含换行等控制字符".into(),
            Self::Unknown => "没有这个字段".into(),
            Self::OneOf(names) => format!("必须是{names}之一"),
            Self::ExactlyOne(names) => format!("{names}必须且只能填一个"),
            Self::Uuid => "必须是8个大写字母".into(),
            Self::Day => "必须是YYYY-MM-DD格式的日期".into(),
            Self::Username => "必须是3到32个小写字母、数字、点、横线或下划线".into(),
            Self::Serial(text) => text.clone(),
            Self::Encoded => "必须是百分号编码的UTF-8".into(),
            Self::Address => "必须是IP地址".into(),
            Self::Id => "必须是用户编号".into(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Required => "required".into(),
            Self::Text => "must be a text".into(),
            Self::Integer(least, most) => format!("must be a whole number from {least} to {most}"),
            Self::AtMost(letters) => format!("at most {letters} letters"),
            Self::Invisible => "must not hold line breaks or other control characters".into(),
            Self::Unknown => "there is no such field".into(),
            Self::OneOf(names) => format!("must be one of {names}"),
            Self::ExactlyOne(names) => format!("exactly one of {names} is required"),
            Self::Uuid => "must be eight capital letters".into(),
            Self::Day => "must be a date, YYYY-MM-DD".into(),
            Self::Username => "must be 3 to 32 of a-z, 0-9, dot, hyphen, underscore".into(),
            Self::Serial(_) => {
                "must be 1 to 64 bytes without blanks, quotes, slashes, backslashes, $, + and #".into()
            }
            Self::Encoded => "must be UTF-8, percent-encoded".into(),
            Self::Address => "must be an IP address".into(),
            Self::Id => "must be the number of a user".into(),
        }
    }
}
