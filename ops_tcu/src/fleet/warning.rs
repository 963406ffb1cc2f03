//! The warnings of one pile: which are open, and when a repetition becomes a storm.

use compact_str::CompactString;

/// A warning is forgotten (not in the table, only here) beyond this many different codes per pile.
const REMEMBERED: usize = 32;
const MINUTE_MS: i64 = 60_000;

/// One code in one zone of one pile.
#[derive(Debug, Clone)]
pub(super) struct Warning {
    /// Gun number; 0 for the pile itself.
    pub gun: u8,
    /// The code.
    pub code: CompactString,
    /// The name.
    pub name: CompactString,
    /// When the row that counts the present occurrences began: the row's identity, ms.
    pub since: i64,
    /// The row's ordering time, ms: every version of the row must repeat it.
    pub ordered: i64,
    /// Occurrences folded into that row.
    pub count: u32,
    /// Whether it has not recovered.
    pub open: bool,
    window: i64,
    in_window: u16,
    /// Occurrences counted that the row does not show yet.
    pending: bool,
}

/// An occurrence or a recovery as the pile reports it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Report<'a> {
    /// Gun number; 0 for the pile itself.
    pub gun: u8,
    /// 告警代码.
    pub code: &'a str,
    /// 告警名称.
    pub name: &'a str,
    /// 产生时间, ms.
    pub at: i64,
    /// Ordering time, ms.
    pub ordered: i64,
    /// Time of receipt, ms.
    pub now: i64,
}

/// What a report means for the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A row of its own begins.
    Opens,
    /// The same occurrence again, or one of a storm: no row now.
    Folded,
    /// The row is over.
    Closes,
    /// A recovery of something that was not known to be open.
    ClosesUnknown,
}

/// All warnings remembered for one pile.
#[derive(Debug, Default)]
pub(super) struct Warnings(Vec<Warning>);

impl Warnings {
    /// An occurrence; beyond `storm` in a minute they fold. Gives what it is now.
    pub(super) fn raise(&mut self, report: &Report<'_>, storm: u16) -> (Verdict, &Warning) {
        let warning = self.entry(report.gun, report.code);
        if warning.open && warning.since == report.at {
            return (Verdict::Folded, warning);
        }
        if report.now - warning.window >= MINUTE_MS {
            (warning.window, warning.in_window) = (report.now, 0);
        }
        warning.in_window = warning.in_window.saturating_add(1);
        warning.open = true;
        if warning.in_window > storm {
            warning.count = warning.count.saturating_add(1);
            warning.pending = true;
            return (Verdict::Folded, warning);
        }
        warning.name = report.name.into();
        (warning.since, warning.ordered) = (report.at, report.ordered);
        (warning.count, warning.pending) = (1, false);
        (Verdict::Opens, warning)
    }

    /// A recovery. Gives the warning that it ends, if one was known to be open.
    pub(super) fn recover(&mut self, report: &Report<'_>, storm: u16) -> (Verdict, Option<&Warning>) {
        let found = self
            .0
            .iter_mut()
            .find(|w| w.open && w.gun == report.gun && w.code == report.code);
        let Some(warning) = found else {
            return (Verdict::ClosesUnknown, None);
        };
        warning.open = false;
        // In a storm each recovery is followed by the next occurrence: the row is written when it is over.
        let storming = warning.in_window > storm && report.now - warning.window < MINUTE_MS;
        warning.pending = storming;
        (
            if storming {
                Verdict::Folded
            } else {
                Verdict::Closes
            },
            Some(warning),
        )
    }

    /// Warnings whose storm has counted on since the row was written, once its minute is over.
    pub(super) fn settle(&mut self, now: i64) -> impl Iterator<Item = &Warning> {
        self.0.iter_mut().filter_map(move |warning| {
            let due = warning.pending && now - warning.window >= MINUTE_MS;
            warning.pending &= !due;
            due.then_some(&*warning)
        })
    }

    /// What is open.
    pub(super) fn open(&self) -> impl Iterator<Item = &Warning> {
        self.0.iter().filter(|w| w.open)
    }

    /// Takes over a warning that was open before a restart.
    pub(super) fn restore(&mut self, report: &Report<'_>, count: u32) {
        let warning = self.entry(report.gun, report.code);
        warning.name = report.name.into();
        (warning.since, warning.ordered) = (report.at, report.ordered);
        (warning.count, warning.open) = (count, true);
    }

