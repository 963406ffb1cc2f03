//! Campaigns: drafts are made and changed here; from its start on the connector alone writes a campaign's row, and is
//! asked by events.

mod plan;
mod progress;
mod queries;
mod report;
mod rules;
mod wire;

use std::collections::{HashMap, HashSet};

use axum::{extract::State, response::Response};
use store::{
    ota::{CampaignState, Request},
    selection::Chosen,
    table::{
        firmware_package::FirmwarePackage, ota_campaign::OtaCampaign, ota_campaign_event::OtaCampaignEvent,
        ota_campaign_pile::OtaCampaignPile,
    },
    versioned::now,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    report::CampaignReport,
    wire::{
        AskedCampaign, CampaignDetail, CampaignEvent, CampaignFigure, CampaignItem, CampaignPile,
        CampaignRequested, DeletedCampaign, EditedCampaign, EventFilter, FigureFilter, Filter, NewCampaign,
        PileFilter, Which,
    },
};
use super::firmware;
use crate::ground::{
    Answer, ApiError, Body, Caller, Change, Envelope, Ground, List, Page, Paging, Params, check, lock,
    require_version, selection::owner, wake::Wake,
};

pub(super) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(detail))
        .routes(routes!(piles))
        .routes(routes!(events))
        .routes(routes!(figures))
        .routes(routes!(reported))
        .routes(routes!(add))
        .routes(routes!(edit))
        .routes(routes!(delete))
        .routes(routes!(start))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(abort))
        .routes(routes!(rollback))
}

/// 升级活动列表 List the campaigns
#[utoipa::path(get, path = "/ota/campaign/list", tag = "ota", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<CampaignItem>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let conditions = list.filter.conditions(&caller.scope);
    list.answer::<CampaignItem>(&ground, &conditions).await
}

/// 升级活动详情: 计划、进度、熔断依据 A campaign with its plan, its progress and the figures behind a halt
#[utoipa::path(get, path = "/ota/campaign/detail", tag = "ota", params(Which),
    responses((status = 200, body = Envelope<CampaignDetail>)))]
async fn detail(
    State(ground): State<Ground>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Answer<CampaignDetail>, ApiError> {
    let campaign = queries::by_id(&ground, &caller.scope, which.campaign_id).await?;
    shown(&ground, &campaign).await
}

async fn shown(ground: &Ground, campaign: &OtaCampaign) -> Result<Answer<CampaignDetail>, ApiError> {
    let by_stage = queries::progress(ground, campaign.campaign_id).await?;
    Ok(Answer(CampaignDetail::of(campaign, by_stage)))
}

/// 活动中各桩的状态 Each pile of a campaign
#[utoipa::path(get, path = "/ota/campaign/piles", tag = "ota", params(Paging, PileFilter),
    responses((status = 200, body = Envelope<Page<CampaignPile>>)))]
async fn piles(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<PileFilter>,
) -> Result<Response, ApiError> {
    queries::by_id(&ground, &caller.scope, list.filter.campaign_id).await?;
    let conditions = list.filter.conditions(&caller.scope);
    list.answer::<CampaignPile>(&ground, &conditions).await
}

/// 活动的事件: 谁请求了什么, 决定了什么 What was asked of a campaign, and what was decided
#[utoipa::path(get, path = "/ota/campaign/events", tag = "ota", params(Paging, EventFilter),
    responses((status = 200, body = Envelope<Page<CampaignEvent>>)))]
async fn events(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<EventFilter>,
) -> Result<Response, ApiError> {
    queries::by_id(&ground, &caller.scope, list.filter.campaign_id).await?;
    list.answer::<CampaignEvent>(&ground, &list.filter.conditions())
        .await
}

/// 安全检验的数据 Each look of a campaign's safety rail
#[utoipa::path(get, path = "/ota/campaign/figures", tag = "ota", params(Paging, FigureFilter),
    responses((status = 200, body = Envelope<Page<CampaignFigure>>)))]
