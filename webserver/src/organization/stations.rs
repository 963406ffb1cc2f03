//! `organization_station`: which stations an organization may see.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    begin, distribution, known, queries, seen,
    wire::{OrganizationStationList, SelectOrganizationStation, StationFilter},
};
use crate::ground::{Answer, ApiError, Body, Caller, Envelope, Ground, List, Page, Paging, places::Stations};

/// Stations of one organization.
const MOST_STATIONS: usize = 20_000;

pub(super) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(distribute))
}

/// 组织的场站 List the stations of organizations
#[utoipa::path(get, path = "/organization/station/list", tag = "organization", params(Paging, StationFilter),
    responses((status = 200, body = Envelope<Page<OrganizationStationList>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<StationFilter>,
) -> Result<Response, ApiError> {
    if let Some(organization_id) = list.filter.organization_id {
        seen(&caller, &caller.directory, organization_id)?;
    }
    if list.is_export() {
        let conditions = queries::stations(&list.filter, &caller.scope);
        return list.answer::<OrganizationStationList>(&ground, &conditions).await;
    }
    let page = |stations: Stations<'_>| {
        let given = known::given(&caller, &list.filter, &stations);
        list.held::<_, OrganizationStationList>(given, known::order, known::Given::shown)
    };
    Ok(Answer(ground.with_stations(page).await??).into_response())
}

/// 分配场站: 该组织应有的全部场站; 去掉的从其下级一并去掉, 新增的其上级一并得到
/// Give an organization a set of stations: what goes, goes from those below as well; what comes, comes to those
/// above as well
#[utoipa::path(post, path = "/organization/station/distribution", tag = "organization",
    request_body = SelectOrganizationStation,
    responses((status = 200, body = Envelope<String>, description = "data 为“程序运行成功了”")))]
async fn distribute(
    State(ground): State<Ground>,
    caller: Caller,
    Body(select): Body<SelectOrganizationStation>,
) -> Result<Answer<&'static str>, ApiError> {
    if select.sta_ids.len() > MOST_STATIONS {
        return Err(ApiError::invalid("sta_ids", "最多20000个", "at most 20000"));
    }
    let (mut change, directory) = begin(&ground, &caller, &[]).await?;
    seen(&caller, &directory, select.organization_id)?;
    let wanted = select.sta_ids.iter().copied().collect();
    distribution::distribute(
        &ground,
        &caller,
        &mut change,
        &directory,
        select.organization_id,
        &wanted,
    )
    .await?;
    change.commit().await?;
    Ok(Answer("程序运行成功了"))
}
