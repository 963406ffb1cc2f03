//! What a user may be, and who may make him so: nobody gives rights or organizations that he has not, and nobody
//! changes somebody who may do more than he.

use store::table::user::{ENABLED, User};

use super::wire::Details;
use crate::ground::{
    ApiError, Caller, check,
    directory::Directory,
    lock, password,
    permission::{self, SUPER_ROLE},
};

/// An account as it is stored.
pub(super) fn account(text: &str) -> Result<String, ApiError> {
    let text = check::name("account", text, 64)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._@-".contains(c);
    if text.len() < 3 || !text.chars().all(allowed) {
        return Err(ApiError::invalid(
            "account",
            "须为3到64个字母、数字或 . _ @ -",
            "must be 3 to 64 letters, digits or . _ @ -",
        ));
    }
    Ok(text)
}

/// Details as they are stored.
pub(super) fn details(details: &Details) -> Result<Details, ApiError> {
    let mut organization_ids = details.organization_ids.clone();
    organization_ids.sort_unstable();
    organization_ids.dedup();
    if organization_ids.len() > 100 {
        return Err(ApiError::invalid(
            "details.organization_ids",
            "最多100个",
            "at most 100",
        ));
    }
    Ok(Details {
        user_name: check::name("details.user_name", &details.user_name, 64)?,
        role_id: details.role_id,
        phone: check::optional("details.phone", &details.phone, 32)?,
        email: check::optional("details.email", &details.email, 128)?,
        organization_ids,
    })
}

/// The password that was sent, if it is good enough, or one made at random.
pub(super) fn password_or_new(given: Option<String>, account: &str) -> Result<String, ApiError> {
    match given {
        Some(given) => password::check("password", &given, account).map(|()| given),
        None => Ok(password::generate()),
    }
}

/// The role and the organizations must not go while somebody is given them.
pub(super) fn locks(details: &Details) -> Vec<String> {
    let organizations = details.organization_ids.iter();
    let mut locks: Vec<_> = organizations.map(|id| lock("organization", id)).collect();
    locks.push(lock("role", details.role_id));
    locks
}

/// # Errors
/// 422 for a role or an organization that is not there (or not seen), 403 for a role that may do more than the
/// caller.
pub(super) fn may_give(caller: &Caller, directory: &Directory, details: &Details) -> Result<(), ApiError> {
    let role = directory.roles.get(&details.role_id);
    let role = role.ok_or_else(|| ApiError::invalid("details.role_id", "角色不存在", "no such role"))?;
    if !permission::allows_all(caller.permissions(), &role.permissions) {
        return Err(ApiError::forbidden(
            "不能授予自己没有的权限",
            "Nobody gives rights that he has not",
        ));
    }
    let seen = |id: &u64| caller.scope.sees_organization(*id) && directory.organizations.contains_key(id);
    if !details.organization_ids.iter().all(seen) {
        return Err(ApiError::invalid(
            "details.organization_ids",
            "组织不存在",
            "no such organization",
        ));
    }
    // Without an organization one sees nothing, or, as 超管, everything.
    if details.organization_ids.is_empty() && !caller.scope.sees_organization(0) {
        return Err(ApiError::invalid(
            "details.organization_ids",
            "不能为空",
            "must not be empty",
        ));
    }
    Ok(())
}

/// # Errors
/// 404 for a user whom the caller does not see, 403 for one who may do more or belongs elsewhere as well.
pub(crate) fn may_change(caller: &Caller, directory: &Directory, user: &User) -> Result<(), ApiError> {
    let own = directory.organizations_of(user.user_id);
    let sees_all = caller.scope.sees_organization(0);
    if !sees_all && !own.iter().any(|id| caller.scope.sees_organization(*id)) {
        return Err(ApiError::NotFound);
    }
    let above = !permission::allows_all(caller.permissions(), directory.permissions(user.role_id));
    let elsewhere = !own.iter().all(|id| caller.scope.sees_organization(*id));
    if above || elsewhere {
        return Err(ApiError::forbidden(
            "该用户的权限或组织超出自己的范围",
            "The user may do more, or belongs elsewhere as well",
        ));
    }
    Ok(())
}

/// # Errors
/// 409 for an account that somebody has, whatever its case.
pub(super) fn require_free(directory: &Directory, account: &str) -> Result<(), ApiError> {
    if directory
        .accounts
        .keys()
        .any(|known| known.eq_ignore_ascii_case(account))
    {
        return Err(ApiError::conflict("账号已存在", "The account is taken"));
    }
    Ok(())
}

/// # Errors
/// 409 if the user is the last 超管 who can sign in.
pub(super) fn require_another_chief(directory: &Directory, user: &User) -> Result<(), ApiError> {
    let is_chief = |user: &User| user.role_id == SUPER_ROLE && user.state == ENABLED;
    let another = || {
        let mut others = directory
            .users
            .values()
            .filter(|other| other.user_id != user.user_id);
        others.any(is_chief)
    };
    if is_chief(user) && !another() {
        return Err(ApiError::conflict(
            "不能移除最后一个超管",
            "The last 超管 cannot be removed",
        ));
    }
    Ok(())
}

/// # Errors
/// 409 for what nobody should do to himself.
pub(super) fn not_oneself(caller: &Caller, user_id: u64) -> Result<(), ApiError> {
    if caller.user.user_id == user_id {
        return Err(ApiError::conflict("不能对自己操作", "Not to oneself"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_plain() {
        assert_eq!(account(" zhang.san@x ").unwrap(), "zhang.san@x");
        for wrong in ["ab", "张三丰", "a b c", "a'b--", &"a".repeat(65)] {
            assert!(account(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_last_chief_stays() {
        let user = |user_id, role_id, state: &str| User {
            user_id,
            role_id,
            state: state.into(),
            ..User::default()
        };
        let directory = |users: &[User]| Directory::of(users.to_vec(), vec![], vec![], vec![]);
        let (chief, other) = (user(1, SUPER_ROLE, ENABLED), user(2, SUPER_ROLE, ENABLED));
        let asleep = user(3, SUPER_ROLE, "停用");
        assert!(require_another_chief(&directory(&[chief.clone(), asleep.clone()]), &chief).is_err());
        assert!(require_another_chief(&directory(&[chief.clone(), other]), &chief).is_ok());
        assert!(require_another_chief(&directory(&[chief, asleep.clone()]), &asleep).is_ok());
    }
}