async fn figures(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<FigureFilter>,
) -> Result<Response, ApiError> {
    queries::by_id(&ground, &caller.scope, list.filter.campaign_id).await?;
    list.answer::<CampaignFigure>(&ground, &list.filter.conditions())
        .await
}

/// 活动报告 The report of a campaign
#[utoipa::path(get, path = "/ota/campaign/report", tag = "ota", params(Which),
    responses((status = 200, body = Envelope<CampaignReport>)))]
async fn reported(
    State(ground): State<Ground>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Answer<CampaignReport>, ApiError> {
    let campaign = queries::by_id(&ground, &caller.scope, which.campaign_id).await?;
    let report = queries::reported(&ground, &campaign).await?;
    Ok(Answer(report.into()))
}

/// The package to go back to, if there is to be one.
async fn way_back(
    ground: &Ground,
    package: &FirmwarePackage,
    rollback_package_id: u64,
) -> Result<Option<FirmwarePackage>, ApiError> {
    if rollback_package_id == 0 {
        return Ok(None);
    }
    let back = firmware::by_id(ground, rollback_package_id).await?;
    rules::require_way_back(package, &back)?;
    Ok(Some(back))
}

/// Puts exactly these piles into a draft.
fn put_piles(
    change: &mut Change,
    campaign_id: u64,
    had: Vec<OtaCampaignPile>,
    chosen: &[Chosen],
    versions: &HashMap<u64, String>,
) {
    let wanted: HashSet<u64> = chosen.iter().map(|pile| pile.device_id).collect();
    let mut had: HashMap<u64, OtaCampaignPile> = had.into_iter().map(|pile| (pile.device_id, pile)).collect();
    for pile in chosen {
        let row = OtaCampaignPile {
            sta_id: pile.sta_id,
            model: pile.model.clone(),
            from_version: versions.get(&pile.device_id).cloned().unwrap_or_default(),
            ..OtaCampaignPile::chosen(campaign_id, pile.device_id, pile.uuid.clone())
        };
        change.put_silently(had.remove(&pile.device_id).as_ref(), row);
    }
    for pile in had.into_values().filter(|pile| !wanted.contains(&pile.device_id)) {
        let gone = OtaCampaignPile {
            flag_del: 1,
            ..pile.clone()
        };
        change.put_silently(Some(&pile), gone);
    }
}

/// 新建升级活动(草稿), 桩按现在的资产选定 Make a campaign, as a draft; its piles are chosen now
#[utoipa::path(post, path = "/ota/campaign/add", tag = "ota", request_body = NewCampaign,
    responses((status = 200, body = Envelope<CampaignDetail>)))]
async fn add(
    State(ground): State<Ground>,
    caller: Caller,
    Body(new): Body<NewCampaign>,
) -> Result<Answer<CampaignDetail>, ApiError> {
    let name = check::name("name", &new.name, 64)?;
    let plan = new.plan.unwrap_or_default().plan()?;
    let organization_id = owner(&caller, new.organization_id)?;
    let locks = [Some(new.package_id), new.rollback_package_id];
    let locks = locks.into_iter().flatten().map(|id| lock("firmware_package", id));
    let mut change = ground.change(&caller, locks).await?;
    let package = firmware::by_id(&ground, new.package_id).await?;
    rules::require_program("package_id", &package)?;
    let back = way_back(&ground, &package, new.rollback_package_id.unwrap_or_default()).await?;
    let piles = new
        .selection
        .piles(&ground, &caller.scope, rules::MOST_PILES)
        .await?;
    rules::require_model(&package, &piles)?;
    let versions = queries::versions(&ground, &piles).await?;
    let campaign_id = ground.new_id().await?;
    put_piles(&mut change, campaign_id, Vec::new(), &piles, &versions);
    let campaign = OtaCampaign {
        campaign_id,
        name,
        organization_id,
        package_id: package.package_id,
        version: package.version,
        rollback_package_id: back.as_ref().map_or(0, |back| back.package_id),
        rollback_version: back.map(|back| back.version).unwrap_or_default(),
        plan: plan.to_json(),
        state: CampaignState::Draft.as_str().to_owned(),
        total: u32::try_from(piles.len()).unwrap_or(u32::MAX),
        created_by: caller.user.account.clone(),
        created_time: now(),
        ..OtaCampaign::default()
    };
    let campaign = change.put(None, campaign);
    change.commit().await?;
    shown(&ground, &campaign).await
}

