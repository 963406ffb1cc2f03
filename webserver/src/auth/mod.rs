//! Signing in and out.

mod first;
mod rules;
mod throttle;

use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, header::CACHE_CONTROL},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use store::{
    Conditions,
    table::user::{ENABLED, User},
    versioned,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use first::first_start;

use crate::ground::{
    Address, Answer, ApiError, Body, Caller, Envelope, Ground, Text, caller, lock, one,
    session::{AuthSession, Tokens},
};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(me))
        .routes(routes!(change_password))
}

/// Tokens are nobody's to keep on the way.
const NO_STORE: [(HeaderName, HeaderValue); 1] = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];

#[derive(Deserialize, ToSchema)]
struct Credentials {
    /// 账号 Account
    #[schema(max_length = 64)]
    account: String,
    /// 密码 Password
    #[schema(max_length = 128)]
    password: String,
}

#[derive(Serialize, ToSchema)]
struct SignedIn {
    #[serde(flatten)]
    tokens: Tokens,
    /// 须先修改密码 The password must be changed first
    must_change_password: bool,
}

/// 登录 Sign in
#[utoipa::path(post, path = "/auth/login", tag = "auth", request_body = Credentials,
    responses((status = 200, body = Envelope<SignedIn>),
        (status = 401, description = "账号或密码错误, 或账号已停用 Wrong account or password, or the account is disabled"),
        (status = 429, description = "尝试过于频繁 Too many attempts")))]
async fn login(
    State(ground): State<Ground>,
    Address(address): Address,
    Body(login): Body<Credentials>,
) -> Result<impl IntoResponse, ApiError> {
    rules::bounded(&login.account, &login.password)?;
    throttle::attempt(&ground, &login.account, &address).await?;
    let directory = ground.directory().await?;
    let user = directory.by_account(&login.account);
    let stored = user.map(|user| user.password_hash.clone());
    let right = ground.passwords.verify(login.password, stored).await?;
    let Some(user) = user.filter(|_| right) else {
        tracing::info!(account = login.account, address, "signing in failed");
        return Err(ApiError::Unauthorized(Text::new(
            "账号或密码错误",
            "Wrong account or password",
        )));
    };
    if user.state != ENABLED {
        return Err(ApiError::Unauthorized(Text::new(
            "账号已停用",
            "The account is disabled",
        )));
    }
    throttle::succeeded(&ground, &login.account, &address).await?;
    let tokens = ground.begin_session(&session(user, address)).await?;
    Ok((NO_STORE, Answer(signed_in(user, tokens))))
}

fn session(user: &User, address: String) -> AuthSession {
    AuthSession {
        user_id: user.user_id,
        // A password may be a little ahead of this server's clock.
        began: versioned::now().max(user.password_time),
        address,
    }
}

fn signed_in(user: &User, tokens: Tokens) -> SignedIn {
    SignedIn {
        tokens,
        must_change_password: user.must_change_password != 0,
    }
}

#[derive(Deserialize, ToSchema)]
struct Refresh {
    /// 刷新令牌 Refresh token
    #[schema(max_length = 128)]
    refresh_token: String,
}

/// 换取新令牌, 旧刷新令牌作废 Renew the tokens; a refresh token that is used twice ends the session
#[utoipa::path(post, path = "/auth/refresh", tag = "auth", request_body = Refresh,
    responses((status = 200, body = Envelope<SignedIn>),
        (status = 401, description = "令牌无效或已用过 The token is not good, or was used before")))]
async fn refresh(
    State(ground): State<Ground>,
    Body(refresh): Body<Refresh>,
) -> Result<impl IntoResponse, ApiError> {
    let renewed = ground.renew_session(&refresh.refresh_token).await?;
    let (session, tokens) = renewed.ok_or_else(caller::not_signed_in)?;
    let directory = ground.directory().await?;
    let user = directory.users.get(&session.user_id);
    let user = user.filter(|user| caller::may_stay(user, session.began));
    let Some(user) = user else {
        if let Some((id, _)) = refresh.refresh_token.split_once('.') {
            ground.end_session(id).await?;
        }
        return Err(caller::not_signed_in());
    };
    Ok((NO_STORE, Answer(signed_in(user, tokens))))
}

