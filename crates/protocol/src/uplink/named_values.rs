//! Lists of `{"名称":…,"值":…}`: the points of run data, the settings of an answer.

use std::borrow::Cow;

use crate::json::{Cursor, Value};
use crate::{Malformed, ProblemKind, Problems};

/// Reads the list that begins here and hands each name and value on, in order. What is no such list, or
/// no such element, is a problem of `field`.
#[inline]
pub(super) fn read<'a>(
    field: Cow<'a, str>,
    cursor: &mut Cursor<'a>,
    problems: &mut Problems<'a>,
    mut take: impl FnMut(Cow<'a, str>, Value<'a>, &mut Problems<'a>),
) -> Result<(), Malformed> {
    if cursor.peek() == Some(b'{') {
        // One element without the list around it.
        return element(field, cursor, problems, &mut take);
    }
    if !cursor.open(b'[') {
        let value = cursor.value()?;
        if value.scalar().is_some() {
            problems.push(field, ProblemKind::WrongType, value.into_text());
        }
        return Ok(());
    }
    let mut first = true;
    while cursor.element(first)? {
        first = false;
        match shortcut(cursor) {
            Some((name, value)) => take(name, value, problems),
            None => element(field.clone(), cursor, problems, &mut take)?,
        }
    }
    Ok(())
}

/// An element exactly as firmware usually writes it: `{"名称":"…","值":"…"}`. Otherwise stays.
#[inline]
fn shortcut<'a>(cursor: &mut Cursor<'a>) -> Option<(Cow<'a, str>, Value<'a>)> {
    if !cursor.shortcuts() {
        return None;
    }
    let start = cursor.clone();
    let mut read = || {
        let name = cursor.eat("{\"名称\":\"").then(|| cursor.plain_string())??;
        let value = cursor.eat(",\"值\":\"").then(|| cursor.plain_string())??;
        cursor.eat("}").then_some((name, value))
    };
    match read() {
        Some((name, text)) => Some((
            Cow::Borrowed(name),
            Value::Text {
                text: Cow::Borrowed(text),
                raw: None,
            },
        )),
        None => {
            *cursor = start;
            None
        }
    }
}

/// An element in any order, with any keys beside; several pairs in one object count as several elements.
fn element<'a>(
    field: Cow<'a, str>,
    cursor: &mut Cursor<'a>,
    problems: &mut Problems<'a>,
    take: &mut impl FnMut(Cow<'a, str>, Value<'a>, &mut Problems<'a>),
) -> Result<(), Malformed> {
    if !cursor.open(b'{') {
        let value = cursor.value()?;
        problems.push(field, ProblemKind::WrongType, value.into_text());
        return Ok(());
    }
    let mut pair = (None, None);
    let mut complete = |pair: (Option<Cow<'a, str>>, Option<Value<'a>>)| match pair {
        (Some(name), Some(value)) => take(name, value, problems),
        (None, Some(value)) => problems.push(field.clone(), ProblemKind::Incomplete, value.into_text()),
        (_, None) => {}
    };
    let mut first = true;
    while let Some(key) = cursor.key(first)? {
        first = false;
        let value = cursor.value()?;
        match &*key {
            "名称" => {
                if pair.0.is_some() {
                    complete(std::mem::take(&mut pair));
                }
                pair.0 = value.scalar_cow();
            }
            "值" => {
                if pair.1.is_some() {
                    complete(std::mem::take(&mut pair));
                }
                pair.1 = Some(value);
            }
            _ => {}
        }
    }
    complete(pair);
    Ok(())
}