/// 修改草稿, 未给出的不变 Edit a draft; what is left out stays
#[utoipa::path(post, path = "/ota/campaign/edit", tag = "ota", request_body = EditedCampaign,
    responses((status = 200, body = Envelope<CampaignDetail>)))]
async fn edit(
    State(ground): State<Ground>,
    caller: Caller,
    Body(edited): Body<EditedCampaign>,
) -> Result<Answer<CampaignDetail>, ApiError> {
    let own = lock("ota_campaign", edited.campaign_id);
    let packages = [edited.package_id, edited.rollback_package_id];
    let packages = packages
        .into_iter()
        .flatten()
        .map(|id| lock("firmware_package", id));
    let mut change = ground.change(&caller, packages.chain([own])).await?;
    let before = queries::by_id(&ground, &caller.scope, edited.campaign_id).await?;
    require_version(&before, edited.timestamp)?;
    rules::require_draft(&before)?;
    let mut after = before.clone();
    if let Some(name) = &edited.name {
        after.name = check::name("name", name, 64)?;
    }
    if let Some(plan) = &edited.plan {
        after.plan = plan.plan()?.to_json();
    }
    let package_id = edited.package_id.unwrap_or(before.package_id);
    let package = firmware::by_id(&ground, package_id).await?;
    rules::require_program("package_id", &package)?;
    let back = edited.rollback_package_id.unwrap_or(before.rollback_package_id);
    let back = way_back(&ground, &package, back).await?;
    after.package_id = package.package_id;
    after.version = package.version.clone();
    after.rollback_package_id = back.as_ref().map_or(0, |back| back.package_id);
    after.rollback_version = back.map(|back| back.version).unwrap_or_default();
    let had = queries::piles(&ground, edited.campaign_id).await?;
    let piles = match &edited.selection {
        Some(selection) => selection.piles(&ground, &caller.scope, rules::MOST_PILES).await?,
        None => had.iter().filter(|pile| pile.flag_del == 0).map(chosen).collect(),
    };
    rules::require_model(&package, &piles)?;
    if edited.selection.is_some() {
        let versions = queries::versions(&ground, &piles).await?;
        put_piles(&mut change, edited.campaign_id, had, &piles, &versions);
        after.total = u32::try_from(piles.len()).unwrap_or(u32::MAX);
    }
    let campaign = change.put(Some(&before), after);
    change.commit().await?;
    shown(&ground, &campaign).await
}

fn chosen(pile: &OtaCampaignPile) -> Chosen {
    Chosen {
        device_id: pile.device_id,
        uuid: pile.uuid.clone(),
        sta_id: pile.sta_id,
        model: pile.model.clone(),
    }
}

/// 删除草稿 Delete a draft
#[utoipa::path(post, path = "/ota/campaign/delete", tag = "ota", request_body = DeletedCampaign,
    responses((status = 200, body = Envelope<u8>)))]
async fn delete(
    State(ground): State<Ground>,
    caller: Caller,
    Body(deleted): Body<DeletedCampaign>,
) -> Result<Answer<u8>, ApiError> {
    let mut change = ground
        .change(&caller, [lock("ota_campaign", deleted.campaign_id)])
        .await?;
    let before = queries::by_id(&ground, &caller.scope, deleted.campaign_id).await?;
    require_version(&before, deleted.timestamp)?;
    rules::require_draft(&before)?;
    change.delete(&before);
    change.commit().await?;
    Ok(Answer(0))
}

