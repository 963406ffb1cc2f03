//! `station`: places with piles.

mod import;
mod monitor;
mod overview;
mod queries;
mod rules;
mod wire;

use std::collections::BTreeSet;

use axum::{extract::State, response::Response};
use store::table::{organization_station::OrganizationStation, station::Station};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ground::{
    Answer, ApiError, Body, Caller, Envelope, Ground, List, Page, Paging, Scope, lock, require_version,
};
use wire::{DeletedStation, EditedStation, Filter, NewStation, StationRow};

pub(crate) use queries::by_id;

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(add))
        .routes(routes!(edit))
        .routes(routes!(delete))
        .routes(routes!(import::import))
        .routes(routes!(overview::overview))
        .routes(routes!(monitor::monitor))
        .routes(routes!(monitor::monitor_stream))
}

/// 场站列表 List the stations
#[utoipa::path(get, path = "/station/list", tag = "station", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<StationRow>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let conditions = queries::filtered(&caller, &list.filter);
    list.answer::<StationRow>(&ground, &conditions).await
}

/// To which organizations a new station is given: as in a distribution, one and all above it.
fn new_owners(caller: &Caller, organization_id: Option<u64>) -> Result<BTreeSet<u64>, ApiError> {
    let first = match (organization_id, &caller.scope) {
        (Some(0), _) => return Err(ApiError::NotFound),
        (Some(id), scope) => {
            scope.require_organization(id)?;
            if !caller.directory.organizations.contains_key(&id) {
                return Err(ApiError::NotFound);
            }
            vec![id]
        }
        (None, Scope::All) => Vec::new(),
        (None, Scope::Within { own, .. }) if own.is_empty() => {
            return Err(ApiError::forbidden(
                "不属于任何组织",
                "Belongs to no organization",
            ));
        }
        (None, Scope::Within { own, .. }) => own.to_vec(),
    };
    let above = first.iter().flat_map(|id| caller.directory.tool_org_up(*id));
    Ok(above.chain(first.iter().copied()).collect())
}

/// 新增场站 Add a station
#[utoipa::path(post, path = "/station/add", tag = "station", request_body = NewStation,
    responses((status = 200, body = Envelope<StationRow>)))]
async fn add(
    State(ground): State<Ground>,
    caller: Caller,
    Body(new): Body<NewStation>,
) -> Result<Answer<StationRow>, ApiError> {
    let station = rules::with(Station::default(), &new.fields())?;
    let owners = new_owners(&caller, new.organization_id)?;
    let locks = [
        lock("station.name", &station.sta_name),
        lock("organization", "tree"),
    ];
    let mut change = ground.change(&caller, locks).await?;
    queries::require_free(&ground, &station.sta_name, 0).await?;
    let sta_id = ground.new_id().await?;
    let station = change.put(None, Station { sta_id, ..station });
    for organization_id in owners {
        let given = OrganizationStation {
            organization_id,
            sta_id,
            ..OrganizationStation::default()
        };
        change.put(None, given);
    }
    change.commit().await?;
    Ok(Answer(station.into()))
}

/// 修改场站, 未给出的字段不变 Edit a station; what is left out stays
#[utoipa::path(post, path = "/station/edit", tag = "station", request_body = EditedStation,
    responses((status = 200, body = Envelope<StationRow>)))]
async fn edit(
    State(ground): State<Ground>,
    caller: Caller,
    Body(edited): Body<EditedStation>,
) -> Result<Answer<StationRow>, ApiError> {
    let fields = edited.fields();
    let mut locks = vec![lock("station", edited.sta_id)];
    if let Some(name) = &fields.sta_name {
        locks.push(lock("station.name", name.trim()));
    }
    let mut change = ground.change(&caller, locks).await?;
    let before = by_id(&ground, &caller.scope, edited.sta_id).await?;
    require_version(&before, edited.timestamp)?;
    let after = rules::with(before.clone(), &fields)?;
    if after.sta_name != before.sta_name {
        queries::require_free(&ground, &after.sta_name, edited.sta_id).await?;
    }
    let row = change.put(Some(&before), after);
    change.commit().await?;
    Ok(Answer(row.into()))
}

/// 删除场站, 仍有资产时不可删除 Delete a station that has no assets
#[utoipa::path(post, path = "/station/delete", tag = "station", request_body = DeletedStation,
    responses((status = 200, body = Envelope<u8>)))]
async fn delete(
    State(ground): State<Ground>,
    caller: Caller,
    Body(deleted): Body<DeletedStation>,
) -> Result<Answer<u8>, ApiError> {
    let locks = [lock("station", deleted.sta_id), lock("organization", "tree")];
    let mut change = ground.change(&caller, locks).await?;
    let before = by_id(&ground, &caller.scope, deleted.sta_id).await?;
    require_version(&before, deleted.timestamp)?;
    queries::require_empty(&ground, deleted.sta_id).await?;
    for given in queries::given_to(&ground, deleted.sta_id).await? {
        change.delete(&given);
    }
    change.delete(&before);
    change.commit().await?;
    Ok(Answer(0))
}
