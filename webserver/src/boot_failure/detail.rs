//! One failure and what helps to understand it.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::Conditions;
use utoipa::ToSchema;

use super::{Which, wire::BootFailure};
use crate::ground::{ApiError, Ground, Listed as _, Scope, list::rows_query};

const DAY_MS: i64 = 86_400_000;

/// 启动失败详情 One failure in full
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FailureDetail {
    /// 失败 The failure
    failure: BootFailure,
    /// 资产, 已不是资产则各项为空 The pile as an asset, empty if it is none any more
    asset: FailurePile,
    /// 当时的版本, 此前无登录则时间为0 Versions then, of time 0 without a login before
    version: FailureVersion,
    /// 该桩此前24小时的启动失败数, 含本次 Failures of the pile in the 24 h before, this one included
    failures_before: u64,
    /// 该桩此前24小时的充电数 Charges of the pile in the 24 h before
    charges_before: u64,
}

/// 资产 The pile as an asset
#[derive(Debug, Default, Row, Serialize, Deserialize, ToSchema)]
struct FailurePile {
    /// 合同号 Contract number
    contract_num: String,
    /// SIM卡号 ICCID
    sim: String,
    /// 维保状态 Maintenance status
    maintecance_status: String,
    /// 责任人 Person responsible
    responsible: String,
    /// 联系方式 How to reach that person
    contact_information: String,
    /// 投运日期, 毫秒, 0=未投运 In service since, Unix ms, 0 = not yet
    commissioning_date: i64,
}

/// 当时的版本 Versions at that time
#[derive(Debug, Default, Row, Serialize, Deserialize, ToSchema)]
struct FailureVersion {
    /// 登录时间, 毫秒 Login that told them, Unix ms
    timestamp: i64,
    /// 软件版本 Software version
    software_version: String,
    /// 硬件版本 Hardware version
    hardware_version: String,
}

/// # Errors
/// 404 where there is none that the caller sees.
pub(super) async fn read(ground: &Ground, scope: &Scope, which: &Which) -> Result<FailureDetail, ApiError> {
    ground.require_pile(scope, which.device_id).await?;
    let db = &ground.db;
    let (device, at) = (which.device_id, which.timestamp);
    let conditions = Conditions::new()
        .and("timestamp = ?", [at.into()])
        .and(
            "trade_id = ?",
            [which.trade_id.as_deref().unwrap_or_default().into()],
        )
        .and("device_id = ?", [device.into()]);
    let order = format!(" ORDER BY {}", BootFailure::ORDER);
    let failure = rows_query::<BootFailure>(ground, BootFailure::FROM, &conditions, &order, " LIMIT 1");
    let mut failure = db.rows::<BootFailure>(BootFailure::WHAT, failure).await?;
    ground.place(&mut failure, BootFailure::pile).await?;
    let failure = failure.into_iter().next().ok_or(ApiError::NotFound)?;

    let of_pile = Conditions::new().and("device_id = ?", [device.into()]);
    let asset = of_pile
        .clone()
        .and("flag_del = 0", [])
        .query(db, "SELECT ?fields FROM asset FINAL");
    let version = of_pile.clone().and("timestamp <= ?", [at.into()]).query_with(
        db,
        "SELECT ?fields FROM login_record",
        " ORDER BY timestamp DESC LIMIT 1",
    );
    let day_before = of_pile
        .and("timestamp > ?", [at.saturating_sub(DAY_MS).into()])
        .and("timestamp <= ?", [at.into()]);
    let failures = day_before.query(
        db,
        "SELECT uniqExact(timestamp, trade_id, device_zone, failed_code, pile_time) FROM boot_failed_record",
    );
    let charges = day_before.query(db, "SELECT uniqExact(trade_id, content_hash) FROM trade_record");
    let (asset, version, failures, charges) = tokio::try_join!(
        db.rows::<FailurePile>("the asset", asset),
        db.rows::<FailureVersion>("the versions", version),
        db.rows::<u64>("the failures before", failures),
        db.rows::<u64>("the charges before", charges),
    )?;
    Ok(FailureDetail {
        failure,
        asset: asset.into_iter().next().unwrap_or_default(),
        version: version.into_iter().next().unwrap_or_default(),
        failures_before: failures.first().copied().unwrap_or_default(),
        charges_before: charges.first().copied().unwrap_or_default(),
    })
}
