//! What the lists of events have in common: which piles, which time, and what is shown of a pile beside them.

use store::Conditions;

use super::{scope::Scope, span::Span};

/// Which piles a filter names.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Piles<'a> {
    pub(crate) device_id: Option<u64>,
    pub(crate) sta_id: Option<u64>,
    pub(crate) model: Option<&'a str>,
    pub(crate) uuid: Option<&'a str>,
}

impl Piles<'_> {
    /// And only rows whose column `device_id` is one of them, and that the caller sees.
    pub(crate) fn of(self, scope: &Scope, conditions: Conditions) -> Conditions {
        scope
            .devices(conditions)
            .and_if("device_id = ?", self.device_id)
            .and_if(
                "device_id IN (SELECT device_id FROM asset FINAL WHERE flag_del = 0 AND sta_id = ?)",
                self.sta_id,
            )
            .and_if(
                "device_id IN (SELECT device_id FROM asset FINAL WHERE flag_del = 0 AND model = ?)",
                self.model,
            )
            .and_if(
                "device_id IN (SELECT device_id FROM asset FINAL WHERE flag_del = 0 AND name = ?)",
                self.uuid,
            )
    }
}

/// Rows whose column `timestamp` is within.
pub(crate) fn within(span: Span) -> Conditions {
    Conditions::new()
        .and("timestamp >= ?", [span.from.into()])
        .and("timestamp < ?", [span.to.into()])
}

/// The same for rows whose versions all have the same `timestamp`.
pub(crate) fn within_early(span: Span) -> Conditions {
    Conditions::new()
        .and_early("timestamp >= ?", [span.from.into()])
        .and_early("timestamp < ?", [span.to.into()])
}
