//! 一次充电成功率: how many of all starts became charges. Its definition is here alone, so that every page that shows
//! it means the same.

use serde::Serialize;
use utoipa::ToSchema;

/// Of a row of `trade_record`: whether the charge counts as a success.
pub(crate) const SUCCEEDED: &str =
    "(ifNull(energy > toDecimal64('0.2', 3), 0) OR ifNull(charged_minutes > 2, 0))";

/// 一次充电成功率 = 成功次数 ÷ 启动次数 First-time success: `succeeded` divided by `starts`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FirstSuccess {
    /// 成功次数: 充电电量超过0.2 kWh或时长超过2分钟的充电 Charges of more than 0.2 kWh or more than 2 minutes
    succeeded: u64,
    /// 启动次数: 全部充电与启动失败 All charges, and all starts that failed
    starts: u64,
}

impl FirstSuccess {
    /// Of so many charges, of which so many succeeded, and so many failed starts.
    pub(crate) fn of(succeeded: u64, charges: u64, boot_failures: u64) -> Self {
        Self {
            succeeded,
            starts: charges + boot_failures,
        }
    }

    /// Together with another's.
    pub(crate) fn add(&mut self, other: Self) {
        self.succeeded += other.succeeded;
        self.starts += other.starts;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_starts_are_starts() {
        let mut sum = FirstSuccess::of(7, 8, 2);
        sum.add(FirstSuccess::of(1, 1, 0));
        let all = FirstSuccess {
            succeeded: 8,
            starts: 11,
        };
        assert_eq!(sum, all);
    }
}
