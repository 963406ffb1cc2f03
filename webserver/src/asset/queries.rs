//! What is asked of the database about assets.

use std::collections::HashMap;

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::{
    Conditions, Value,
    table::{asset::AssetVersion, device_model::DeviceModel},
    versioned,
};
use utoipa::ToSchema;

use super::wire::{AssetRow, BARE, Filter};
use crate::ground::{ApiError, Ground, Listed as _, Page, Scope, live::PileState, one, pick::Wanted, time};

/// The assets that the filter and the caller's scope leave.
pub(super) async fn filtered(
    ground: &Ground,
    scope: &Scope,
    filter: &Filter,
) -> Result<Conditions, ApiError> {
    let conditions = Conditions::new()
        .and_if("sta_id = ?", filter.sta_id)
        .and_if("model = ?", filter.model.as_deref())
        .and_if("contract_num = ?", filter.contract_num.as_deref())
        .and_if("name = ?", filter.uuid.as_deref())
        .and_if("sim = ?", filter.sim.as_deref())
        .and_if("audit_status = ?", filter.audit_status.as_deref())
        .and_words(
            "positionCaseInsensitiveUTF8(ass_name, ?) > 0",
            filter.words.as_deref(),
        );
    let conditions = match filter.state {
        Some(state) => in_state(ground, conditions, state).await?,
        None => conditions,
    };
    Ok(scope.stations(conditions))
}

/// The page of those that are wanted, chosen in memory, each row as it is now.
pub(super) async fn picked(
    ground: &Ground,
    scope: &Scope,
    mut wanted: Wanted<'_>,
    rows: (u64, u64),
) -> Result<Page<AssetRow>, ApiError> {
    wanted.seen = match scope {
        Scope::All => None,
        Scope::Within { stations, .. } => Some(stations.clone()),
    };
    let picked = ground.pick(&wanted, rows).await?;
    let mut items = Vec::new();
    if !picked.ids.is_empty() {
        let these = Conditions::new().and("device_id IN ?", [Value::UnsignedList(picked.ids.clone())]);
        let sql = format!("SELECT ?fields FROM {BARE}");
        let query = these.query(&ground.db, &sql);
        items = ground.db.rows::<AssetRow>(AssetRow::WHAT, query).await?;
    }
    let places: HashMap<u64, usize> = picked.ids.into_iter().zip(0..).collect();
    items.sort_by_key(|asset| places.get(&asset.device_id).copied());
    Ok(Page {
        total: picked.total,
        items,
    })
}

/// What piles are doing is not in the database, so the piles themselves are named.
async fn in_state(ground: &Ground, conditions: Conditions, state: PileState) -> Result<Conditions, ApiError> {
    let briefs = ground.briefs().await?;
    let unknown = state == PileState::Unknown;
    let some = briefs.values().filter(|brief| unknown || brief.state == state);
    let mut ids: Vec<u64> = some.map(|brief| brief.device_id).collect();
    ids.sort_unstable();
    Ok(match (unknown, ids.is_empty()) {
        (true, true) => conditions,
        (true, false) => conditions.and("device_id NOT IN ?", [Value::UnsignedList(ids)]),
        (false, true) => conditions.and("0", []),
        (false, false) => conditions.and("device_id IN ?", [Value::UnsignedList(ids)]),
    })
}

/// An asset that the scope shows, to be changed.
///
/// # Errors
/// 404.
pub(super) async fn by_id(ground: &Ground, scope: &Scope, device_id: u64) -> Result<AssetVersion, ApiError> {
    let this = Conditions::new().and("device_id = ?", [device_id.into()]);
    let asset: AssetVersion = one(&ground.db, this).await?;
    match scope.sees_station(asset.sta_id) {
        true => Ok(asset),
        false => Err(ApiError::NotFound),
    }
}

/// The same to be shown.
///
/// # Errors
/// 404.
pub(super) async fn shown(ground: &Ground, scope: &Scope, device_id: u64) -> Result<AssetRow, ApiError> {
    let this = Conditions::new().and("device_id = ?", [device_id.into()]);
    let sql = format!("SELECT ?fields FROM {BARE}");
    let query = this.query(&ground.db, &sql);
    let mut found = ground.db.rows::<AssetRow>(AssetRow::WHAT, query).await?;
    found.retain(|asset| scope.sees_station(asset.sta_id));
    name_stations(ground, &mut found).await?;
    found.into_iter().next().ok_or(ApiError::NotFound)
}

/// Adds the names of the assets' stations.
///
/// # Errors
/// 503 without ClickHouse.
pub(super) async fn name_stations(ground: &Ground, assets: &mut [AssetRow]) -> Result<(), ApiError> {
    let place = |asset: &mut AssetRow, name: &str| asset.sta_name = name.to_owned();
    ground.name_stations(assets, |asset| asset.sta_id, place).await
}

