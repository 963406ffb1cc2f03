//! A vehicle's battery under charge: constant current, then constant voltage, as a BMS asks for.

use rand::Rng;

/// State of charge above which the current tapers off.
const TAPER_FROM: f64 = 0.80;
/// Current at full charge, as a share of the maximum.
const TAPER_TO: f64 = 0.08;

/// One vehicle's battery and what the pile can give it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Battery {
    capacity_wh: f64,
    empty_v: f64,
    full_v: f64,
    max_a: f64,
    max_w: f64,
    soc: f64,
    target: f64,
}

impl Battery {
    /// A plausible passenger car or truck at a pile of this power.
    pub(crate) fn draw(pile_w: f64, rng: &mut impl Rng) -> Self {
        let full_v = if rng.random::<f64>() < 0.15 {
            rng.random_range(680.0..820.0)
        } else {
            rng.random_range(360.0..430.0)
        };
        let capacity_wh = rng.random_range(38_000.0..100_000.0);
        let soc = rng.random_range(0.06..0.65);
        Self {
            capacity_wh,
            empty_v: full_v * 0.82,
            full_v,
            max_a: (capacity_wh / full_v * rng.random_range(1.0..2.2)).min(250.0),
            max_w: pile_w,
            soc,
            target: rng.random_range(0.8_f64..1.0).max(soc + 0.02).min(0.99),
        }
    }

    /// Voltage at the pile's output, V.
    pub(crate) fn voltage(&self) -> f64 {
        self.empty_v + (self.full_v - self.empty_v) * (self.soc / TAPER_FROM).min(1.0)
    }

    /// Current asked for and given, A.
    pub(crate) fn current(&self) -> f64 {
        let taper = if self.soc <= TAPER_FROM {
            1.0
        } else {
            let progress = (self.soc - TAPER_FROM) / (1.0 - TAPER_FROM);
            TAPER_TO.powf(progress)
        };
        (self.max_a * taper).min(self.max_w / self.voltage())
    }

    /// Charges for this long; gives the Wh that went in.
    pub(crate) fn charge(&mut self, seconds: f64) -> f64 {
        let watt_hours = self.voltage() * self.current() * seconds / 3600.0;
        self.soc = (self.soc + watt_hours * 0.95 / self.capacity_wh).min(1.0);
        watt_hours
    }

    /// Whole percent.
    pub(crate) fn soc_percent(&self) -> u8 {
        (self.soc * 100.0) as u8
    }

    /// Whether the vehicle asks to stop.
    pub(crate) fn is_full(&self) -> bool {
        self.soc >= self.target
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    #[test]
    fn current_holds_then_tapers_and_soc_only_rises() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
        for _ in 0..50 {
            let mut battery = Battery::draw(120_000.0, &mut rng);
            let (mut soc, mut volts, mut seconds) = (battery.soc, battery.voltage(), 0.0);
            while !battery.is_full() {
                assert!(battery.charge(20.0) > 0.0);
                assert!(battery.soc > soc && battery.voltage() >= volts);
                assert!(battery.voltage() * battery.current() <= 120_001.0);
                (soc, volts, seconds) = (battery.soc, battery.voltage(), seconds + 20.0);
                assert!(seconds < 6.0 * 3600.0, "never full: {battery:?}");
            }
            let at_end = battery.current();
            assert!(at_end <= battery.max_a);
        }
    }
}
