//! What an organization may be, and where in the tree.

use std::collections::HashMap;

use store::table::organization::Organization;

use super::wire::{Details, Node, Shown};
use crate::ground::{ApiError, Scope, check, directory::Directory};

/// Levels of the tree.
const DEEPEST: usize = 20;

/// Details as they are stored.
pub(super) fn details(details: &Details) -> Result<Details, ApiError> {
    Ok(Details {
        organization_name: check::name("details.organization_name", &details.organization_name, 64)?,
        contact: check::optional("details.contact", &details.contact, 64)?,
        contact_information: check::optional(
            "details.contact_information",
            &details.contact_information,
            128,
        )?,
    })
}

/// # Errors
/// 404 for a place in the tree that the caller does not see (the top is for who sees everything), 409 if it is
/// too deep.
pub(super) fn may_be_under(scope: &Scope, directory: &Directory, parent_id: u64) -> Result<(), ApiError> {
    scope.require_organization(parent_id)?;
    if parent_id != 0 && !directory.organizations.contains_key(&parent_id) {
        return Err(ApiError::NotFound);
    }
    if directory.tool_org_up(parent_id).len() + 2 > DEEPEST {
        return Err(ApiError::conflict("组织层级过深", "The tree would be too deep"));
    }
    Ok(())
}

/// # Errors
/// 409 for a name that a sibling has.
pub(super) fn require_free(
    directory: &Directory,
    parent_id: u64,
    name: &str,
    except: u64,
) -> Result<(), ApiError> {
    let same = |other: &Organization| {
        other.parent_id == parent_id && other.organization_id != except && other.organization_name == name
    };
    if directory.organizations.values().any(same) {
        return Err(ApiError::conflict(
            "同级组织名称已存在",
            "There is such an organization beside it",
        ));
    }
    Ok(())
}

/// # Errors
/// 409 if the new place is the organization itself or below it.
pub(super) fn require_no_loop(
    directory: &Directory,
    organization_id: u64,
    parent_id: u64,
) -> Result<(), ApiError> {
    if directory.with_below(organization_id).contains(&parent_id) {
        return Err(ApiError::conflict(
            "不能移动到自身或下级之下",
            "Not under itself or what is below it",
        ));
    }
    Ok(())
}

/// # Errors
/// 409 if there are organizations below, or users.
pub(super) fn require_empty(directory: &Directory, organization_id: u64) -> Result<(), ApiError> {
    if !directory.tool_org_down(organization_id).is_empty() {
        return Err(ApiError::conflict(
            "仍有下级组织",
            "There are organizations below",
        ));
    }
    let member = |user_id: &u64| directory.organizations_of(*user_id).contains(&organization_id);
    if directory.users.keys().any(member) {
        return Err(ApiError::conflict("仍有用户", "There are users"));
    }
    Ok(())
}

/// The part of the tree that is seen; what stands below something unseen stands at the top. `stations`: how many an
/// organization has.
pub(super) fn tree(directory: &Directory, scope: &Scope, stations: &HashMap<u64, u64>) -> Vec<Node> {
    let mut users: HashMap<u64, u64> = HashMap::new();
    let members = directory.users.keys();
    for organization_id in members.flat_map(|user_id| directory.organizations_of(*user_id)) {
        *users.entry(*organization_id).or_default() += 1;
    }
    let seen = |id: &u64| scope.sees_organization(*id);
    let mut children: HashMap<u64, Vec<&Organization>> = HashMap::new();
    for organization in directory
        .organizations
        .values()
        .filter(|one| seen(&one.organization_id))
    {
        let parent = organization.parent_id;
        let known = seen(&parent) && directory.organizations.contains_key(&parent);
        children
            .entry(if known { parent } else { 0 })
            .or_default()
            .push(organization);
    }
    let counts = Counts {
        users: &users,
        stations,
    };
    nodes(&mut children, 0, &counts)
}

/// How much there is of an organization's own.
struct Counts<'a> {
    users: &'a HashMap<u64, u64>,
    stations: &'a HashMap<u64, u64>,
}

/// Takes what it has shown out of `children`, so that a loop in the data ends.
fn nodes(children: &mut HashMap<u64, Vec<&Organization>>, parent_id: u64, counts: &Counts<'_>) -> Vec<Node> {
    let of = |counts: &HashMap<u64, u64>, id: &u64| counts.get(id).copied().unwrap_or_default();
    let mut own = children.remove(&parent_id).unwrap_or_default();
    own.sort_by(|a, b| {
        let key = |one: &Organization| (one.organization_name.clone(), one.organization_id);
        key(a).cmp(&key(b))
    });
    own.into_iter()
        .map(|organization| Node {
            organization: Shown::from(organization.clone()),
            user_count: of(counts.users, &organization.organization_id),
            station_count: of(counts.stations, &organization.organization_id),
            children: nodes(children, organization.organization_id, counts),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Arc};

    use store::table::{organization_user::OrganizationUser, user::User};

    use super::*;

    fn directory() -> Directory {
        let organization = |organization_id, parent_id| Organization {
            organization_id,
            parent_id,
            organization_name: format!("o{organization_id}"),
            ..Organization::default()
        };
        let organizations = vec![
            organization(1, 0),
            organization(2, 1),
            organization(3, 2),
            organization(4, 0),
        ];
        let member = OrganizationUser {
            organization_id: 3,
            user_id: 9,
            ..OrganizationUser::default()
        };
        let user = User {
            user_id: 9,
            ..User::default()
        };
        Directory::of(vec![user], vec![], organizations, vec![member])
    }

    #[test]
    fn an_organization_is_not_moved_below_itself() {
        let directory = directory();
        assert!(require_no_loop(&directory, 1, 3).is_err());
        assert!(require_no_loop(&directory, 1, 1).is_err());
        assert!(require_no_loop(&directory, 2, 4).is_ok());
        assert!(require_no_loop(&directory, 2, 0).is_ok());
    }

    #[test]
    fn the_tree_begins_where_the_caller_may_look() {
        let directory = directory();
        let stations = HashMap::from([(3, 5)]);
        let all = tree(&directory, &Scope::All, &stations);
        assert_eq!(all.len(), 2);
        let scope = Scope::Within {
            own: Arc::new(vec![2]),
            organizations: Arc::new(HashSet::from([2, 3])),
            stations: Arc::default(),
        };
        let part = tree(&directory, &scope, &stations);
        assert_eq!((part.len(), part[0].organization.organization_id), (1, 2));
        let below = &part[0].children[0];
        assert_eq!(below.organization.organization_id, 3);
        assert_eq!((below.user_count, below.station_count), (1, 5));
        assert_eq!((part[0].user_count, part[0].station_count), (0, 0));
        assert!(may_be_under(&scope, &directory, 0).is_err() && may_be_under(&scope, &directory, 3).is_ok());
    }
}
