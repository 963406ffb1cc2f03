//! What staff do with registrations: seen by the caller, carried out and recorded by `register`.

use axum::extract::State;
use serde::Serialize;

use super::{
    queries,
    wire::{ChangedRegistration, ChangedTcu, DecidedTcu, RegistrationRow, SwappedTcu},
};
use crate::ground::{Answer, ApiError, Body, Caller, Envelope, Ground, Language, Listed as _};

type Changed = Result<Answer<ChangedRegistration>, ApiError>;

/// Has `register` do it, and tells what it has become.
async fn done(ground: &Ground, caller: &Caller, language: Language, body: &impl Serialize) -> Changed {
    let mut changed: ChangedRegistration = ground.register.change(caller, language, body).await?;
    let row = std::slice::from_mut(&mut changed.item.registration);
    // It is done, whether its place can be shown or not.
    if let Err(error) = ground.place(row, RegistrationRow::pile).await {
        tracing::debug!(%error, "the place of a changed registration is not shown");
    }
    Ok(Answer(changed))
}

/// Handlers that differ in what `register` is asked for, and in nothing else.
macro_rules! changes {
    ($($(#[$about:meta])* $name:ident: $body:ty, $path:literal;)*) => {$(
        $(#[$about])*
        #[utoipa::path(post, path = $path, tag = "registration", request_body = $body,
            responses((status = 200, body = Envelope<ChangedRegistration>)))]
        pub(super) async fn $name(
            State(ground): State<Ground>,
            caller: Caller,
            language: Language,
            Body(tcu): Body<$body>,
        ) -> Changed {
            queries::by_sn(&ground, &caller, &tcu.sn).await?;
            done(&ground, &caller, language, &tcu).await
        }
    )*};
}

changes! {
    /// 批准: 分配通信编号和密码, 下发给等待的TCU Approve: a uuid and a password for the TCU that waits
    approve: DecidedTcu, "/registration/approve";
    /// 拒绝, 并告知TCU原因 Refuse, and tell the TCU why
    refuse: DecidedTcu, "/registration/refuse";
    /// 停用, 数秒内断开连接 Disable; its connection is closed within seconds
    disable: ChangedTcu, "/registration/disable";
    /// 启用, 密码不变 Enable, with the password that it has
    enable: ChangedTcu, "/registration/enable";
    /// 退役, 不可恢复 Retire, for good
    retire: ChangedTcu, "/registration/retire";
    /// 释放: 断开, 出厂编号可重新注册并得到另一个通信编号 Release: closed; the serial number may register anew and gets another uuid
    release: ChangedTcu, "/registration/release";
    /// 换通信编号, 下发更新ID; 桩以新编号登录后生效, 未完成时重复请求只再下发一次 Another uuid by 更新ID, in force once the pile logs in under it; repeated before that, it is only sent again
    change_uuid: ChangedTcu, "/registration/change_uuid";
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
