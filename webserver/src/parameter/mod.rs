//! `parameter`: what parameters of piles are, what they ought to be, who differs, and putting that right. Values come
//! from the piles' answers, which the connector keeps; putting right is a batch of 参数配置.

mod compare;
mod queries;
mod rules;
mod template;
mod wire;

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use store::table::command_batch::kind;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::compare::ParameterDifference;
use self::wire::{Comparison, ComparisonFilter, Corrected, Correction, Filter, ParameterItem, PileRow};
use crate::{
    command::{
        NewBatch, Share, create,
        kinds::kind as command_kind,
        rules::{rate, timeout},
        send::source,
    },
    ground::{Answer, ApiError, Body, Caller, Envelope, Ground, List, Page, Paging, selection::owner},
};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(comparison))
        .routes(routes!(correct))
        .merge(template::routes())
}

/// 参数列表: 各桩最近读到或写入的值 Parameters of piles, as last read or written
#[utoipa::path(get, path = "/parameter/list", tag = "parameter", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<ParameterItem>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let conditions = list.filter.conditions(&caller.scope);
    list.answer::<ParameterItem>(&ground, &conditions).await
}

/// 与模板比较: 与之不同的桩及其差别; 从未读到的值也算不同 Which piles differ from a template, and in what; a value that was never read differs too
#[utoipa::path(get, path = "/parameter/comparison", tag = "parameter", params(Paging, ComparisonFilter),
    responses((status = 200, body = Envelope<Page<Comparison>>)))]
async fn comparison(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<ComparisonFilter>,
) -> Result<Response, ApiError> {
    let template = template::by_id(&ground, &caller.scope, list.filter.template_id).await?;
    let wanted = rules::wanted(&template)?;
    let conditions = list
        .filter
        .conditions(&caller.scope, &template, &rules::items_of(&template));
    if list.is_export() {
        return list.answer::<PileRow>(&ground, &conditions).await;
    }
    let page = list.page::<PileRow>(&ground, wire::PILES, &conditions).await?;
    let ids = page.items.iter().map(|pile| pile.device_id).collect();
    let mut has = queries::values(&ground, ids, &wanted).await?;
    let compared = page.items.into_iter().map(|pile| Comparison {
        differences: compare::differences(&wanted, &has.remove(&pile.device_id).unwrap_or_default()),
        pile,
    });
    Ok(Answer(Page {
        total: page.total,
        items: compared.collect(),
    })
    .into_response())
}

/// 按模板纠正: 只把不同的参数写到不同的桩, 成为一个批量 Put right: a batch that writes to each pile only what differs
#[utoipa::path(post, path = "/parameter/correct", tag = "parameter", request_body = Correction,
    responses((status = 200, body = Envelope<Corrected>)))]
async fn correct(
    State(ground): State<Ground>,
    caller: Caller,
    Body(correction): Body<Correction>,
) -> Result<Answer<Corrected>, ApiError> {
    let (rate_per_s, timeout_s) = (rate(correction.rate_per_s)?, timeout(correction.timeout_s)?);
    let template = template::by_id(&ground, &caller.scope, correction.template_id).await?;
    let wanted = rules::wanted(&template)?;
    let piles = correction
        .selection
        .piles(&ground, &caller.scope, rules::MOST_PILES)
        .await?;
    let piles = rules::of_model(&template, piles)?;
    let chosen = piles.len();
    let ids = piles.iter().map(|pile| pile.device_id).collect();
    let mut has = queries::values(&ground, ids, &wanted).await?;
    let shares = piles.into_iter().filter_map(|pile| {
        let differing = compare::differences(&wanted, &has.remove(&pile.device_id).unwrap_or_default());
        let request = rules::settings(differing.iter().map(ParameterDifference::wanted))?;
        Some(Share {
            request,
            ..Share::from(pile)
        })
    });
    let shares: Vec<_> = shares.collect();
    if shares.is_empty() {
        return Ok(Answer(Corrected {
            batch_id: 0,
            chosen,
            differing: 0,
        }));
    }
    let differing = shares.len();
    let batch = NewBatch {
        name: template.name.clone(),
        kind: kind::TEMPLATE,
        command: command_kind("参数配置").map_or("参数配置", |kind| kind.name),
        request: rules::settings(rules::items_of(&template).iter()).unwrap_or_default(),
        source: source(&caller),
        rate_per_s,
        timeout_s,
        organization_id: owner(&caller, None)?,
        origin_id: template.template_id,
    };
    let batch = create(&ground, &caller, batch, shares).await?;
    Ok(Answer(Corrected {
        batch_id: batch.batch_id,
        chosen,
        differing,
    }))
}
