//! 运行数据 and 数据变位: what a gun measures. Not answered, to save the piles' traffic.
//!
//! Version 3 lists its points, version 1 has them as flat keys beside the common ones; both are read the
//! same, even mixed.

use std::borrow::Cow;

use super::points::{self, Points};
use super::{Common, named_values};
use crate::json::Cursor;
use crate::{Malformed, Problems};

/// 运行数据 or, with only the points that changed, 数据变位.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunData<'a> {
    /// The fields that any message may carry.
    pub common: Common<'a>,
    /// Which shape the points came in.
    pub version: RunDataVersion,
    /// The points.
    pub points: Points<'a>,
    /// Fields and points that could not be used as sent.
    pub problems: Problems<'a>,
}

/// The shape of run data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum RunDataVersion {
    /// Flat keys.
    #[default]
    V1,
    /// The list `状态数据`.
    V3,
}

impl<'a> RunData<'a> {
    /// Reads the members from the cursor on; `first` says whether it stands at the first of them.
    pub(crate) fn read(
        command: Cow<'a, str>,
        cursor: &mut Cursor<'a>,
        mut first: bool,
    ) -> Result<Self, Malformed> {
        let mut data = Self::default();
        data.common.command = command;
        // Unknown keys are points only where points are keys, which shows at the end.
        let mut unknown = Vec::new();
        while let Some(key) = cursor.key(first)? {
            first = false;
            let problems = &mut data.problems;
            if key == "状态数据" {
                data.version = RunDataVersion::V3;
                let points = &mut data.points;
                named_values::read(key, cursor, problems, |name, value, problems| {
                    points.take_any(name, value, problems);
                })?;
                continue;
            }
            let value = cursor.value()?;
            if let Some((key, value)) = data.common.take(key, value, problems) {
                unknown.extend(data.points.take(key, value, problems));
            }
        }
        if data.version == RunDataVersion::V1 {
            let problems = &mut data.problems;
            let extra = unknown
                .into_iter()
                .filter_map(|(key, value)| points::extra(key, value, problems));
            data.points.extra.extend(extra);
        }
        Ok(data)
    }
}
