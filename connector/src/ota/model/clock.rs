//! Maintenance windows at an instant.

use store::ota::Plan;

/// Asia/Shanghai has had no summer time since 1991.
const SHANGHAI_MINUTES: i64 = 8 * 60;
const DAY_MINUTES: i64 = 24 * 60;
/// 1 January 1970 was a Thursday.
const EPOCH_WEEKDAY: i64 = 3;

/// What may be begun now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Openness {
    /// 下载.
    pub download: bool,
    /// 更新程序并重启.
    pub update: bool,
}

impl Openness {
    /// Of a plan at an instant, Unix ms.
    pub fn at(plan: &Plan, now: i64) -> Self {
        let (day, minute) = shanghai(now);
        let open = plan.windows.is_empty() || plan.windows.iter().any(|window| window.is_open(day, minute));
        Self {
            download: open || plan.download_outside_windows,
            update: open,
        }
    }

    /// Both, always: going back does not wait for a window.
    pub const ALWAYS: Self = Self {
        download: true,
        update: true,
    };
}

/// Day of the week (1 = Monday) and minute of the day in Shanghai.
fn shanghai(now: i64) -> (u8, u16) {
    let minutes = now.div_euclid(60_000) + SHANGHAI_MINUTES;
    let day = (minutes.div_euclid(DAY_MINUTES) + EPOCH_WEEKDAY).rem_euclid(7) + 1;
    (day as u8, minutes.rem_euclid(DAY_MINUTES) as u16)
}

#[cfg(test)]
mod tests {
    use store::ota::Window;

    use super::*;

    #[test]
    fn the_clock_is_shanghais() {
        // 2025-03-12 19:16:46 +0800, a Wednesday.
        assert_eq!(shanghai(1_741_778_206_000), (3, 19 * 60 + 16));
        assert_eq!(shanghai(0), (4, 8 * 60));
        assert_eq!(shanghai(-9 * 3_600_000), (3, 23 * 60));
    }

    #[test]
    fn downloads_may_run_outside_the_windows() {
        let mut plan = Plan {
            windows: vec![Window {
                days: vec![],
                from: "01:00".into(),
                to: "05:00".into(),
            }],
            ..Plan::default()
        };
        let noon = 4 * 3_600_000;
        let shut = Openness {
            download: false,
            update: false,
        };
        assert_eq!(Openness::at(&plan, noon), shut);
        plan.download_outside_windows = true;
        assert!(Openness::at(&plan, noon).download && !Openness::at(&plan, noon).update);
        assert!(Openness::at(&plan, 18 * 3_600_000).update);
    }
}
