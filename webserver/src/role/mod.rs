//! `role`: editable sets of permissions.

mod rules;
mod wire;

use std::collections::BTreeSet;

use axum::{extract::State, response::Response};
use store::{Conditions, table::role::Role};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wire::{Edit, Filter, NewRole, Shown, Which};
use crate::ground::{
    Answer, ApiError, Body, Caller, Envelope, Ground, List, Page, Paging,
    access_table::{ACCESS, BEYOND_ROUTES, Need},
    lock, require_version,
};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(permissions))
        .routes(routes!(add))
        .routes(routes!(edit))
        .routes(routes!(delete))
}

/// 角色列表 List the roles
#[utoipa::path(get, path = "/role/list", tag = "role", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<Shown>>)))]
async fn list(State(ground): State<Ground>, list: List<Filter>) -> Result<Response, ApiError> {
    let conditions = Conditions::new().and("flag_del = 0", []).and_words(
        "positionCaseInsensitiveUTF8(role_name, ?) > 0",
        list.filter.role_name.as_deref(),
    );
    list.answer::<Shown>(&ground, &conditions).await
}

/// 全部权限 Every permission that there is
#[utoipa::path(get, path = "/role/permissions", tag = "role",
    responses((status = 200, body = Envelope<Vec<String>>)))]
async fn permissions() -> Answer<BTreeSet<&'static str>> {
    let needed = ACCESS.iter().filter_map(|line| match line.need {
        Need::Permission(permission) => Some(permission),
        _ => None,
    });
    Answer(needed.chain(BEYOND_ROUTES.iter().copied()).collect())
}

/// 新增角色 Add a role
#[utoipa::path(post, path = "/role/add", tag = "role", request_body = NewRole,
    responses((status = 200, body = Envelope<Shown>)))]
async fn add(
    State(ground): State<Ground>,
    caller: Caller,
    Body(new): Body<NewRole>,
) -> Result<Answer<Shown>, ApiError> {
    let details = rules::details(&new.details)?;
    rules::may_give(&caller, &details.permissions)?;
    let mut change = ground
        .change(&caller, [lock("role.name", &details.role_name)])
        .await?;
    let directory = ground.directory().await?;
    rules::require_free(&directory, &details.role_name, 0)?;
    let role = Role {
        role_id: ground.new_id().await?,
        ..Role::default()
    };
    let role = change.put(None, details.applied_to(role));
    change.commit().await?;
    Ok(Answer(role.into()))
}

/// 修改角色, 立即生效 Edit a role; it counts at once
#[utoipa::path(post, path = "/role/edit", tag = "role", request_body = Edit,
    responses((status = 200, body = Envelope<Shown>)))]
async fn edit(
    State(ground): State<Ground>,
    caller: Caller,
    Body(edit): Body<Edit>,
) -> Result<Answer<Shown>, ApiError> {
    let details = rules::details(&edit.details)?;
    rules::may_give(&caller, &details.permissions)?;
    let locks = [lock("role", edit.role_id), lock("role.name", &details.role_name)];
    let mut change = ground.change(&caller, locks).await?;
    let directory = ground.directory().await?;
    let before = directory.roles.get(&edit.role_id).ok_or(ApiError::NotFound)?;
    rules::may_change(&caller, &directory, before)?;
    require_version(before, edit.timestamp)?;
    rules::require_free(&directory, &details.role_name, edit.role_id)?;
    let role = change.put(Some(before), details.applied_to(before.clone()));
    change.commit().await?;
    Ok(Answer(role.into()))
}

/// 删除角色, 仍有用户时不可删除 Delete a role that no user has
#[utoipa::path(post, path = "/role/delete", tag = "role", request_body = Which,
    responses((status = 200, body = Envelope<u8>)))]
async fn delete(
    State(ground): State<Ground>,
    caller: Caller,
    Body(which): Body<Which>,
) -> Result<Answer<u8>, ApiError> {
    let mut change = ground.change(&caller, [lock("role", which.role_id)]).await?;
    let directory = ground.directory().await?;
    let before = directory.roles.get(&which.role_id).ok_or(ApiError::NotFound)?;
    rules::may_change(&caller, &directory, before)?;
    require_version(before, which.timestamp)?;
    if directory.users.values().any(|user| user.role_id == which.role_id) {
        return Err(ApiError::conflict(
            "仍有用户使用该角色",
            "There are users with this role",
        ));
    }
    change.delete(before);
    change.commit().await?;
    Ok(Answer(0))
}
