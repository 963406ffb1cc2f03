//! What is on the wire of `/boot_failure/statistics`.

use std::collections::HashMap;

use axum::{extract::FromRequestParts, http::request::Parts};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::Filter;
use crate::ground::{
    ApiError,
    input::{pairs, query},
};

const DEFAULT_TOP: u32 = 20;
const MOST_TOP: u32 = 500;
/// Of a VIN: maker and type of vehicle (WMI and the first five of VDS; the ninth is a check digit).
const DEFAULT_VIN_LENGTH: u8 = 8;
const VIN_LENGTHS: std::ops::RangeInclusive<u8> = 3..=17;

/// By what failures are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FailuresBy)]
pub(super) enum By {
    /// 失败代码及原因 Code and cause
    Code,
    /// 责任方 Party
    Party,
    /// 场站 Station
    Station,
    /// 型号 Model of the pile
    Model,
    /// 失败当时的软件版本 Software version at that moment
    Firmware,
    /// 车辆, 即VIN前几位 Vehicle: how its VIN begins
    Vehicle,
    /// 一天中的小时, 北京时间 Hour of the day in China
    Hour,
    /// 日期, 北京时间 Day in China
    Day,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::boot_failure) struct Grouping {
    /// 按什么统计: code 代码及原因, party 责任方, station 场站, model 型号, firmware 当时的软件版本, vehicle VIN前几位, hour 小时, day 日期 By what
    #[param(inline)]
    pub(super) by: By,
    /// 最多几组, 按hour、day时不限 How many groups at most; by hour and by day, all of them
    #[param(minimum = 1, maximum = 500, default = 20)]
    top: Option<u32>,
    /// VIN取前几位 How much of a VIN
    #[param(minimum = 3, maximum = 17, default = 8)]
    vin_length: Option<u8>,
}

/// Extractor: the filter of the list, and the grouping.
#[derive(Debug)]
pub(in crate::boot_failure) struct Asked {
    pub(in crate::boot_failure) filter: Filter,
    pub(in crate::boot_failure) grouping: Grouping,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let (grouping, filter): (Vec<_>, Vec<_>) = pairs(parts)
            .into_iter()
            .partition(|(name, _)| matches!(name.as_str(), "by" | "top" | "vin_length"));
        Ok(Self {
            filter: query(filter.into_iter())?,
            grouping: query(grouping.into_iter())?,
        })
    }
}

/// 启动失败统计 Failures counted
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub(in crate::boot_failure) struct FailureStatistics {
    /// 失败总数 Failures in all
    pub(super) total: u64,
    /// 组数, 含未列出的 Groups in all, with those that are not listed
    pub(super) groups: u64,
    /// 各组: 次数多的在前; 按hour、day时依先后, 没有的为0 The groups: most failures first; hours and days in order, also those without any
    pub(super) items: Vec<FailureGroup>,
}

/// 一组启动失败 Failures that have something in common
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub(super) struct FailureGroup {
    /// 分组值: 失败代码, 责任方, 场站编号(0=未归站), 型号, 软件版本(空=未知), VIN前几位(空=未上报), 小时0至23, 日期 What they have in common: code, party, station (0 = none), model, version (empty = unknown), beginning of the VIN (empty = not said), hour 0 to 23, day
    #[schema(example = "0X68")]
    pub(super) key: String,
    /// 责任方, 仅按代码时 Their party; by code only
    pub(super) party: String,
    /// 名称: 按代码为原因, 按场站为场站名称 A name for people: by code the cause, by station its name
    pub(super) name: String,
    /// 失败数 Failures
    pub(super) failures: u64,
    /// 涉及的桩数 Piles among which they happened
    pub(super) piles: u64,
}

impl Grouping {
    /// # Errors
    /// 422.
    pub(super) fn checked(&self) -> Result<(usize, u8), ApiError> {
        let top = self.top.unwrap_or(DEFAULT_TOP);
        if !(1..=MOST_TOP).contains(&top) {
            return Err(ApiError::invalid(
                "top",
                "须在1到500之间",
                "must be from 1 to 500",
            ));
        }
        let length = self.vin_length.unwrap_or(DEFAULT_VIN_LENGTH);
        if !VIN_LENGTHS.contains(&length) {
            return Err(ApiError::invalid(
                "vin_length",
                "须在3到17之间",
                "must be from 3 to 17",
            ));
        }
        Ok((top as usize, length))
    }
}

impl FailureStatistics {
    /// Those of most failures, of all that there are.
    pub(super) fn largest(mut items: Vec<FailureGroup>, top: usize) -> Self {
        let (total, groups) = (items.iter().map(|group| group.failures).sum(), items.len() as u64);
        items.sort_by(|a, b| b.failures.cmp(&a.failures).then_with(|| a.key.cmp(&b.key)));
        items.truncate(top);
        Self { total, groups, items }
    }

    /// These groups and no others, also those that nothing was found of.
    pub(super) fn in_order(self, keys: impl Iterator<Item = String>) -> Self {
        let mut found: HashMap<_, _> = self.items.into_iter().map(|g| (g.key.clone(), g)).collect();
        let items: Vec<_> = keys
            .map(|key| {
                found.remove(&key).unwrap_or_else(|| FailureGroup {
                    key,
                    ..FailureGroup::default()
                })
            })
            .collect();
        Self {
            total: self.total,
            groups: items.len() as u64,
            items,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(key: &str, failures: u64) -> FailureGroup {
        FailureGroup {
            key: key.to_owned(),
            failures,
            ..FailureGroup::default()
        }
    }

    #[test]
    fn the_largest_come_first_and_the_total_is_of_all() {
        let items = vec![group("b", 2), group("a", 2), group("c", 9)];
        let largest = FailureStatistics::largest(items, 2);
        assert_eq!((largest.total, largest.groups), (13, 3));
        assert_eq!(largest.items, [group("c", 9), group("a", 2)]);
    }

    #[test]
    fn hours_without_failures_are_there_too() {
        let found = FailureStatistics::largest(vec![group("2", 5)], 9);
        let hours = found.in_order((1..4).map(|hour| hour.to_string()));
        assert_eq!(hours.items, [group("1", 0), group("2", 5), group("3", 0)]);
        assert_eq!((hours.total, hours.groups), (5, 3));
    }
}
