//! Which rows it takes to give an organization a set of stations.
//!
//! What is deleted is deleted from the organization and every one below it; what is added is added to the
//! organization and every one above it. So nobody has a station that the one above has not.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use store::{Table, Versioned as _, table::organization_station::OrganizationStation};

use super::queries;
use crate::ground::{ApiError, Caller, Change, Ground, directory::Directory};

/// `WriteOrganizationStation` of the interface's description: a row of the table.
type WriteOrganizationStation = OrganizationStation;

/// One insert takes a million rows as a whole or not at all.
const MOST_ROWS: usize = 1_000_000;

/// What has to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Plan {
    /// Stations that go …
    delete: Vec<u64>,
    /// … from these organizations.
    delete_from: Vec<u64>,
    /// Stations that come …
    add: Vec<u64>,
    /// … to these.
    add_to: Vec<u64>,
}

impl Plan {
    /// The wanted set against the one that the organization has.
    fn new(directory: &Directory, organization_id: u64, had: &BTreeSet<u64>, wanted: &BTreeSet<u64>) -> Self {
        let mut add_to = directory.tool_org_up(organization_id);
        add_to.push(organization_id);
        Self {
            delete: had.difference(wanted).copied().collect(),
            delete_from: directory.with_below(organization_id),
            add: wanted.difference(had).copied().collect(),
            add_to,
        }
    }

    /// The rows that change, each with the one it replaces. `present`: the newest rows of the stations in the
    /// organizations concerned, deleted or not.
    fn rows(
        &self,
        present: &[OrganizationStation],
    ) -> Vec<(Option<OrganizationStation>, WriteOrganizationStation)> {
        let deleted: BTreeSet<_> = self.delete.iter().collect();
        let below: BTreeSet<_> = self.delete_from.iter().collect();
        let mut rows = Vec::new();
        let mut known = HashMap::new();
        for before in present {
            known.insert((before.organization_id, before.sta_id), before);
            let goes = deleted.contains(&before.sta_id) && below.contains(&before.organization_id);
            if goes && !before.is_deleted() {
                let mut after = before.clone();
                after.set_deleted(true);
                rows.push((Some(before.clone()), after));
            }
        }
        for organization_id in &self.add_to {
            for sta_id in &self.add {
                let before = known.get(&(*organization_id, *sta_id)).copied();
                if before.is_none_or(OrganizationStation::is_deleted) {
                    let after = WriteOrganizationStation {
                        timestamp: 0,
                        flag_del: 0,
                        organization_id: *organization_id,
                        sta_id: *sta_id,
                    };
                    rows.push((before.cloned(), after));
                }
            }
        }
        rows
    }
}

/// What `operation_record` tells of a distribution.
#[derive(Debug, Serialize)]
struct Told {
    organization_id: u64,
    sta_ids: BTreeSet<u64>,
}

/// Gives the organization exactly the wanted stations; nothing is recorded if it has them already.
///
/// # Errors
/// 404 for a station that the caller does not see, 503.
pub(super) async fn distribute(
    ground: &Ground,
    caller: &Caller,
    change: &mut Change,
    directory: &Directory,
    organization_id: u64,
    wanted: &BTreeSet<u64>,
) -> Result<(), ApiError> {
    let had = queries::stations_of(ground, organization_id).await?;
    let plan = Plan::new(directory, organization_id, &had, wanted);
    queries::require_stations(ground, &caller.scope, &plan.add).await?;
    let told = |sta_ids: &BTreeSet<u64>| Told {
        organization_id,
        sta_ids: sta_ids.clone(),
    };
    if write(ground, change, &plan).await? > 0 {
        change.add_operation_record(
            Table::OrganizationStation.name(),
            &organization_id.to_string(),
            Some(&told(&had)),
            Some(&told(wanted)),
        );
    }
    Ok(())
}

