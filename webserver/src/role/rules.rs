//! What a role may be, and who may make it so.

use store::table::role::Role;

use super::wire::Details;
use crate::ground::{
    ApiError, Caller, Text, check,
    directory::Directory,
    permission::{self, SUPER_ROLE},
};

const MOST_PERMISSIONS: usize = 500;

/// Details as they are stored: permissions in order, none twice.
pub(super) fn details(details: &Details) -> Result<Details, ApiError> {
    let mut permissions = details.permissions.clone();
    permissions.sort();
    permissions.dedup();
    if permissions.len() > MOST_PERMISSIONS {
        return Err(ApiError::invalid("details.permissions", "过多", "are too many"));
    }
    if let Some(wrong) = permissions.iter().find(|text| !permission::is_well_formed(text)) {
        let wrong: String = wrong.chars().take(64).collect();
        return Err(ApiError::Invalid {
            field: "details.permissions".into(),
            rule: Text::of(
                format!("“{wrong}”不是 资源:动作"),
                format!("{wrong:?} is not resource:action"),
            ),
        });
    }
    Ok(Details {
        role_name: check::name("details.role_name", &details.role_name, 64)?,
        permissions,
        description: check::optional("details.description", &details.description, 256)?,
    })
}

/// # Errors
/// 403 for permissions that the caller has not.
pub(super) fn may_give(caller: &Caller, permissions: &[String]) -> Result<(), ApiError> {
    if permission::allows_all(caller.permissions(), permissions) {
        return Ok(());
    }
    Err(ApiError::forbidden(
        "不能授予自己没有的权限",
        "Nobody gives rights that he has not",
    ))
}

/// # Errors
/// 409 for 超管, 403 for a role that may do more than the caller, or that somebody has whom he does not see: a role
/// is everybody's who has it.
pub(super) fn may_change(caller: &Caller, directory: &Directory, role: &Role) -> Result<(), ApiError> {
    if role.role_id == SUPER_ROLE {
        return Err(ApiError::conflict("超管角色不可修改", "超管 cannot be changed"));
    }
    may_give(caller, &role.permissions)?;
    let mut holders = directory
        .users
        .values()
        .filter(|user| user.role_id == role.role_id);
    if holders.all(|user| sees(caller, directory.organizations_of(user.user_id))) {
        return Ok(());
    }
    Err(ApiError::forbidden(
        "其他组织的用户也使用该角色",
        "Users of other organizations have this role as well",
    ))
}

fn sees(caller: &Caller, organizations: &[u64]) -> bool {
    let everything = caller.scope.sees_organization(0);
    let all_of_them = organizations.iter().all(|id| caller.scope.sees_organization(*id));
    everything || (all_of_them && !organizations.is_empty())
}

/// # Errors
/// 409 for a name that another role has.
pub(super) fn require_free(directory: &Directory, name: &str, except: u64) -> Result<(), ApiError> {
    let mut others = directory.roles.values().filter(|role| role.role_id != except);
    if others.any(|role| role.role_name == name) {
        return Err(ApiError::conflict(
            "角色名称已存在",
            "There is such a role already",
        ));
    }
    Ok(())
}
