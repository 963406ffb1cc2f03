//! People, roles and organizations in memory: a few thousand rows that every request needs. They are read anew
//! whenever Redis says that one of them has changed, on whichever web server, so a change counts at once.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, RwLock},
    time::{Duration, Instant},
};

use store::{
    Clickhouse, Conditions, Table, Versioned,
    table::{
        organization::Organization, organization_station::OrganizationStation,
        organization_user::OrganizationUser, role::Role, user::User,
    },
    versioned,
};
use tokio::sync::Mutex;

use super::{Ground, error::ApiError, permission::SUPER_ROLE, scope::Scope};

/// After this they are read anew in any case: Redis may have lost the sign of a change.
const FRESH_FOR: Duration = Duration::from_secs(60);

/// The tables it is made of.
const TABLES: [Table; 5] = [
    Table::User,
    Table::Role,
    Table::Organization,
    Table::OrganizationUser,
    Table::OrganizationStation,
];

/// All of them at one moment, without what is deleted.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    pub(crate) users: HashMap<u64, User>,
    pub(crate) accounts: HashMap<String, u64>,
    pub(crate) roles: HashMap<u64, Role>,
    pub(crate) organizations: HashMap<u64, Organization>,
    children: HashMap<u64, Vec<u64>>,
    memberships: HashMap<u64, Vec<u64>>,
    stations: HashMap<u64, Vec<u64>>,
    /// What people see, made when they first ask.
    scopes: RwLock<HashMap<u64, Scope>>,
}

impl Directory {
    /// Reads everything.
    pub(crate) async fn read(db: &Clickhouse) -> Result<Self, ApiError> {
        let all = Conditions::new();
        let (users, roles, organizations, members, given) = tokio::try_join!(
            versioned::present::<User>(db, &all),
            versioned::present::<Role>(db, &all),
            versioned::present::<Organization>(db, &all),
            versioned::present::<OrganizationUser>(db, &all),
            versioned::present::<OrganizationStation>(db, &all),
        )?;
        let mut directory = Self::of(users, roles, organizations, members);
        for given in given {
            let stations = directory.stations.entry(given.organization_id).or_default();
            stations.push(given.sta_id);
        }
        Ok(directory)
    }

    pub(crate) fn of(
        users: Vec<User>,
        roles: Vec<Role>,
        organizations: Vec<Organization>,
        members: Vec<OrganizationUser>,
    ) -> Self {
        let mut directory = Self::default();
        for organization in organizations {
            let children = directory.children.entry(organization.parent_id).or_default();
            children.push(organization.organization_id);
            directory
                .organizations
                .insert(organization.organization_id, organization);
        }
        for member in members {
            let own = directory.memberships.entry(member.user_id).or_default();
            own.push(member.organization_id);
        }
        directory
            .memberships
            .values_mut()
            .for_each(|own| own.sort_unstable());
        directory.accounts = users
            .iter()
            .map(|user| (user.account.clone(), user.user_id))
            .collect();
        directory.users = users.into_iter().map(|user| (user.user_id, user)).collect();
        directory.roles = roles.into_iter().map(|role| (role.role_id, role)).collect();
        directory
    }

    /// The person with this account.
    pub(crate) fn by_account(&self, account: &str) -> Option<&User> {
        self.users.get(self.accounts.get(account)?)
    }

    /// The organizations a person belongs to.
    pub(crate) fn organizations_of(&self, user_id: u64) -> &[u64] {
        self.memberships.get(&user_id).map_or(&[], Vec::as_slice)
    }

    /// The stations that were given to an organization; some may be gone.
    pub(crate) fn stations_of(&self, organization_id: u64) -> &[u64] {
        self.stations.get(&organization_id).map_or(&[], Vec::as_slice)
    }

    /// The permissions of a role; none if it is gone.
    pub(crate) fn permissions(&self, role_id: u64) -> &[String] {
        self.roles.get(&role_id).map_or(&[], |role| &role.permissions)
    }

    /// What a person sees.
    pub(crate) fn scope(&self, user: &User) -> Scope {
        let own = self.organizations_of(user.user_id);
        if own.is_empty() && user.role_id == SUPER_ROLE {
            return Scope::All;
        }
        let known = self
            .scopes
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .get(&user.user_id)
            .cloned();
        known.unwrap_or_else(|| {
            let scope = self.within(own);
            let mut scopes = self
                .scopes
                .write()
                .unwrap_or_else(|poisoned| poisoned.into_inner());
            scopes.insert(user.user_id, scope.clone());
            scope
        })
    }

    /// What members of these organizations see.
    pub(crate) fn within(&self, own: &[u64]) -> Scope {
        let stations = own.iter().filter_map(|id| self.stations.get(id)).flatten();
        Scope::Within {
            own: Arc::new(own.to_vec()),
            organizations: Arc::new(own.iter().flat_map(|id| self.with_below(*id)).collect()),
            stations: Arc::new(stations.copied().collect()),
        }
    }

