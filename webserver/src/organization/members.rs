//! `organization_user`: who belongs to an organization.

use axum::{extract::State, response::Response};
use store::{Versioned as _, table::organization_user::OrganizationUser};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    queries, seen,
    wire::{OrganizationUserList, SelectOrganizationUser, UserFilter},
};
use crate::{
    ground::{Answer, ApiError, Body, Caller, Envelope, Ground, List, Page, Paging, lock},
    user,
};

pub(super) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(add))
        .routes(routes!(delete))
}

/// 组织的用户 List the members of organizations
#[utoipa::path(get, path = "/organization/user/list", tag = "organization", params(Paging, UserFilter),
    responses((status = 200, body = Envelope<Page<OrganizationUserList>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<UserFilter>,
) -> Result<Response, ApiError> {
    let conditions = queries::members(&list.filter, &caller.scope);
    list.answer::<OrganizationUserList>(&ground, &conditions).await
}

/// 用户加入组织 Make a user a member
#[utoipa::path(post, path = "/organization/user/add", tag = "organization",
    request_body = SelectOrganizationUser, responses((status = 200, body = Envelope<u8>)))]
async fn add(
    State(ground): State<Ground>,
    caller: Caller,
    Body(select): Body<SelectOrganizationUser>,
) -> Result<Answer<u8>, ApiError> {
    put(&ground, &caller, &select, false).await
}

/// 用户退出组织 End a membership
#[utoipa::path(post, path = "/organization/user/delete", tag = "organization",
    request_body = SelectOrganizationUser, responses((status = 200, body = Envelope<u8>)))]
async fn delete(
    State(ground): State<Ground>,
    caller: Caller,
    Body(select): Body<SelectOrganizationUser>,
) -> Result<Answer<u8>, ApiError> {
    if select.user_id == caller.user.user_id {
        return Err(ApiError::conflict("不能对自己操作", "Not to oneself"));
    }
    put(&ground, &caller, &select, true).await
}

/// Twice the same is once.
async fn put(
    ground: &Ground,
    caller: &Caller,
    select: &SelectOrganizationUser,
    deleted: bool,
) -> Result<Answer<u8>, ApiError> {
    let locks = [
        lock("organization", select.organization_id),
        lock("user", select.user_id),
    ];
    let mut change = ground.change(caller, locks).await?;
    let directory = ground.directory().await?;
    seen(caller, &directory, select.organization_id)?;
    let user = directory.users.get(&select.user_id).ok_or(ApiError::NotFound)?;
    user::may_change(caller, &directory, user)?;
    let before = queries::membership(ground, select.organization_id, select.user_id).await?;
    if before.is_none() && deleted {
        return Ok(Answer(0));
    }
    let mut after = before.clone().unwrap_or(OrganizationUser {
        organization_id: select.organization_id,
        user_id: select.user_id,
        ..OrganizationUser::default()
    });
    after.set_deleted(deleted);
    change.put(before.as_ref(), after);
    change.commit().await?;
    Ok(Answer(0))
}
