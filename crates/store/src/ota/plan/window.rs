//! Maintenance windows of a plan.

use serde::{Deserialize, Serialize};

/// Minutes of a day.
const DAY_MINUTES: u16 = 24 * 60;

/// A maintenance window. Where `to` is not after `from`, it ends on the next day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Days on which it begins, 1 = Monday to 7 = Sunday; empty = every day.
    #[serde(default)]
    pub days: Vec<u8>,
    /// Begins, `HH:MM`, Asia/Shanghai.
    pub from: String,
    /// Ends, `HH:MM`.
    pub to: String,
}

impl Window {
    /// From and to, minutes of the day; none if they cannot be read or are the same.
    pub fn minutes(&self) -> Option<(u16, u16)> {
        let (from, to) = (minutes(&self.from)?, minutes(&self.to)?);
        (from != to).then_some((from, to))
    }

    /// Whether it is open at this minute of this day (1 = Monday).
    pub fn is_open(&self, day: u8, minute: u16) -> bool {
        let on = |day: u8| self.days.is_empty() || self.days.contains(&day);
        let yesterday = if day == 1 { 7 } else { day - 1 };
        match self.minutes() {
            None => false,
            Some((from, to)) if from < to => on(day) && (from..to).contains(&minute),
            Some((from, to)) => (on(day) && minute >= from) || (on(yesterday) && minute < to),
        }
    }
}

/// `HH:MM` as minutes of the day; `24:00` is the end of it.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |part: &str| {
        (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u16>().ok())?
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (minutes < 60 && hours * 60 + minutes <= DAY_MINUTES).then_some(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_over_midnight_belongs_to_the_day_on_which_it_begins() {
        let window = Window {
            days: vec![7],
            from: "23:00".into(),
            to: "05:00".into(),
        };
        assert!(window.is_open(7, 23 * 60));
        assert!(window.is_open(1, 4 * 60 + 59));
        assert!(!window.is_open(1, 5 * 60));
        assert!(!window.is_open(7, 4 * 60));
        assert!(!window.is_open(1, 23 * 60));
    }

    #[test]
    fn a_window_of_one_day_may_reach_its_end() {
        let window = Window {
            days: vec![],
            from: "01:30".into(),
            to: "24:00".into(),
        };
        assert!(window.is_open(3, 24 * 60 - 1));
        assert!(!window.is_open(3, 89));
    }
}
