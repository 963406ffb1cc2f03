//! A tree of organizations whose stations agree: one above has all that those below have.

use argon2::{Argon2, password_hash::PasswordHasher as _};
use store::Clickhouse;
use store::table::organization::Organization;
use store::table::organization_station::OrganizationStation;
use store::table::organization_user::OrganizationUser;
use store::table::user::{ENABLED, User};

use super::{People, Sizes, insert, state::FIRST_STATION};

const LEVELS: u64 = 6;
const FIRST_ORGANIZATION: u64 = 1000;

/// An organization of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Node {
    id: u64,
    /// 0 = none.
    parent: u64,
    level: u64,
    /// Its stations, by number: from, until.
    stations: (u64, u64),
}

pub(super) async fn fill(db: &Clickhouse, sizes: &Sizes) -> anyhow::Result<()> {
    let tree = tree(sizes.organizations, sizes.stations);
    let organizations = tree.iter().map(|node| Organization {
        timestamp: 1,
        organization_id: node.id,
        parent_id: node.parent,
        organization_name: format!("{}级组织{}", node.level + 1, node.id),
        ..Organization::default()
    });
    insert(db, &organizations.collect::<Vec<_>>()).await?;
    let stations = tree.iter().flat_map(|node| {
        (node.stations.0..node.stations.1).map(|n| OrganizationStation {
            timestamp: 1,
            organization_id: node.id,
            sta_id: FIRST_STATION + n,
            ..OrganizationStation::default()
        })
    });
    let stations: Vec<_> = stations.collect();
    insert(db, &stations).await?;
    people(db, &tree).await?;
    println!(
        "{} organizations with {} stations in all",
        tree.len(),
        stations.len()
    );
    Ok(())
}

/// The first of [`People::ACCOUNTS`] alone, in a database without people.
pub(super) async fn chief(db: &Clickhouse) -> anyhow::Result<()> {
    insert(db, &[user(&hash()?, 1, People::ACCOUNTS[0], 1)]).await
}

fn hash() -> anyhow::Result<String> {
    let hash = Argon2::default().hash_password(People::PASSWORD.as_bytes());
    Ok(hash.map_err(|error| anyhow::anyhow!("{error}"))?.to_string())
}

fn user(hash: &str, user_id: u64, account: &str, role_id: u64) -> User {
    User {
        timestamp: 1,
        user_id,
        account: account.to_owned(),
        user_name: account.to_owned(),
        password_hash: hash.to_owned(),
        role_id,
        state: ENABLED.to_owned(),
        password_time: 1,
        ..User::default()
    }
}

async fn people(db: &Clickhouse, tree: &[Node]) -> anyhow::Result<()> {
    let hash = hash()?;
    let user = |user_id, account: &str, role_id| user(&hash, user_id, account, role_id);
    let member = |organization_id, user_id| OrganizationUser {
        timestamp: 1,
        organization_id,
        user_id,
        ..OrganizationUser::default()
    };
    let mut users = vec![user(1, People::ACCOUNTS[0], 1), user(2, People::ACCOUNTS[1], 2)];
    let middle: Vec<_> = tree.iter().filter(|node| node.level == 2).collect();
    let mut members = vec![member(middle[middle.len() / 2].id, 2)];
    for node in tree {
        users.push(user(node.id, &format!("user{}", node.id), 4));
        members.push(member(node.id, node.id));
    }
    insert(db, &users).await?;
    insert(db, &members).await
}

/// The organization with the most organizations and stations below it: the first of the first level.
pub(crate) const fn top_organization() -> u64 {
    FIRST_ORGANIZATION
}

/// As many organizations per level as grow evenly from one level to the next. Neighbours share a parent, and
/// have neighbouring stations.
fn tree(organizations: u64, stations: u64) -> Vec<Node> {
    // Shares of the levels; they grow by about 3.6.
    const SHARES: [u64; LEVELS as usize] = [2, 8, 30, 120, 440, 1400];
    let width = |level: u64| (SHARES[level as usize] * organizations / 2000).max(1);
    let mut nodes = Vec::new();
    let (mut above, mut above_width) = (0, 0);
    let mut next = FIRST_ORGANIZATION;
    for level in 0..LEVELS {
        let first = next;
        let width = width(level);
        for n in 0..width {
            nodes.push(Node {
                id: next,
                parent: if level == 0 {
                    0
                } else {
                    above + n * above_width / width
                },
                level,
                stations: (0, 0),
            });
            next += 1;
        }
        (above, above_width) = (first, width);
    }
    let leaves = above_width;
    for n in 0..leaves {
        let at = (above - FIRST_ORGANIZATION + n) as usize;
        nodes[at].stations = (n * stations / leaves, (n + 1) * stations / leaves);
    }
    // From below: each takes in what its children have, which lie side by side.
    for at in (0..nodes.len()).rev() {
        let Node { parent, stations, .. } = nodes[at];
        if parent == 0 {
            continue;
        }
        let above = &mut nodes[(parent - FIRST_ORGANIZATION) as usize].stations;
        *above = match *above {
            (0, 0) => stations,
            (from, until) => (from.min(stations.0), until.max(stations.1)),
        };
    }
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_has_exactly_what_its_children_have() {
        for (organizations, stations) in [(2000, 5000), (400, 1000), (6, 3)] {
            let tree = tree(organizations, stations);
            for node in &tree {
                let children: Vec<_> = tree.iter().filter(|child| child.parent == node.id).collect();
                let sum: u64 = children.iter().map(|c| c.stations.1 - c.stations.0).sum();
                assert!(
                    node.level == 5 || sum == node.stations.1 - node.stations.0,
                    "{node:?}"
                );
                for child in children {
                    assert_eq!(child.level, node.level + 1);
                    assert!(child.stations.0 >= node.stations.0 && child.stations.1 <= node.stations.1);
                }
            }
            let top: u64 = tree
                .iter()
                .filter(|node| node.parent == 0)
                .map(|node| node.stations.1 - node.stations.0)
                .sum();
            assert_eq!(top, stations);
        }
        assert_eq!(tree(2000, 5000).len(), 2000);
    }
}
