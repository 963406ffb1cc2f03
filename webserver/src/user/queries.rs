//! What is asked of the database about users.

use store::{Conditions, Versioned as _, table::organization_user::OrganizationUser, versioned};

use super::wire::Filter;
use crate::ground::{ApiError, Change, Ground, Scope};

/// Users who belong to an organization that the caller sees, by the filter.
pub(super) fn filtered(filter: &Filter, scope: &Scope) -> Conditions {
    let conditions = Conditions::new()
        .and_words(
            "positionCaseInsensitiveUTF8(account, ?) > 0 OR positionCaseInsensitiveUTF8(user_name, ?) > 0 \
             OR positionCaseInsensitiveUTF8(phone, ?) > 0 OR positionCaseInsensitiveUTF8(email, ?) > 0",
            filter.words.as_deref(),
        )
        .and_if("role_id = ?", filter.role_id)
        .and_if("has(organization_ids, ?)", filter.organization_id)
        .and_if("state = ?", filter.state.as_deref());
    scope.organizations(conditions, "hasAny(organization_ids, ?)")
}

/// Makes the user a member of exactly these organizations.
pub(super) async fn put_memberships(
    ground: &Ground,
    change: &mut Change,
    user_id: u64,
    wanted: &[u64],
) -> Result<(), ApiError> {
    let of_user = Conditions::new().and("user_id = ?", [user_id.into()]);
    let had: Vec<OrganizationUser> = versioned::newest(&ground.db, &of_user).await?;
    for before in &had {
        let mut after = before.clone();
        after.set_deleted(!wanted.contains(&before.organization_id));
        change.put(Some(before), after);
    }
    for organization_id in wanted {
        if !had.iter().any(|had| had.organization_id == *organization_id) {
            let new = OrganizationUser {
                organization_id: *organization_id,
                user_id,
                ..OrganizationUser::default()
            };
            change.put(None, new);
        }
    }
    Ok(())
}
