//! `registration`: TCUs that ask for a uuid, and what becomes of them. Read here from the tables; changed by
//! `register` alone, which is asked for it ([`crate::ground`]'s `register`) once permission and scope are clear.

mod allow_list;
mod changes;
mod open_access;
mod queries;
mod wire;

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wire::{Filter, RegistrationItem, RegistrationRow, StateCount, Tcu};
use crate::ground::{Answer, ApiError, Caller, Envelope, Ground, List, Listed as _, Page, Paging, Params};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(states))
        .routes(routes!(detail))
        .routes(routes!(changes::approve))
        .routes(routes!(changes::refuse))
        .routes(routes!(changes::disable))
        .routes(routes!(changes::enable))
        .routes(routes!(changes::retire))
        .routes(routes!(changes::release))
        .routes(routes!(changes::change_uuid))
        .routes(routes!(changes::swap))
        .routes(routes!(allow_list::list))
        .routes(routes!(allow_list::add))
        .routes(routes!(allow_list::delete))
        .routes(routes!(open_access::list))
}

/// 注册资料列表, 最近申请的在前; 尚无桩的限能看到全部组织的人 List the registrations, those that asked last first; those without a pile are for people who see every organization
#[utoipa::path(get, path = "/registration/list", tag = "registration", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<RegistrationItem>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let conditions = queries::seen(&caller, list.filter.conditions()?);
    if list.is_export() {
        return list.answer::<RegistrationRow>(&ground, &conditions).await;
    }
    let page = list
        .page::<RegistrationRow>(&ground, RegistrationRow::FROM, &conditions)
        .await?;
    Ok(Answer(Page {
        total: page.total,
        items: page.items.into_iter().map(RegistrationItem::from).collect(),
    })
    .into_response())
}

/// 各状态的注册资料数 How many registrations are in each state
#[utoipa::path(get, path = "/registration/states", tag = "registration",
    responses((status = 200, body = Envelope<Vec<StateCount>>)))]
async fn states(State(ground): State<Ground>, caller: Caller) -> Result<Answer<Vec<StateCount>>, ApiError> {
    queries::states(&ground, &caller).await.map(Answer)
}

/// 一条注册资料 One registration
#[utoipa::path(get, path = "/registration/detail", tag = "registration", params(Tcu),
    responses((status = 200, body = Envelope<RegistrationItem>)))]
async fn detail(
    State(ground): State<Ground>,
    caller: Caller,
    Params(tcu): Params<Tcu>,
) -> Result<Answer<RegistrationItem>, ApiError> {
    let row = queries::by_sn(&ground, &caller, &tcu.sn).await?;
    Ok(Answer(row.into()))
}
