//! 参数: what can be set on a pile, what it is set to when it leaves the factory, and within which bounds.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::identity::Identity;

/// Seconds between two run data messages; once written, the pile keeps to it.
pub(crate) const RUN_DATA_SECONDS: &str = "运行数据周期_秒";

enum Kind {
    /// A whole number within bounds.
    Number(RangeInclusive<u32>, u32),
    /// The pile's power at most, kW; that is also what it is set to.
    Power,
    /// Anything.
    Text(&'static str),
}
use Kind::{Number, Power, Text};

const PARAMETERS: [(&str, Kind); 10] = [
    ("心跳周期_秒", Number(10..=3600, 60)),
    (RUN_DATA_SECONDS, Number(5..=3600, 15)),
    ("最大输出功率_kW", Power),
    ("最大输出电流_A", Number(1..=600, 250)),
    ("充电截止SOC_百分比", Number(50..=100, 100)),
    ("绝缘检测门限_欧每伏", Number(100..=1000, 500)),
    ("音量_百分比", Number(0..=100, 60)),
    ("屏幕亮度_百分比", Number(0..=100, 80)),
    ("即插即充", Text("关")),
    ("费率", Text("1")),
];

/// What was written; all else is as the factory set it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parameters {
    written: BTreeMap<String, String>,
}

impl Parameters {
    /// The names of all that can be set, and of what else was written.
    pub(crate) fn names(&self) -> Vec<String> {
        let own = PARAMETERS.iter().map(|(name, _)| (*name).to_owned());
        let further = self.written.keys().filter(|name| kind(name).is_none());
        own.chain(further.cloned()).collect()
    }

    /// Empty for one that there is not.
    pub(crate) fn read(&self, name: &str, identity: &Identity, interval_ms: i64) -> String {
        if let Some(value) = self.written.get(name) {
            return value.clone();
        }
        match kind(name) {
            Some(Number(..)) if name == RUN_DATA_SECONDS => (interval_ms / 1000).max(1).to_string(),
            Some(Number(_, value)) => value.to_string(),
            Some(Power) => kilowatts(identity).to_string(),
            Some(Text(value)) => (*value).to_owned(),
            None => String::new(),
        }
    }

    /// Writes all or nothing.
    ///
    /// # Errors
    /// The name of the first that is out of bounds.
    pub(crate) fn write(&mut self, pairs: &[(&str, &str)], identity: &Identity) -> Result<(), String> {
        let fits = |name: &str, value: &str| {
            let number = value.trim().parse::<u32>().ok();
            match kind(name) {
                Some(Number(bounds, _)) => number.is_some_and(|number| bounds.contains(&number)),
                Some(Power) => number.is_some_and(|number| (1..=kilowatts(identity)).contains(&number)),
                // A name of another vendor's is kept, as TCUs do that pass it on to a sub-device.
                Some(Text(_)) | None => true,
            }
        };
        if let Some((name, _)) = pairs.iter().find(|(name, value)| !fits(name, value)) {
            return Err((*name).to_owned());
        }
        for (name, value) in pairs {
            self.written.insert((*name).to_owned(), value.trim().to_owned());
        }
        Ok(())
    }

    /// Between two run data messages, if it was written.
    pub(crate) fn interval_ms(&self) -> Option<i64> {
        let seconds: i64 = self.written.get(RUN_DATA_SECONDS)?.parse().ok()?;
        Some(seconds * 1000)
    }
}

fn kind(name: &str) -> Option<&'static Kind> {
    PARAMETERS
        .iter()
        .find_map(|(own, kind)| (*own == name).then_some(kind))
}

fn kilowatts(identity: &Identity) -> u32 {
    (identity.power_w() / 1000.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_bounds_is_named_and_nothing_is_written() {
        let (identity, mut own) = (Identity::new(3), Parameters::default());
        let power = own.read("最大输出功率_kW", &identity, 15_000);
        assert_eq!(power, "120");
        let written = own.write(&[("音量_百分比", "30"), ("最大输出功率_kW", "121")], &identity);
        assert_eq!(written, Err("最大输出功率_kW".to_owned()));
        assert_eq!(own.read("音量_百分比", &identity, 15_000), "60");
        own.write(
            &[("音量_百分比", " 30"), ("外设", "x"), (RUN_DATA_SECONDS, "30")],
            &identity,
        )
        .unwrap();
        assert_eq!(own.read("音量_百分比", &identity, 15_000), "30");
        assert_eq!(own.read("外设", &identity, 15_000), "x");
        assert_eq!(own.interval_ms(), Some(30_000));
        assert!(own.names().contains(&"外设".to_owned()) && own.names().len() == 11);
    }
}