    fn entry(&mut self, gun: u8, code: &str) -> &mut Warning {
        let at = self
            .0
            .iter()
            .position(|w| w.gun == gun && w.code == code)
            .unwrap_or_else(|| {
                if self.0.len() >= REMEMBERED {
                    let oldest = self.0.iter().enumerate().min_by_key(|(_, w)| (w.open, w.window));
                    let oldest = oldest.map_or(0, |(at, _)| at);
                    self.0.swap_remove(oldest);
                }
                self.0.push(Warning {
                    gun,
                    code: code.into(),
                    name: CompactString::default(),
                    since: 0,
                    ordered: 0,
                    count: 0,
                    open: false,
                    window: i64::MIN / 2,
                    in_window: 0,
                    pending: false,
                });
                self.0.len() - 1
            });
        &mut self.0[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORM: u16 = 20;

    fn report(gun: u8, code: &str, at: i64, now: i64) -> Report<'_> {
        Report {
            gun,
            code,
            name: "急停",
            at,
            ordered: at,
            now,
        }
    }

    fn raise(warnings: &mut Warnings, gun: u8, code: &str, at: i64, now: i64) -> Verdict {
        warnings.raise(&report(gun, code, at, now), STORM).0
    }

    fn recover(warnings: &mut Warnings, gun: u8, code: &str, now: i64) -> Verdict {
        warnings.recover(&report(gun, code, now, now), STORM).0
    }

    #[test]
    fn opens_and_closes() {
        let mut warnings = Warnings::default();
        assert_eq!(raise(&mut warnings, 1, "E1", 1000, 1005), Verdict::Opens);
        assert_eq!(warnings.open().count(), 1);
        let (verdict, closed) = warnings.recover(&report(1, "E1", 2000, 2000), STORM);
        assert_eq!((verdict, closed.unwrap().since), (Verdict::Closes, 1000));
        assert_eq!(recover(&mut warnings, 1, "E1", 2000), Verdict::ClosesUnknown);
    }

    #[test]
    fn the_same_occurrence_sent_again_is_one() {
        let mut warnings = Warnings::default();
        raise(&mut warnings, 1, "E1", 1000, 1005);
        assert_eq!(raise(&mut warnings, 1, "E1", 1000, 9000), Verdict::Folded);
        assert_eq!(warnings.settle(100_000).count(), 0);
    }

    #[test]
    fn zones_and_codes_are_apart() {
        let mut warnings = Warnings::default();
        raise(&mut warnings, 1, "E1", 1, 1);
        assert_eq!(raise(&mut warnings, 2, "E1", 1, 1), Verdict::Opens);
        assert_eq!(raise(&mut warnings, 1, "E2", 1, 1), Verdict::Opens);
        assert_eq!(recover(&mut warnings, 2, "E2", 1), Verdict::ClosesUnknown);
    }

    #[test]
    fn a_storm_is_one_row_with_a_count() {
        let mut warnings = Warnings::default();
        let mut rows = 0;
        for n in 0..500 {
            rows += usize::from(raise(&mut warnings, 1, "E1", n, n) == Verdict::Opens);
            rows += usize::from(recover(&mut warnings, 1, "E1", n) == Verdict::Closes);
        }
        assert_eq!(rows, 40, "20 rows opened and closed, then none");
        assert_eq!(warnings.settle(30_000).count(), 0, "the minute is not over");
        let settled: Vec<_> = warnings.settle(60_001).cloned().collect();
        assert_eq!(settled.len(), 1);
        assert_eq!(
            (settled[0].since, settled[0].count, settled[0].open),
            (19, 481, false)
        );
        assert_eq!(warnings.settle(200_000).count(), 0, "written once");
    }

    #[test]
    fn a_storm_of_different_codes_stays_small() {
        let mut warnings = Warnings::default();
        raise(&mut warnings, 0, "stays", 1, 1);
        for n in 0..10_000 {
            raise(&mut warnings, 1, &format!("E{n}"), n, n);
            recover(&mut warnings, 1, &format!("E{n}"), n);
        }
        assert_eq!(warnings.0.len(), REMEMBERED);
        assert_eq!(
            warnings.open().count(),
            1,
            "an open one is not forgotten for closed ones"
        );
    }
}
