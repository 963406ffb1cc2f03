//! The energy meter of one charge, split by tariff period (尖峰平谷).

use crate::clock;

/// Tariff periods in the order of the record's fields.
pub(crate) const TARIFFS: [&str; 4] = ["尖电量_度", "峰电量_度", "平电量_度", "谷电量_度"];

/// Price of a kWh per period, in thousandths of a yuan, service fee included.
const PRICE_MILLI_YUAN: [u64; 4] = [1_680, 1_450, 1_120, 780];

/// Energy delivered so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Energy {
    by_tariff_wh: [f64; 4],
}

impl Energy {
    /// Adds what was delivered at this time.
    pub(crate) fn add(&mut self, watt_hours: f64, at_ms: i64) {
        self.by_tariff_wh[tariff(at_ms)] += watt_hours;
    }

    /// Whole Wh of each period.
    pub(crate) fn periods_wh(&self) -> [u64; 4] {
        self.by_tariff_wh.map(|wh| wh as u64)
    }

    /// The sum of the whole Wh, so that a record's parts always add up to its total.
    pub(crate) fn total_wh(&self) -> u64 {
        self.periods_wh().iter().sum()
    }

    /// What the driver pays, in hundredths of a yuan.
    pub(crate) fn cents(&self) -> u64 {
        let milli: u64 = self
            .periods_wh()
            .iter()
            .zip(PRICE_MILLI_YUAN)
            .map(|(wh, price)| wh * price / 1000)
            .sum();
        milli / 10
    }
}

fn tariff(at_ms: i64) -> usize {
    match clock::hour(at_ms) {
        19..=20 => 0,
        8..=11 | 17..=18 | 21 => 1,
        7 | 12..=16 | 22 => 2,
        _ => 3,
    }
}

/// A number of thousandths as piles write it: `19.754`, `0.002`, `0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Thousandths(pub(crate) u64);

impl std::fmt::Display for Thousandths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 % 1000 {
            0 => write!(f, "{}", self.0 / 1000),
            rest => write!(f, "{}.{rest:03}", self.0 / 1000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_to_the_total() {
        let mut energy = Energy::default();
        for step in 0..10_000 {
            energy.add(7.77, step * 9_000);
        }
        assert_eq!(energy.periods_wh().iter().sum::<u64>(), energy.total_wh());
        assert!(energy.periods_wh().iter().all(|&wh| wh > 0));
        assert!(energy.cents() > 0);
    }

    #[test]
    fn thousandths_read_like_the_fields() {
        let texts = [0, 2, 19_754, 5_000].map(|n| Thousandths(n).to_string());
        assert_eq!(texts, ["0", "0.002", "19.754", "5"]);
    }
}
