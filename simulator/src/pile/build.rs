//! Firmware builds that behave in their own way: a pile that runs such a version fails more charges, raises more
//! warnings, falls offline more often, or talks more.

use super::profile::Profile;

/// How piles behave that run this version. What is not said is as the fleet's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Build {
    /// 软件版本.
    pub version: String,
    /// Share of charges that fail to start.
    pub boot_failure: Option<f64>,
    /// Warnings raised per simulated hour.
    pub warning_rate: Option<f64>,
    /// Connections lost per simulated hour.
    pub offline_rate: Option<f64>,
    /// How many times as much run data.
    pub traffic: Option<f64>,
    /// Share of the piles updated to it that never come back.
    pub dead: f64,
}

/// What a pile does at present, by its version.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Behaviour {
    pub(crate) boot_failure: f64,
    pub(crate) warning_rate: f64,
    pub(crate) offline_rate: f64,
    pub(crate) interval_ms: i64,
    pub(crate) dead: f64,
}

impl std::str::FromStr for Build {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (version, rest) = text
            .split_once(':')
            .filter(|(version, _)| !version.is_empty())
            .ok_or("give VERSION:KEY=VALUE,…, e.g. V3.0.0:boot-failure=0.09")?;
        let mut build = Self {
            version: version.to_owned(),
            ..Self::default()
        };
        for pair in rest.split(',') {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| format!("{pair} is no KEY=VALUE"))?;
            let number: f64 = value.parse().map_err(|_| format!("{value} is no number"))?;
            build.set(key, number)?;
        }
        Ok(build)
    }
}

impl Build {
    fn set(&mut self, key: &str, number: f64) -> Result<(), String> {
        let share = || match number {
            0.0..=1.0 => Ok(number),
            _ => Err(format!("{key} is a share: 0 to 1")),
        };
        let rate = || match number {
            0.0..=1e6 => Ok(number),
            _ => Err(format!("{key} is not negative, and at most a million")),
        };
        match key {
            "boot-failure" => self.boot_failure = Some(share()?),
            "warnings" => self.warning_rate = Some(rate()?),
            "offline" => self.offline_rate = Some(rate()?),
            "traffic" if (0.01..=100.0).contains(&number) => self.traffic = Some(number),
            "traffic" => return Err("traffic is a factor: 0.01 to 100".to_owned()),
            "dead" => self.dead = share()?,
            _ => {
                return Err(format!(
                    "{key} is none of boot-failure, warnings, offline, traffic, dead"
                ));
            }
        }
        Ok(())
    }
}

impl Behaviour {
    /// Of a pile that runs `version`.
    pub(crate) fn of(profile: &Profile, version: &str) -> Self {
        let usual = Self {
            boot_failure: profile.boot_failure_rate,
            warning_rate: profile.warning_rate,
            offline_rate: profile.acting.offline_rate,
            interval_ms: profile.interval_ms,
            dead: 0.0,
        };
        let builds = &profile.acting.builds;
        let Some(build) = builds.iter().find(|build| build.version == version) else {
            return usual;
        };
        let traffic = build.traffic.unwrap_or(1.0);
        Self {
            boot_failure: build.boot_failure.unwrap_or(usual.boot_failure),
            warning_rate: build.warning_rate.unwrap_or(usual.warning_rate),
            offline_rate: build.offline_rate.unwrap_or(usual.offline_rate),
            interval_ms: ((usual.interval_ms as f64 / traffic) as i64).max(1),
            dead: build.dead,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_read_and_refused_in_words() {
        let build: Build = "V3.0.0:boot-failure=0.09,warnings=3,offline=0.5,traffic=2,dead=0.1"
            .parse()
            .unwrap();
        let expected = Build {
            version: "V3.0.0".to_owned(),
            boot_failure: Some(0.09),
            warning_rate: Some(3.0),
            offline_rate: Some(0.5),
            traffic: Some(2.0),
            dead: 0.1,
        };
        assert_eq!(build, expected);
        for (text, said) in [
            ("V3", "VERSION:KEY=VALUE"),
            (":traffic=1", "VERSION:KEY=VALUE"),
            ("V3:boot-failure=9", "share"),
            ("V3:traffic=0", "factor"),
            ("V3:speed=1", "none of"),
            ("V3:warnings", "KEY=VALUE"),
            ("V3:warnings=many", "no number"),
        ] {
            let refusal = text.parse::<Build>().unwrap_err();
            assert!(refusal.contains(said), "{text}: {refusal}");
        }
    }
}
