//! What staff do with registrations: seen by the caller, carried out and recorded by `register`.

use axum::extract::State;
use serde::Serialize;

use super::{
    queries,
    wire::{ChangedRegistration, ChangedTcu, DecidedTcu, RegistrationRow, SwappedTcu},
};
use crate::ground::{Answer, ApiError, Body, Caller, Envelope, Ground, Language, Listed as _};

type Changed = Result<Answer<ChangedRegistration>, ApiError>;

/// Has `register` do it with a registration that the caller sees.
async fn seen_and_done(
    ground: &Ground,
    caller: &Caller,
    language: Language,
    sn: &str,
    body: &impl Serialize,
) -> Changed {
    queries::by_sn(ground, caller, sn).await?;
    done(ground, caller, language, body).await
}

async fn done(ground: &Ground, caller: &Caller, language: Language, body: &impl Serialize) -> Changed {
    let mut changed: ChangedRegistration = ground.register.change(caller, language, body).await?;
    let row = std::slice::from_mut(&mut changed.item.registration);
    // It is done, whether its place can be shown or not.
    if let Err(error) = ground.place(row, RegistrationRow::pile).await {
        tracing::debug!(%error, "the place of a changed registration is not shown");
    }
    Ok(Answer(changed))
}

/// 批准: 分配通信编号和密码, 下发给等待的TCU Approve: a uuid and a password for the TCU that waits
#[utoipa::path(post, path = "/registration/approve", tag = "registration", request_body = DecidedTcu,
    responses((status = 200, body = Envelope<ChangedRegistration>)))]
pub(super) async fn approve(
    State(ground): State<Ground>,
    caller: Caller,
    language: Language,
    Body(tcu): Body<DecidedTcu>,
) -> Changed {
    seen_and_done(&ground, &caller, language, &tcu.sn, &tcu).await
}

/// 拒绝, 并告知TCU原因 Refuse, and tell the TCU why
#[utoipa::path(post, path = "/registration/refuse", tag = "registration", request_body = DecidedTcu,
    responses((status = 200, body = Envelope<ChangedRegistration>)))]
pub(super) async fn refuse(
    State(ground): State<Ground>,
    caller: Caller,
    language: Language,
    Body(tcu): Body<DecidedTcu>,
) -> Changed {
    seen_and_done(&ground, &caller, language, &tcu.sn, &tcu).await
}

/// 停用, 数秒内断开连接 Disable; its connection is closed within seconds
#[utoipa::path(post, path = "/registration/disable", tag = "registration", request_body = ChangedTcu,
    responses((status = 200, body = Envelope<ChangedRegistration>)))]
pub(super) async fn disable(
    State(ground): State<Ground>,
    caller: Caller,
    language: Language,
    Body(tcu): Body<ChangedTcu>,
) -> Changed {
    seen_and_done(&ground, &caller, language, &tcu.sn, &tcu).await
}

/// 启用, 密码不变 Enable, with the password that it has
#[utoipa::path(post, path = "/registration/enable", tag = "registration", request_body = ChangedTcu,
    responses((status = 200, body = Envelope<ChangedRegistration>)))]
pub(super) async fn enable(
    State(ground): State<Ground>,
    caller: Caller,
    language: Language,
    Body(tcu): Body<ChangedTcu>,
) -> Changed {
    seen_and_done(&ground, &caller, language, &tcu.sn, &tcu).await
}

/// 退役, 不可恢复 Retire, for good
#[utoipa::path(post, path = "/registration/retire", tag = "registration", request_body = ChangedTcu,
    responses((status = 200, body = Envelope<ChangedRegistration>)))]
pub(super) async fn retire(
    State(ground): State<Ground>,
    caller: Caller,
    language: Language,
    Body(tcu): Body<ChangedTcu>,
) -> Changed {
    seen_and_done(&ground, &caller, language, &tcu.sn, &tcu).await
}

/// 释放: 断开, 出厂编号可重新注册并得到另一个通信编号 Release: closed; the serial number may register anew and gets another uuid
#[utoipa::path(post, path = "/registration/release", tag = "registration", request_body = ChangedTcu,
    responses((status = 200, body = Envelope<ChangedRegistration>)))]
pub(super) async fn release(
    State(ground): State<Ground>,
    caller: Caller,
    language: Language,
    Body(tcu): Body<ChangedTcu>,
) -> Changed {
    seen_and_done(&ground, &caller, language, &tcu.sn, &tcu).await
}

/// 换通信编号, 下发更新ID; 桩以新编号登录后生效, 未完成时重复请求只再下发一次 Another uuid by 更新ID, in force once the pile logs in under it; repeated before that, it is only sent again
#[utoipa::path(post, path = "/registration/change_uuid", tag = "registration", request_body = ChangedTcu,
    responses((status = 200, body = Envelope<ChangedRegistration>)))]
pub(super) async fn change_uuid(
    State(ground): State<Ground>,
    caller: Caller,
    language: Language,
    Body(tcu): Body<ChangedTcu>,
) -> Changed {
    seen_and_done(&ground, &caller, language, &tcu.sn, &tcu).await
}

/// 更换TCU: 资产及其历史不变, 旧TCU释放 Put another TCU into a pile: the asset keeps its history, the old TCU is released
#[utoipa::path(post, path = "/registration/swap", tag = "registration", request_body = SwappedTcu,
    responses((status = 200, body = Envelope<ChangedRegistration>)))]
pub(super) async fn swap(
    State(ground): State<Ground>,
    caller: Caller,
    language: Language,
    Body(swapped): Body<SwappedTcu>,
) -> Changed {
    let (uuid, device_id) = (swapped.uuid.as_deref(), swapped.device_id);
    if uuid.is_some() == device_id.is_some() {
        return Err(ApiError::invalid(
            "uuid",
            "uuid 与 device_id 须给且只给一个",
            "exactly one of uuid and device_id is required",
        ));
    }
    queries::require_this_pile(&ground, &caller, uuid, device_id).await?;
    if !caller.is_of_the_top() {
        // A TCU of no pile, or one that nobody knows, is not theirs to give.
        queries::by_sn(&ground, &caller, &swapped.new_sn).await?;
    }
    done(&ground, &caller, language, &swapped).await
}
