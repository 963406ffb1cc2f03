//! `organization`: the tree of those who work with the platform, who belongs to them, what they may see.
//!
//! Whoever changes the tree or what it holds has the lock `organization:tree`, so that a station which an
//! organization has is always one that the organization above has as well.

mod distribution;
mod known;
mod members;
mod queries;
mod rules;
mod stations;
mod wire;

use axum::extract::State;
use store::table::organization::Organization;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wire::{Edit, Move, NewOrganization, Node, Shown, Which};
use crate::ground::{
    Answer, ApiError, Body, Caller, Change, Envelope, Ground, directory::Directory, lock, places::Stations,
    require_version,
};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(tree))
        .routes(routes!(add))
        .routes(routes!(edit))
        .routes(routes!(relocate))
        .routes(routes!(delete))
        .merge(members::routes())
        .merge(stations::routes())
}

/// 组织树, 限自己的组织及下级 The tree: one's own organizations and those below
#[utoipa::path(get, path = "/organization/tree", tag = "organization",
    responses((status = 200, body = Envelope<Vec<Node>>)))]
async fn tree(State(ground): State<Ground>, caller: Caller) -> Result<Answer<Vec<Node>>, ApiError> {
    let count = |stations: Stations<'_>| known::counts(&caller, &stations);
    let stations = ground.with_stations(count).await?;
    Ok(Answer(rules::tree(&caller.directory, &caller.scope, &stations)))
}

/// A change of the tree, and the tree as it is under the lock.
async fn begin(ground: &Ground, caller: &Caller, more: &[String]) -> Result<(Change, Directory), ApiError> {
    let mut locks = more.to_vec();
    locks.push(lock("organization", "tree"));
    let change = ground.change(caller, locks).await?;
    // Not what is kept in memory: a server that died between its rows and their sign would be missed.
    Ok((change, Directory::read(&ground.db).await?))
}

/// An organization that the caller sees.
fn seen<'a>(
    caller: &Caller,
    directory: &'a Directory,
    organization_id: u64,
) -> Result<&'a Organization, ApiError> {
    caller.scope.require_organization(organization_id)?;
    directory
        .organizations
        .get(&organization_id)
        .ok_or(ApiError::NotFound)
}

/// 新增组织 Add an organization
#[utoipa::path(post, path = "/organization/add", tag = "organization", request_body = NewOrganization,
    responses((status = 200, body = Envelope<Shown>)))]
async fn add(
    State(ground): State<Ground>,
    caller: Caller,
    Body(new): Body<NewOrganization>,
) -> Result<Answer<Shown>, ApiError> {
    let details = rules::details(&new.details)?;
    let (mut change, directory) = begin(&ground, &caller, &[]).await?;
    rules::may_be_under(&caller.scope, &directory, new.parent_id)?;
    rules::require_free(&directory, new.parent_id, &details.organization_name, 0)?;
    let organization = Organization {
        organization_id: ground.new_id().await?,
        parent_id: new.parent_id,
        ..Organization::default()
    };
    let organization = change.put(None, details.applied_to(organization));
    change.commit().await?;
    Ok(Answer(organization.into()))
}

/// 修改组织 Edit an organization
#[utoipa::path(post, path = "/organization/edit", tag = "organization", request_body = Edit,
    responses((status = 200, body = Envelope<Shown>)))]
async fn edit(
    State(ground): State<Ground>,
    caller: Caller,
    Body(edit): Body<Edit>,
) -> Result<Answer<Shown>, ApiError> {
    let details = rules::details(&edit.details)?;
    let (mut change, directory) = begin(&ground, &caller, &[]).await?;
    let before = seen(&caller, &directory, edit.organization_id)?;
    require_version(before, edit.timestamp)?;
    rules::require_free(
        &directory,
        before.parent_id,
        &details.organization_name,
        edit.organization_id,
    )?;
    let after = change.put(Some(before), details.applied_to(before.clone()));
    change.commit().await?;
    Ok(Answer(after.into()))
}

/// 移动组织到另一上级之下; 其场站随之加入新的各级上级 Move an organization; those newly above get its stations
#[utoipa::path(post, path = "/organization/move", tag = "organization", request_body = Move,
    responses((status = 200, body = Envelope<Shown>)))]
async fn relocate(
    State(ground): State<Ground>,
    caller: Caller,
    Body(wanted): Body<Move>,
) -> Result<Answer<Shown>, ApiError> {
    let (mut change, directory) = begin(&ground, &caller, &[]).await?;
    let before = seen(&caller, &directory, wanted.organization_id)?;
    require_version(before, wanted.timestamp)?;
    rules::may_be_under(&caller.scope, &directory, wanted.parent_id)?;
    rules::require_no_loop(&directory, wanted.organization_id, wanted.parent_id)?;
    rules::require_free(
        &directory,
        wanted.parent_id,
        &before.organization_name,
        wanted.organization_id,
    )?;
    let after = Organization {
        parent_id: wanted.parent_id,
        ..before.clone()
    };
    let after = change.put(Some(before), after);
    distribution::follow(
        &ground,
        &mut change,
        &directory,
        wanted.organization_id,
        wanted.parent_id,
    )
    .await?;
    change.commit().await?;
    Ok(Answer(after.into()))
}

/// 删除组织, 须无下级、用户和场站 Delete an organization without others below, users and stations
#[utoipa::path(post, path = "/organization/delete", tag = "organization", request_body = Which,
    responses((status = 200, body = Envelope<u8>)))]
async fn delete(
    State(ground): State<Ground>,
    caller: Caller,
    Body(which): Body<Which>,
) -> Result<Answer<u8>, ApiError> {
    // Who gives a user this organization has its lock.
    let own = lock("organization", which.organization_id);
    let (mut change, directory) = begin(&ground, &caller, &[own]).await?;
    let before = seen(&caller, &directory, which.organization_id)?;
    require_version(before, which.timestamp)?;
    rules::require_empty(&directory, which.organization_id)?;
    queries::require_no_stations(&ground, which.organization_id).await?;
    change.delete(before);
    change.commit().await?;
    Ok(Answer(0))
}
