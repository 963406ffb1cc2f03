//! `asset`: piles as owned equipment.

mod count;
mod detail;
mod import;
mod queries;
mod rules;
mod wire;

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use protocol::Uuid;
use store::{DeviceState, table::asset::AssetVersion};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ground::{
        Answer, ApiError, Body, Caller, Envelope, Ground, List, Page, Paging, Scope,
        live::{self, PileState},
        lock, require_version,
    },
    station,
};
use wire::{AssetItem, AssetRow, BARE, DeletedAsset, EditedAsset, Filter, NewAsset};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(count::count))
        .routes(routes!(detail::detail))
        .routes(routes!(add))
        .routes(routes!(edit))
        .routes(routes!(delete))
        .routes(routes!(import::import))
        .routes(routes!(import::progress))
}

/// 资产列表 List the assets
#[utoipa::path(get, path = "/asset/list", tag = "asset", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<AssetItem>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    if list.is_export() {
        let conditions = queries::filtered(&ground, &caller.scope, &list.filter).await?;
        return list.answer::<AssetRow>(&ground, &conditions).await;
    }
    let mut page = match list.filter.picks(list.sort()) {
        Some(wanted) => queries::picked(&ground, &caller.scope, wanted, list.rows()?).await?,
        None => {
            let conditions = queries::filtered(&ground, &caller.scope, &list.filter).await?;
            list.page::<AssetRow>(&ground, BARE, &conditions).await?
        }
    };
    queries::name_stations(&ground, &mut page.items).await?;
    let uuids = page
        .items
        .iter()
        .filter_map(|asset| Uuid::parse(&asset.name).ok());
    let states = ground.states(uuids).await?;
    let items = page.items.into_iter().map(|asset| {
        let text = Uuid::parse(&asset.name).ok().and_then(|uuid| states.get(&uuid));
        let state: Option<DeviceState<'_>> = text.and_then(|text| serde_json::from_str(text).ok());
        AssetItem {
            state: state.as_ref().map_or(PileState::Unknown, live::pile_word),
            last_seen: state.map_or(0, |state| state.last_seen),
            asset,
        }
    });
    let items = items.collect();
    Ok(Answer(Page {
        total: page.total,
        items,
    })
    .into_response())
}

/// What `asset` says of others is so, under the locks of [`locks`].
async fn require_sound(
    ground: &Ground,
    scope: &Scope,
    before: Option<&AssetVersion>,
    asset: &AssetVersion,
) -> Result<(), ApiError> {
    let was = |part: fn(&AssetVersion) -> &str| before.is_some_and(|before| part(before) == part(asset));
    if !asset.name.is_empty() && !was(|asset| &asset.name) {
        queries::require_free(ground, &asset.name, asset.device_id).await?;
    }
    if !was(|asset| &asset.model) {
        queries::require_model(ground, &asset.model).await?;
    }
    if before.is_some_and(|before| before.sta_id == asset.sta_id) {
        return Ok(());
    }
    let nowhere = || ApiError::invalid("sta_id", "场站不存在", "is no station");
    if asset.sta_id == 0 {
        // Piles without a station are seen by those who see all; others would lose theirs from sight.
        return if *scope == Scope::All {
            Ok(())
        } else {
            Err(nowhere())
        };
    }
    match station::by_id(ground, scope, asset.sta_id).await {
        Err(ApiError::NotFound) => Err(nowhere()),
        other => other.map(|_| ()),
    }
}

/// What must not change meanwhile: the uuid's owner, and that the station is there.
fn locks(uuid: Option<&str>, sta_id: Option<u64>) -> impl Iterator<Item = String> {
    let uuid = uuid.map(str::trim).filter(|uuid| !uuid.is_empty());
    let uuid = uuid.map(|uuid| lock("asset.name", uuid));
    let station = sta_id.filter(|id| *id != 0).map(|id| lock("station", id));
    uuid.into_iter().chain(station)
}

/// 新增资产 Add an asset
#[utoipa::path(post, path = "/asset/add", tag = "asset", request_body = NewAsset,
    responses((status = 200, body = Envelope<AssetRow>)))]
async fn add(
    State(ground): State<Ground>,
    caller: Caller,
    Body(new): Body<NewAsset>,
) -> Result<Answer<AssetRow>, ApiError> {
    let asset = rules::new(&new.fields())?;
    let mut change = ground
        .change(&caller, locks(Some(&asset.name), Some(asset.sta_id)))
        .await?;
    require_sound(&ground, &caller.scope, None, &asset).await?;
    let device_id = ground.new_id().await?;
    change.put(None, AssetVersion { device_id, ..asset });
    change.commit().await?;
    Ok(Answer(queries::shown(&ground, &caller.scope, device_id).await?))
}

/// 修改资产, 未给出的字段不变 Edit an asset; what is left out stays
#[utoipa::path(post, path = "/asset/edit", tag = "asset", request_body = EditedAsset,
    responses((status = 200, body = Envelope<AssetRow>)))]
async fn edit(
    State(ground): State<Ground>,
    caller: Caller,
    Body(edited): Body<EditedAsset>,
) -> Result<Answer<AssetRow>, ApiError> {
    let (fields, device_id) = (edited.fields(), edited.device_id);
    let own = lock("asset", device_id);
    let locks = locks(fields.name.as_deref(), fields.sta_id).chain([own]);
    let mut change = ground.change(&caller, locks).await?;
    let before = queries::by_id(&ground, &caller.scope, device_id).await?;
    require_version(&before, edited.timestamp)?;
    let after = rules::with(before.clone(), &fields)?;
    require_sound(&ground, &caller.scope, Some(&before), &after).await?;
    change.put(Some(&before), after);
    change.commit().await?;
    Ok(Answer(queries::shown(&ground, &caller.scope, device_id).await?))
}

/// 删除资产 Delete an asset
#[utoipa::path(post, path = "/asset/delete", tag = "asset", request_body = DeletedAsset,
    responses((status = 200, body = Envelope<u8>)))]
async fn delete(
    State(ground): State<Ground>,
    caller: Caller,
    Body(deleted): Body<DeletedAsset>,
) -> Result<Answer<u8>, ApiError> {
    let mut change = ground.change(&caller, [lock("asset", deleted.device_id)]).await?;
    let before = queries::by_id(&ground, &caller.scope, deleted.device_id).await?;
    require_version(&before, deleted.timestamp)?;
    change.delete(&before);
    change.commit().await?;
    Ok(Answer(0))
}
