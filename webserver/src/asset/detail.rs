//! One asset with all that is known of its pile.

use axum::extract::State;
use protocol::Uuid;
use serde::Serialize;
use store::DeviceState;
use utoipa::ToSchema;

use super::{
    queries::{self, AssetComponent, AssetLogin, AssetTraffic},
    wire::{AssetRow, Which},
};
use crate::ground::{
    Answer, ApiError, Caller, Envelope, Ground, Params,
    live::{self, PileState},
    pile::LivePile,
};

/// An asset and its pile.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AssetDetail {
    /// 资产 The asset
    asset: AssetRow,
    /// 当前状态 What it is doing now
    state: PileState,
    /// 实时数据, 从未上线时为空 What the pile says; null if it was never seen
    live: Option<LivePile>,
    /// 关键器件 Key components
    components: Vec<AssetComponent>,
    /// 最近一次登录, 含软硬件版本与SIM卡, 从未登录时为空 The last login, with versions and SIM; null if there was none
    last_login: Option<AssetLogin>,
    /// 本月流量 AssetTraffic of this month
    traffic: AssetTraffic,
}

/// 资产详情 One asset in full
#[utoipa::path(get, path = "/asset/detail", tag = "asset", params(Which),
    responses((status = 200, body = Envelope<AssetDetail>)))]
pub(super) async fn detail(
    State(ground): State<Ground>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Answer<AssetDetail>, ApiError> {
    let id = which.device_id;
    let asset = queries::shown(&ground, &caller.scope, id).await?;
    let uuid = Uuid::parse(&asset.name).ok();
    let (states, components, last_login, traffic) = tokio::try_join!(
        ground.states(uuid),
        queries::components(&ground, id),
        queries::last_login(&ground, id),
        queries::traffic(&ground, id),
    )?;
    let state = states.values().next();
    let state: Option<DeviceState<'_>> = state.and_then(|text| serde_json::from_str(text).ok());
    Ok(Answer(AssetDetail {
        state: state.as_ref().map_or(PileState::Unknown, live::pile_word),
        live: state.as_ref().map(LivePile::of),
        asset,
        components,
        last_login,
        traffic,
    }))
}
