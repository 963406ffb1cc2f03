//! What part of the world a caller sees: his organizations and those below, and the stations that were given
//! to his own. Every resource limits its queries by it; what is outside is not there (404).

use std::{collections::HashSet, sync::Arc};

use store::{Conditions, Value};

use super::error::ApiError;

/// A caller's part of the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// 超管 without an organization.
    All,
    /// Everybody else.
    Within {
        /// To which the caller belongs; none: nothing is seen.
        own: Arc<Vec<u64>>,
        /// Those, and all below.
        organizations: Arc<HashSet<u64>>,
        /// What was given to his own.
        stations: Arc<HashSet<u64>>,
    },
}

impl Scope {
    /// Whether the organization is seen; 0 asks for everything.
    pub(crate) fn sees_organization(&self, organization_id: u64) -> bool {
        match self {
            Self::All => true,
            Self::Within { organizations, .. } => organizations.contains(&organization_id),
        }
    }

    /// Whether the station is seen; 0 (a pile that has none yet) only by those who see all.
    pub(crate) fn sees_station(&self, sta_id: u64) -> bool {
        match self {
            Self::All => true,
            Self::Within { stations, .. } => stations.contains(&sta_id),
        }
    }

    /// # Errors
    /// 404 for an organization that is not seen.
    pub(crate) fn require_organization(&self, organization_id: u64) -> Result<(), ApiError> {
        if self.sees_organization(organization_id) {
            Ok(())
        } else {
            Err(ApiError::NotFound)
        }
    }

    /// And, if the caller does not see all, `text`, whose one placeholder stands for the organizations seen:
    /// `organization_id IN ?`.
    pub(crate) fn organizations(&self, conditions: Conditions, text: &'static str) -> Conditions {
        match self {
            Self::All => conditions,
            Self::Within { organizations, .. } => {
                let mut ids: Vec<u64> = organizations.iter().copied().collect();
                ids.sort_unstable();
                among(conditions, text, ids)
            }
        }
    }

    /// And only rows whose column `sta_id` is a station that the caller sees. Rows of station 0 (not yet
    /// given one) are for those who see all.
    pub(crate) fn stations(&self, conditions: Conditions) -> Conditions {
        self.by_own(
            conditions,
            "sta_id IN (SELECT sta_id FROM organization_station FINAL WHERE flag_del = 0 AND organization_id IN ?)",
        )
    }

    /// And only rows whose column `device_id` is a pile at such a station.
    #[allow(dead_code, reason = "for the resources that read what piles report")]
    pub(crate) fn devices(&self, conditions: Conditions) -> Conditions {
        self.by_own(
            conditions,
            "device_id IN (SELECT device_id FROM asset FINAL WHERE flag_del = 0 AND sta_id IN \
             (SELECT sta_id FROM organization_station FINAL WHERE flag_del = 0 AND organization_id IN ?))",
        )
    }

    /// And, if the caller does not see all, `text`, whose one placeholder stands for his own organizations.
    pub(crate) fn by_own(&self, conditions: Conditions, text: &'static str) -> Conditions {
        match self {
            Self::All => conditions,
            Self::Within { own, .. } => among(conditions, text, own.to_vec()),
        }
    }
}

/// Nobody's list has no type in SQL.
fn among(conditions: Conditions, text: &'static str, ids: Vec<u64>) -> Conditions {
    if ids.is_empty() {
        conditions.and("0", [])
    } else {
        conditions.and(text, [Value::UnsignedList(ids)])
    }
}