/// 启动 Start a draft
#[utoipa::path(post, path = "/ota/campaign/start", tag = "ota", request_body = AskedCampaign,
    responses((status = 200, body = Envelope<CampaignRequested>)))]
async fn start(
    State(ground): State<Ground>,
    caller: Caller,
    Body(asked): Body<AskedCampaign>,
) -> Result<Answer<CampaignRequested>, ApiError> {
    ask(&ground, &caller, asked.campaign_id, Request::Start).await
}

/// 暂停: 不开始新的桩, 已开始的做完 Pause: no pile is begun; what has been begun ends
#[utoipa::path(post, path = "/ota/campaign/pause", tag = "ota", request_body = AskedCampaign,
    responses((status = 200, body = Envelope<CampaignRequested>)))]
async fn pause(
    State(ground): State<Ground>,
    caller: Caller,
    Body(asked): Body<AskedCampaign>,
) -> Result<Answer<CampaignRequested>, ApiError> {
    ask(&ground, &caller, asked.campaign_id, Request::Pause).await
}

/// 继续已暂停或已熔断的活动 Go on with a campaign that was paused, or has halted itself
#[utoipa::path(post, path = "/ota/campaign/resume", tag = "ota", request_body = AskedCampaign,
    responses((status = 200, body = Envelope<CampaignRequested>)))]
async fn resume(
    State(ground): State<Ground>,
    caller: Caller,
    Body(asked): Body<AskedCampaign>,
) -> Result<Answer<CampaignRequested>, ApiError> {
    ask(&ground, &caller, asked.campaign_id, Request::Resume).await
}

/// 中止: 已开始的做完, 其余不再升级 Give it up; what has been begun ends
#[utoipa::path(post, path = "/ota/campaign/abort", tag = "ota", request_body = AskedCampaign,
    responses((status = 200, body = Envelope<CampaignRequested>)))]
async fn abort(
    State(ground): State<Ground>,
    caller: Caller,
    Body(asked): Body<AskedCampaign>,
) -> Result<Answer<CampaignRequested>, ApiError> {
    ask(&ground, &caller, asked.campaign_id, Request::Abort).await
}

/// 回退: 已升级的桩装回指定的程序包 Bring the updated piles back to the previous package
#[utoipa::path(post, path = "/ota/campaign/rollback", tag = "ota", request_body = AskedCampaign,
    responses((status = 200, body = Envelope<CampaignRequested>)))]
async fn rollback(
    State(ground): State<Ground>,
    caller: Caller,
    Body(asked): Body<AskedCampaign>,
) -> Result<Answer<CampaignRequested>, ApiError> {
    ask(&ground, &caller, asked.campaign_id, Request::Rollback).await
}

async fn ask(
    ground: &Ground,
    caller: &Caller,
    campaign_id: u64,
    asked: Request,
) -> Result<Answer<CampaignRequested>, ApiError> {
    // One start at a time: of two that begin at once with the same piles, the second must see the first.
    let starting = (asked == Request::Start).then(|| lock("ota_campaign", "start"));
    let locks = starting.into_iter().chain([lock("ota_campaign", campaign_id)]);
    let mut change = ground.change(caller, locks).await?;
    let campaign = queries::by_id(ground, &caller.scope, campaign_id).await?;
    rules::require_request(&campaign, asked)?;
    if asked == Request::Start {
        queries::require_idle(ground, campaign_id).await?;
    }
    let event_id = ground.new_id().await?;
    let event = OtaCampaignEvent::request(campaign_id, event_id, asked, &caller.user.account, now());
    change.put(None, event);
    change.commit().await?;
    ground.wake(Wake::Ota).await;
    Ok(Answer(CampaignRequested {
        campaign_id,
        event_id,
    }))
}
