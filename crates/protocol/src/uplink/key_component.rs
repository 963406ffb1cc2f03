//! 关键器件动作应答: how often contactors and the like have switched since the last confirmed answer.
//! Confirmed by 关键器件动作确认, a second round trip.

use std::borrow::Cow;

use super::Common;
use crate::json::{Cursor, Value};
use crate::{Malformed, ProblemKind, Problems, Zone, field};

/// 关键器件动作应答
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyComponentAnswer<'a> {
    /// The fields that any message may carry.
    pub common: Common<'a>,
    /// `关键器件名称`, one entry a component whichever way the firmware packs them.
    pub components: Vec<ComponentCount<'a>>,
    /// Fields that could not be used as sent.
    pub problems: Problems<'a>,
}

/// The switching of one component of one zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComponentCount<'a> {
    /// `数据分区`; where a component has none, the one before it in the same object, else the message's.
    pub zone: Option<Zone<'a>>,
    /// `器件类型`
    pub component: Cow<'a, str>,
    /// `正常次数`, switching cycles since the last confirmed answer
    pub normal: u64,
    /// `异常次数`, abnormal ones
    pub abnormal: u64,
}

impl<'a> KeyComponentAnswer<'a> {
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
            if key == "关键器件名称" {
                answer.components(key, cursor)?;
                continue;
            }
            let value = cursor.value()?;
            answer.common.take(key, value, &mut answer.problems);
        }
        for component in &mut answer.components {
            if component.zone.is_none() {
                component.zone.clone_from(&answer.common.zone);
            }
        }
        Ok(answer)
    }

    fn components(&mut self, key: Cow<'a, str>, cursor: &mut Cursor<'a>) -> Result<(), Malformed> {
        if cursor.peek() == Some(b'{') {
            return self.packed(cursor);
        }
        if !cursor.open(b'[') {
            let value = cursor.value()?;
            if value.scalar().is_some() {
                self.problems.push(key, ProblemKind::WrongType, value.into_text());
            }
            return Ok(());
        }
        let mut first = true;
        while cursor.element(first)? {
            first = false;
            if cursor.peek() == Some(b'{') {
                self.packed(cursor)?;
            } else {
                let value = cursor.value()?;
                self.problems
                    .push(key.clone(), ProblemKind::WrongType, value.into_text());
            }
        }
        Ok(())
    }

    /// One object: a component, or several with the same keys one after the other. A key that is there
    /// already begins the next.
    fn packed(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Malformed> {
        cursor.open(b'{');
        let mut record = Record::default();
        let mut first = true;
        while let Some(key) = cursor.key(first)? {
            first = false;
            let value = cursor.value()?;
            let slot = match &*key {
                "数据分区" => 1,
                "器件类型" => 2,
                "正常次数" => 4,
                "异常次数" => 8,
                _ => continue,
            };
            if record.seen & slot != 0 {
                let zone = record.zone.clone();
                self.complete(std::mem::take(&mut record));
                record.zone = zone;
            }
            record.seen |= slot;
            record.take(slot, key, value, &mut self.problems);
        }
        self.complete(record);
        Ok(())
    }

    fn complete(&mut self, record: Record<'a>) {
        let (normal, abnormal) = (record.normal.unwrap_or(0), record.abnormal.unwrap_or(0));
        match record.component {
            Some(component) => {
                self.components.push(ComponentCount {
                    zone: record.zone,
                    component,
                    normal,
                    abnormal,
                });
            }
            None if normal == 0 && abnormal == 0 => {}
            None => self.problems.push(
                Cow::Borrowed("器件类型"),
                ProblemKind::Incomplete,
                Cow::Owned(format!("{normal}/{abnormal}")),
            ),
        }
    }
}

/// A component being read.
#[derive(Default)]
struct Record<'a> {
    seen: u8,
    zone: Option<Zone<'a>>,
    component: Option<Cow<'a, str>>,
    normal: Option<u64>,
    abnormal: Option<u64>,
}

impl<'a> Record<'a> {
    fn take(&mut self, slot: u8, key: Cow<'a, str>, value: Value<'a>, problems: &mut Problems<'a>) {
        match slot {
            1 => {
                // A zone of its own, not the one carried over.
                self.zone = None;
                field::put(&mut self.zone, field::zone, key, value, problems);
            }
            2 => field::put(&mut self.component, field::text, key, value, problems),
            4 => field::put(&mut self.normal, field::integer, key, value, problems),
            _ => field::put(&mut self.abnormal, field::integer, key, value, problems),
        }
    }
}
