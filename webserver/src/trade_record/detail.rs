//! All that came under one number of a pile.

use serde::Serialize;
use store::Conditions;
use utoipa::ToSchema;

use super::{
    Which,
    wire::{Charge, REPEATS},
};
use crate::ground::{ApiError, Caller, Ground, Listed as _, access_table::AMOUNT, list::rows_query};

/// 充电记录详情 A charge in full
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChargeDetail {
    /// 首条 The first of its number
    record: Charge,
    /// 同号不同内容者 Those with the same number and other contents
    conflicts: Vec<Charge>,
}

/// # Errors
/// 404 where there is none that the caller sees.
pub(super) async fn read(ground: &Ground, caller: &Caller, which: &Which) -> Result<ChargeDetail, ApiError> {
    let conditions = Conditions::new()
        .and("device_id = ?", [which.device_id.into()])
        .and("trade_id = ?", [which.trade_id.as_str().into()]);
    ground.require_pile(&caller.scope, which.device_id).await?;
    let query = rows_query::<Charge>(
        ground,
        Charge::FROM,
        &conditions,
        " ORDER BY conflict, recv_time, content_hash",
        &format!(" LIMIT 1 BY {} LIMIT 100", REPEATS.by),
    );
    let mut found = ground.db.rows::<Charge>(Charge::WHAT, query).await?;
    ground.place(&mut found, Charge::pile).await?;
    if !caller.may(AMOUNT) {
        found.iter_mut().for_each(Charge::hide_amount);
    }
    let mut found = found.into_iter();
    Ok(ChargeDetail {
        record: found.next().ok_or(ApiError::NotFound)?,
        conflicts: found.collect(),
    })
}