/// An organization moves: those newly above get what it has. The move is recorded as such.
pub(super) async fn follow(
    ground: &Ground,
    change: &mut Change,
    directory: &Directory,
    organization_id: u64,
    parent_id: u64,
) -> Result<(), ApiError> {
    if parent_id == 0 {
        return Ok(());
    }
    let had = queries::stations_of(ground, organization_id).await?;
    let mut add_to = directory.tool_org_up(parent_id);
    add_to.push(parent_id);
    let plan = Plan {
        delete: Vec::new(),
        delete_from: Vec::new(),
        add: had.into_iter().collect(),
        add_to,
    };
    write(ground, change, &plan).await.map(|_| ())
}

async fn write(ground: &Ground, change: &mut Change, plan: &Plan) -> Result<usize, ApiError> {
    let (deleted, added) = tokio::try_join!(
        queries::grants(ground, &plan.delete_from, &plan.delete),
        queries::grants(ground, &plan.add_to, &plan.add),
    )?;
    let present: Vec<_> = deleted.into_iter().chain(added).collect();
    let rows = plan.rows(&present);
    let count = rows.len();
    if count > MOST_ROWS {
        return Err(ApiError::invalid(
            "sta_ids",
            "一次变更过多，请分批",
            "changes too much at once, do it in parts",
        ));
    }
    for (before, after) in rows {
        change.put_silently(before.as_ref(), after);
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use store::table::organization::Organization;

    use super::*;

    type Grants = BTreeMap<(u64, u64), OrganizationStation>;

    /// Organization n + 1 stands below one of those before it, or at the top.
    fn directory(parents: &[usize]) -> Directory {
        let organizations = (1..).zip(parents).map(|(id, parent)| Organization {
            organization_id: id,
            parent_id: *parent as u64 % id,
            ..Organization::default()
        });
        Directory::of(vec![], vec![], organizations.collect(), vec![])
    }

    fn has(grants: &Grants, organization_id: u64) -> BTreeSet<u64> {
        let own = grants
            .values()
            .filter(|row| !row.is_deleted() && row.organization_id == organization_id);
        own.map(|row| row.sta_id).collect()
    }

    fn apply(
        directory: &Directory,
        grants: &mut Grants,
        organization_id: u64,
        wanted: &BTreeSet<u64>,
    ) -> usize {
        let plan = Plan::new(directory, organization_id, &has(grants, organization_id), wanted);
        let present: Vec<_> = grants.values().cloned().collect();
        let rows = plan.rows(&present);
        let count = rows.len();
        for (before, mut after) in rows {
            after.timestamp = before.map_or(1, |before| before.timestamp + 1);
            grants.insert((after.organization_id, after.sta_id), after);
        }
        count
    }

    proptest! {
        #[test]
        fn what_an_organization_has_the_one_above_has_too(
            parents in prop::collection::vec(0_usize..12, 1..12),
            steps in prop::collection::vec((0_usize..12, prop::collection::btree_set(1_u64..8, 0..7)), 1..30),
        ) {
            let directory = directory(&parents);
            let mut grants = Grants::new();
            for (at, wanted) in steps {
                let organization_id = (at % parents.len()) as u64 + 1;
                let others: BTreeMap<u64, BTreeSet<u64>> =
                    directory.organizations.keys().map(|id| (*id, has(&grants, *id))).collect();
                apply(&directory, &mut grants, organization_id, &wanted);
                prop_assert_eq!(&has(&grants, organization_id), &wanted);
                for (id, organization) in &directory.organizations {
                    if organization.parent_id != 0 {
                        prop_assert!(has(&grants, *id).is_subset(&has(&grants, organization.parent_id)));
                    }
                    let related = directory.tool_org_up(organization_id).contains(id)
                        || directory.with_below(organization_id).contains(id);
                    prop_assert!(related || has(&grants, *id) == others[id], "a stranger changed");
                }
                // The same again changes nothing.
                prop_assert_eq!(apply(&directory, &mut grants, organization_id, &wanted), 0);
            }
        }
    }
}