/// 退出登录 Sign out
#[utoipa::path(post, path = "/auth/logout", tag = "auth", responses((status = 200, body = Envelope<u8>)))]
async fn logout(State(ground): State<Ground>, caller: Caller) -> Result<Answer<u8>, ApiError> {
    ground.end_session(&caller.session).await?;
    Ok(Answer(0))
}

#[derive(Serialize, ToSchema)]
struct Me {
    /// 用户编号 User id
    user_id: u64,
    /// 账号 Account
    account: String,
    /// 姓名 Name
    user_name: String,
    /// 角色 Role id
    role_id: u64,
    /// 角色名称 Name of the role
    role_name: String,
    /// 权限, 资源:动作, 可为 * Permissions, `resource:action`, either may be `*`
    permissions: Vec<String>,
    /// 所属组织 The organizations he belongs to
    organization_ids: Vec<u64>,
    /// 须先修改密码 The password must be changed first
    must_change_password: bool,
}

/// 当前用户 Who has signed in
#[utoipa::path(get, path = "/auth/me", tag = "auth", responses((status = 200, body = Envelope<Me>)))]
async fn me(caller: Caller) -> Answer<Me> {
    let user = &caller.user;
    let role = caller.directory.roles.get(&user.role_id);
    Answer(Me {
        user_id: user.user_id,
        account: user.account.clone(),
        user_name: user.user_name.clone(),
        role_id: user.role_id,
        role_name: role.map(|role| role.role_name.clone()).unwrap_or_default(),
        permissions: caller.permissions().to_vec(),
        organization_ids: caller.directory.organizations_of(user.user_id).to_vec(),
        must_change_password: user.must_change_password != 0,
    })
}

#[derive(Deserialize, ToSchema)]
struct NewPassword {
    /// 原密码 The present password
    #[schema(max_length = 128)]
    old_password: String,
    /// 新密码, 10到128个字符, 含字母和其他字符 The new one: 10 to 128 characters, letters and others
    #[schema(min_length = 10, max_length = 128)]
    new_password: String,
}

/// 修改自己的密码, 其他登录随即失效 Change one's password; all other sessions end
#[utoipa::path(post, path = "/auth/password", tag = "auth", request_body = NewPassword,
    responses((status = 200, body = Envelope<SignedIn>),
        (status = 429, description = "尝试过于频繁 Too many attempts")))]
async fn change_password(
    State(ground): State<Ground>,
    caller: Caller,
    Body(new): Body<NewPassword>,
) -> Result<impl IntoResponse, ApiError> {
    let account = &caller.user.account;
    rules::bounded(account, &new.old_password)?;
    rules::new_password(&new.old_password, &new.new_password, account)?;
    throttle::attempt(&ground, account, &caller.address).await?;
    let id = caller.user.user_id;
    let mut change = ground.change(&caller, [lock("user", id)]).await?;
    let user: User = one(&ground.db, Conditions::new().and("user_id = ?", [id.into()])).await?;
    let stored = Some(user.password_hash.clone());
    if !ground.passwords.verify(new.old_password, stored).await? {
        return Err(ApiError::invalid("old_password", "不正确", "is wrong"));
    }
    throttle::succeeded(&ground, account, &caller.address).await?;
    let after = User {
        password_hash: ground.passwords.hash(new.new_password).await?,
        password_time: versioned::next_version(versioned::now(), user.password_time),
        must_change_password: 0,
        ..user.clone()
    };
    let user = change.put(Some(&user), after);
    change.commit().await?;
    ground.end_session(&caller.session).await?;
    let tokens = ground.begin_session(&session(&user, caller.address)).await?;
    Ok((NO_STORE, Answer(signed_in(&user, tokens))))
}
