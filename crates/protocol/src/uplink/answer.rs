//! X应答: the answer to the command X. It carries the command's reqid and closes it.

use std::borrow::Cow;

use super::{Common, named_values};
use crate::json::Cursor;
use crate::{Malformed, ProblemKind, Problems, field};

/// The answer to a command; what it brings beside its result depends on the command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The fields that any message may carry; its `reqid` is the command's.
    pub common: Common<'a>,
    /// `结果`: 成功 or 失败
    pub result: Option<Cow<'a, str>>,
    /// `失败原因`
    pub reason: Option<Cow<'a, str>>,
    /// `配置列表`, as name and value.
    pub settings: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Every other key with its value: a string's text, otherwise its JSON.
    pub fields: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Fields that could not be used as sent.
    pub problems: Problems<'a>,
}

const SUFFIX: &str = "应答";

impl<'a> Answer<'a> {
    /// True for a 命令 that answers some command.
    pub(crate) fn is_answer(command: &str) -> bool {
        command.len() > SUFFIX.len() && command.ends_with(SUFFIX)
    }

    /// The 命令 that is answered.
    pub fn answered_command(&self) -> &str {
        self.common
            .command
            .strip_suffix(SUFFIX)
            .unwrap_or(&self.common.command)
    }

    /// Whether the command succeeded; `None` when the answer does not say.
    pub fn succeeded(&self) -> Option<bool> {
        match self.result.as_deref()? {
            "成功" => Some(true),
            "失败" => Some(false),
            _ => None,
        }
    }

    /// Reads the members from the cursor on; `first` says whether it stands at the first of them.
    pub(crate) fn read(
        command: Cow<'a, str>,
        cursor: &mut Cursor<'a>,
        mut first: bool,
    ) -> Result<Self, Malformed> {
        let mut answer = Self::default();
        answer.common.command = command;
        while let Some(key) = cursor.key(first)? {
            first = false;
            answer.member(key, cursor)?;
        }
        Ok(answer)
    }

    fn member(&mut self, key: Cow<'a, str>, cursor: &mut Cursor<'a>) -> Result<(), Malformed> {
        let problems = &mut self.problems;
        if key == "配置列表" {
            let settings = &mut self.settings;
            return named_values::read(key, cursor, problems, |name, value, problems| {
                match field::text(&value) {
                    Ok(text) => settings.push((name, text.unwrap_or_default())),
                    Err(_) => problems.push(name, ProblemKind::WrongType, value.into_text()),
                }
            });
        }
        let value = cursor.value()?;
        match &*key {
            "结果" => field::put(&mut self.result, field::text, key, value, problems),
            "失败原因" => field::put(&mut self.reason, field::text, key, value, problems),
            _ => {
                if let Some((key, value)) = self.common.take(key, value, problems) {
                    self.fields.push((key, value.into_text()));
                }
            }
        }
        Ok(())
    }
}
