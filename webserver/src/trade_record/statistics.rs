//! Charges counted, and how many starts succeeded.

use std::collections::HashMap;

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::{Conditions, versioned};
use utoipa::{IntoParams, ToSchema};

use crate::ground::{ApiError, FirstSuccess, Ground, Piles, Scope, Span, success::SUCCEEDED, time, within};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct StatisticsFilter {
    /// 起始时间, 毫秒, 缺省为最近24小时 From, Unix ms; the last 24 h by default
    from: Option<i64>,
    /// 截止时间, 毫秒, 不含 Until, Unix ms, exclusive; at most 366 days after `from`
    to: Option<i64>,
    /// 场站编号 Station
    sta_id: Option<u64>,
    /// 桩编号 Pile
    device_id: Option<u64>,
    /// 通信编号 The pile's uuid
    uuid: Option<String>,
    /// 型号 Model of the pile
    model: Option<String>,
}

/// 充电统计 Charges counted
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub(super) struct ChargeStatistics {
    /// 合计 In total
    total: ChargeFigures,
    /// 逐日, 北京时间, 没有的为0 Day by day in China, also those without any
    days: Vec<ChargeDay>,
}

/// 充电数据 What charges came to
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
pub(super) struct ChargeFigures {
    /// 充电次数, 不含同号不同内容者 Charges, without those whose number had come before
    charges: u64,
    /// 充电电量, kWh Energy, kWh
    energy: f64,
    /// 充电时长, 分钟 Duration, minutes
    charged_minutes: u64,
    /// 启动失败次数 Charges that failed to start
    boot_failures: u64,
    /// 一次充电成功率 First-time success
    first_success: FirstSuccess,
}

/// 一日 A day
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub(super) struct ChargeDay {
    /// 日期 The day
    #[schema(example = "2026-11-21")]
    day: String,
    /// 数据 Its figures
    figures: ChargeFigures,
}

#[derive(Debug, Row, Deserialize)]
struct ChargesOfDay {
    day: String,
    charges: u64,
    kwh: f64,
    minutes: u64,
    succeeded: u64,
}

#[derive(Debug, Row, Deserialize)]
struct FailuresOfDay {
    day: String,
    boot_failures: u64,
}

impl ChargeFigures {
    fn add(&mut self, other: &Self) {
        self.charges += other.charges;
        self.energy += other.energy;
        self.charged_minutes += other.charged_minutes;
        self.boot_failures += other.boot_failures;
        self.first_success.add(other.first_success);
    }
}

const DAY: &str = "toString(toDate(toDateTime(intDiv(timestamp, 1000), 'Asia/Shanghai'))) AS day";

/// Both tables hold an event once, so they need no FINAL.
///
/// # Errors
/// 422, 503 without ClickHouse.
pub(super) async fn read(
    ground: &Ground,
    scope: &Scope,
    filter: &StatisticsFilter,
) -> Result<ChargeStatistics, ApiError> {
    let span = Span::or_last_day(filter.from, filter.to, versioned::now())?;
    let piles = Piles {
        device_id: filter.device_id,
        sta_id: filter.sta_id,
        model: filter.model.as_deref(),
        uuid: filter.uuid.as_deref(),
    };
    let conditions = ground.sight(scope, piles, within(span)).await?.exactly;
    let (charges, failures) = tokio::try_join!(charges(ground, &conditions), failures(ground, &conditions))?;
    Ok(by_day(span, charges, failures))
}

async fn charges(ground: &Ground, conditions: &Conditions) -> Result<Vec<ChargesOfDay>, ApiError> {
    let sql = format!(
        "SELECT {DAY}, count() AS charges, sum(toFloat64(ifNull(energy, 0))) AS kwh, \
         sum(toUInt64(ifNull(charged_minutes, 0))) AS minutes, countIf({SUCCEEDED}) AS succeeded FROM trade_record"
    );
    let query = conditions
        .clone()
        .and("conflict = 0", [])
        .query_with(&ground.db, &sql, " GROUP BY day");
    Ok(ground.db.rows("charges by day", query).await?)
}

async fn failures(ground: &Ground, conditions: &Conditions) -> Result<Vec<FailuresOfDay>, ApiError> {
    let sql = format!("SELECT {DAY}, count() AS boot_failures FROM boot_failed_record");
    let query = conditions.query_with(&ground.db, &sql, " GROUP BY day");
    Ok(ground.db.rows("failures by day", query).await?)
}

fn by_day(span: Span, charges: Vec<ChargesOfDay>, failures: Vec<FailuresOfDay>) -> ChargeStatistics {
    let mut charges: HashMap<_, _> = charges.into_iter().map(|c| (c.day.clone(), c)).collect();
    let failures: HashMap<_, _> = failures.into_iter().map(|f| (f.day, f.boot_failures)).collect();
    let mut statistics = ChargeStatistics::default();
    for day in time::days(span.from, span.to) {
        let boot_failures = failures.get(&day).copied().unwrap_or_default();
        let mut figures = ChargeFigures {
            boot_failures,
            ..ChargeFigures::default()
        };
        let mut succeeded = 0;
        if let Some(found) = charges.remove(&day) {
            figures.charges = found.charges;
            figures.energy = found.kwh;
            figures.charged_minutes = found.minutes;
            succeeded = found.succeeded;
        }
        figures.first_success = FirstSuccess::of(succeeded, figures.charges, boot_failures);
        statistics.total.add(&figures);
        statistics.days.push(ChargeDay { day, figures });
    }
    statistics
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_failed_starts_alone_has_no_success() {
        // 2025-01-01 and the next day in China.
        let span = Span {
            from: 1_735_660_800_000,
            to: 1_735_660_800_000 + 2 * 86_400_000,
        };
        let charges = vec![ChargesOfDay {
            day: "2025-01-01".to_owned(),
            charges: 3,
            kwh: 30.5,
            minutes: 90,
            succeeded: 2,
        }];
        let failures = vec![FailuresOfDay {
            day: "2025-01-02".to_owned(),
            boot_failures: 4,
        }];
        let found = by_day(span, charges, failures);
        let (first, second) = (&found.days[0].figures, &found.days[1].figures);
        assert_eq!(first.first_success, FirstSuccess::of(2, 3, 0));
        assert_eq!((second.charges, second.boot_failures), (0, 4));
        assert_eq!(second.first_success, FirstSuccess::of(0, 0, 4));
        assert_eq!(found.total.first_success, FirstSuccess::of(2, 3, 4));
        assert_eq!((found.total.energy, found.days.len()), (30.5, 2));
    }
}