/// # Errors
/// 409 if another pile speaks under this uuid.
pub(super) async fn require_free(ground: &Ground, uuid: &str, except: u64) -> Result<(), ApiError> {
    let same = Conditions::new()
        .and("name = ?", [uuid.into()])
        .and("device_id != ?", [except.into()]);
    if versioned::present::<AssetVersion>(&ground.db, &same)
        .await?
        .is_empty()
    {
        return Ok(());
    }
    Err(ApiError::conflict(
        "该 uuid 已属于另一资产",
        "Another asset has this uuid",
    ))
}

/// # Errors
/// 422 for a model that nobody knows.
pub(super) async fn require_model(ground: &Ground, model: &str) -> Result<(), ApiError> {
    let named = Conditions::new().and("model = ?", [model.into()]);
    if model.is_empty()
        || !versioned::present::<DeviceModel>(&ground.db, &named)
            .await?
            .is_empty()
    {
        return Ok(());
    }
    Err(ApiError::invalid("model", "型号不存在", "is no known model"))
}

/// A key component of a pile.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct AssetComponent {
    /// 器件编号 The component's id
    key_component_id: u64,
    /// 器件名称 Its name
    key_component_name: String,
    /// 器件类型 Its kind
    key_component_type: String,
    /// 器件型号 Its model
    key_component_model: String,
    /// 供应商 Supplier
    supplier: String,
    /// SAP物料号 SAP material number
    sap: String,
    /// 版本批次 Version or batch
    version_batch: String,
    /// 数量 How many
    count: u64,
    /// 投运日期, 毫秒, 0=未投运 In service since, Unix ms, 0 = not yet
    commissioning_date: i64,
    /// 状态 State
    state: String,
}

/// The key components of a pile.
pub(super) async fn components(ground: &Ground, device_id: u64) -> Result<Vec<AssetComponent>, ApiError> {
    let of_it = Conditions::new()
        .and("flag_del = 0", [])
        .and("device_id = ?", [device_id.into()]);
    let query = of_it.query_with(
        &ground.db,
        "SELECT ?fields FROM key_component FINAL",
        " ORDER BY key_component_type, key_component_name LIMIT 1000",
    );
    Ok(ground.db.rows("the components of a pile", query).await?)
}

/// How a pile signed in the last time.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct AssetLogin {
    /// 时间, 毫秒 When, Unix ms
    timestamp: i64,
    /// 软件版本 Software version
    software_version: String,
    /// 硬件版本 Hardware version
    hardware_version: String,
    /// 型号 Model
    model: String,
    /// 出厂编号 Factory serial number
    sn: String,
    /// 枪数量 Number of guns
    gun_count: u8,
    /// SIM卡号 ICCID
    sim: String,
    /// 运营商 Mobile operator
    mvno: String,
    /// 信号强度, dBm Signal, dBm
    signal_dbm: Option<i16>,
}

/// The last sign-in; none if the pile never did.
pub(super) async fn last_login(ground: &Ground, device_id: u64) -> Result<Option<AssetLogin>, ApiError> {
    let of_it = Conditions::new().and("device_id = ?", [device_id.into()]);
    let query = of_it.query_with(
        &ground.db,
        "SELECT ?fields FROM login_record",
        " ORDER BY timestamp DESC LIMIT 1",
    );
    Ok(ground.db.rows("the last login", query).await?.into_iter().next())
}

/// What a pile has sent and been sent.
#[derive(Debug, Default, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct AssetTraffic {
    /// 上行报文数 Messages from the pile
    up_messages: u64,
    /// 上行字节数 Bytes from the pile
    up_bytes: u64,
    /// 下行报文数 Messages to the pile
    down_messages: u64,
    /// 下行字节数 Bytes to the pile
    down_bytes: u64,
}

/// The traffic of this month, in China's days.
pub(super) async fn traffic(ground: &Ground, device_id: u64) -> Result<AssetTraffic, ApiError> {
    let (first, next) = time::month(versioned::now());
    let of_it = Conditions::new().and("device_id = ?", [device_id.into()]).and(
        "day >= toDate(?) AND day < toDate(?)",
        [first.into(), next.into()],
    );
    let sql = "SELECT sumIf(messages, direction = 'up') AS up_messages, sumIf(bytes, direction = 'up') AS up_bytes, \
               sumIf(messages, direction = 'down') AS down_messages, sumIf(bytes, direction = 'down') AS down_bytes \
               FROM traffic_daily";
    let found = ground
        .db
        .rows("the traffic of a pile", of_it.query(&ground.db, sql))
        .await?;
    Ok(found.into_iter().next().unwrap_or_default())
}
