//! A page of users, from memory, where every request needs them anyway. A file is read from the database
//! ([`super::queries`]).

use std::cmp::Ordering;

use store::table::user::User;

use super::wire::{Filter, Person};
use crate::ground::{Scope, Words, directory::Directory};

/// Users who belong to an organization that the caller sees, by the filter.
pub(super) fn filtered<'a>(directory: &'a Directory, filter: &Filter, scope: &Scope) -> Vec<&'a User> {
    let words = Words::of(filter.words.as_deref());
    let meant = |user: &&User| {
        let organizations = directory.organizations_of(user.user_id);
        let seen = *scope == Scope::All || organizations.iter().any(|id| scope.sees_organization(*id));
        let texts = [&user.account, &user.user_name, &user.phone, &user.email];
        seen && filter.role_id.is_none_or(|role_id| role_id == user.role_id)
            && filter
                .organization_id
                .is_none_or(|id| organizations.contains(&id))
            && filter.state.as_deref().is_none_or(|state| state == user.state)
            && words.are_in(&texts.map(String::as_str))
    };
    directory.users.values().filter(meant).collect()
}

/// By one of the fields of [`Person::SORT`](crate::ground::Listed::SORT), or as usual.
pub(super) fn order(field: Option<&str>, a: &&User, b: &&User) -> Ordering {
    match field {
        None => (&a.account, a.user_id).cmp(&(&b.account, b.user_id)),
        Some("account") => a.account.cmp(&b.account),
        Some("user_name") => a.user_name.cmp(&b.user_name),
        Some("role_id") => a.role_id.cmp(&b.role_id),
        Some("state") => a.state.cmp(&b.state),
        Some("timestamp") => a.timestamp.cmp(&b.timestamp),
        Some(_) => a.user_id.cmp(&b.user_id),
    }
}

/// A user as others see him.
pub(super) fn shown(directory: &Directory, user: &User) -> Person {
    let role = directory.roles.get(&user.role_id);
    Person {
        user_id: user.user_id,
        account: user.account.clone(),
        user_name: user.user_name.clone(),
        role_id: user.role_id,
        role_name: role.map_or_else(String::new, |role| role.role_name.clone()),
        phone: user.phone.clone(),
        email: user.email.clone(),
        state: user.state.clone(),
        organization_ids: directory.organizations_of(user.user_id).to_vec(),
        password_time: user.password_time,
        timestamp: user.timestamp,
    }
}