    /// The organizations below, at any depth, nearest first. A loop in the data ends the walk.
    pub(crate) fn tool_org_down(&self, organization_id: u64) -> Vec<u64> {
        let mut seen = HashSet::from([organization_id]);
        let mut found = Vec::new();
        let mut level = vec![organization_id];
        while !level.is_empty() {
            level = level
                .iter()
                .flat_map(|id| self.children.get(id).into_iter().flatten().copied())
                .filter(|id| seen.insert(*id))
                .collect();
            found.extend_from_slice(&level);
        }
        found
    }

    /// An organization and those below.
    pub(crate) fn with_below(&self, organization_id: u64) -> Vec<u64> {
        let mut all = vec![organization_id];
        all.extend(self.tool_org_down(organization_id));
        all
    }

    /// The organizations above, nearest first.
    pub(crate) fn tool_org_up(&self, organization_id: u64) -> Vec<u64> {
        let mut found = Vec::new();
        let mut at = organization_id;
        while let Some(organization) = self.organizations.get(&at) {
            at = organization.parent_id;
            if at == 0
                || at == organization_id
                || found.contains(&at)
                || !self.organizations.contains_key(&at)
            {
                break;
            }
            found.push(at);
        }
        found
    }
}

#[derive(Debug, Clone)]
struct Kept {
    sign: String,
    read_at: Instant,
    directory: Arc<Directory>,
}

/// The directory of one web server.
#[derive(Debug, Default)]
pub(crate) struct Directories {
    kept: RwLock<Option<Kept>>,
    reading: Mutex<()>,
}

impl Directories {
    fn fresh(&self, sign: &str) -> Option<Arc<Directory>> {
        let kept = self.kept.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        let kept = kept.as_ref()?;
        (kept.sign == sign && kept.read_at.elapsed() < FRESH_FOR).then(|| kept.directory.clone())
    }

    fn keep(&self, kept: Kept) {
        *self.kept.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(kept);
    }
}

impl Ground {
    /// The directory as it is now.
    ///
    /// # Errors
    /// 503 without Redis or ClickHouse.
    pub(crate) async fn directory(&self) -> Result<Arc<Directory>, ApiError> {
        let sign: Option<String> = redis::cmd("GET")
            .arg(self.keys.web_directory())
            .query_async(&mut self.redis.clone())
            .await?;
        self.directory_of(&sign.unwrap_or_default()).await
    }

    /// The directory that goes with a sign just read from Redis.
    pub(crate) async fn directory_of(&self, sign: &str) -> Result<Arc<Directory>, ApiError> {
        if let Some(directory) = self.directories.fresh(sign) {
            return Ok(directory);
        }
        let _one_reads = self.directories.reading.lock().await;
        if let Some(directory) = self.directories.fresh(sign) {
            return Ok(directory);
        }
        let read_at = Instant::now();
        let directory = Arc::new(Directory::read(&self.db).await?);
        self.directories.keep(Kept {
            sign: sign.to_owned(),
            read_at,
            directory: directory.clone(),
        });
        Ok(directory)
    }

    /// Tells all web servers that one of these tables has changed, if it concerns them.
    pub(crate) async fn directory_changed(
        &self,
        tables: impl IntoIterator<Item = Table>,
    ) -> Result<(), ApiError> {
        if !tables.into_iter().any(|table| TABLES.contains(&table)) {
            return Ok(());
        }
        redis::cmd("SET")
            .arg(self.keys.web_directory())
            .arg(format!("{:016x}", rand::random::<u64>()))
            .exec_async(&mut self.redis.clone())
            .await?;
        Ok(())
    }
}

/// The one row with this key, if it is there.
pub(crate) async fn one<T: Versioned>(db: &Clickhouse, conditions: Conditions) -> Result<T, ApiError> {
    let found = versioned::present::<T>(db, &conditions).await?;
    found.into_iter().next().ok_or(ApiError::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(edges: &[(u64, u64)]) -> Directory {
        let organizations = edges.iter().map(|(id, parent)| Organization {
            organization_id: *id,
            parent_id: *parent,
            ..Organization::default()
        });
        Directory::of(vec![], vec![], organizations.collect(), vec![])
    }

    #[test]
    fn above_and_below_are_walked_to_the_end() {
        let tree = tree(&[(1, 0), (2, 1), (3, 2), (4, 2), (9, 0)]);
        assert_eq!(tree.tool_org_up(4), [2, 1]);
        assert_eq!(tree.tool_org_down(1), [2, 3, 4]);
        assert_eq!(tree.with_below(9), [9]);
        assert!(tree.tool_org_up(77).is_empty() && tree.tool_org_down(77).is_empty());
    }

    #[test]
    fn a_loop_in_the_data_ends_the_walk() {
        let tree = tree(&[(1, 3), (2, 1), (3, 2)]);
        assert_eq!(tree.tool_org_up(1), [3, 2]);
        assert_eq!(tree.tool_org_down(1), [2, 3]);
    }
}
