//! Which organization has which stations, from memory, where scopes are made of it. A file is read from the database
//! ([`super::queries`]).

use std::{cmp::Ordering, collections::HashMap};

use super::wire::{OrganizationStationList, StationFilter};
use crate::ground::{Caller, Words, places::Stations};

/// A station that an organization has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Given<'a> {
    organization_id: u64,
    sta_id: u64,
    sta_name: &'a str,
}

impl Given<'_> {
    pub(super) fn shown(self) -> OrganizationStationList {
        OrganizationStationList {
            organization_id: self.organization_id,
            sta_id: self.sta_id,
            sta_name: self.sta_name.to_owned(),
        }
    }
}

/// Stations of the organizations that the caller sees, by the filter.
pub(super) fn given<'a>(caller: &Caller, filter: &StationFilter, stations: &Stations<'a>) -> Vec<Given<'a>> {
    let organizations = caller.directory.organizations.keys().copied();
    let meant = |id: &u64| {
        caller.scope.sees_organization(*id)
            && filter
                .organization_id
                .is_none_or(|organization| organization == *id)
    };
    let words = Words::of(filter.sta_name.as_deref());
    let mut given = Vec::new();
    for organization_id in organizations.filter(meant) {
        let there = caller
            .directory
            .stations_of(organization_id)
            .iter()
            .filter_map(|sta_id| {
                let sta_name = stations.name(*sta_id)?;
                let found = words.are_in(&[sta_name]);
                found.then_some(Given {
                    organization_id,
                    sta_id: *sta_id,
                    sta_name,
                })
            });
        given.extend(there);
    }
    given
}

/// By one of the fields of [`OrganizationStationList::SORT`](crate::ground::Listed::SORT), or as usual.
pub(super) fn order(field: Option<&str>, a: &Given<'_>, b: &Given<'_>) -> Ordering {
    match field {
        None => (a.organization_id, a.sta_name, a.sta_id).cmp(&(b.organization_id, b.sta_name, b.sta_id)),
        Some("sta_id") => a.sta_id.cmp(&b.sta_id),
        Some("sta_name") => a.sta_name.cmp(b.sta_name),
        Some(_) => a.organization_id.cmp(&b.organization_id),
    }
}

/// How many stations the organizations that the caller sees have.
pub(super) fn counts(caller: &Caller, stations: &Stations<'_>) -> HashMap<u64, u64> {
    let organizations = caller.directory.organizations.keys().copied();
    let seen = organizations.filter(|id| caller.scope.sees_organization(*id));
    let count = |id| {
        let given = caller.directory.stations_of(id).iter();
        given.filter(|sta_id| stations.name(**sta_id).is_some()).count() as u64
    };
    seen.map(|id| (id, count(id))).collect()
}
