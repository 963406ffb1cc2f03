//! `user`: people who sign in, by those who look after them.

mod known;
mod queries;
mod rules;
mod wire;

use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
};
use store::{
    table::user::{DISABLED, ENABLED, User},
    versioned,
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use self::rules::may_change;
use self::wire::{Edit, Filter, Given, NewUser, Person, Reset, Which};
use crate::ground::{
    Answer, ApiError, Body, Caller, Change, Envelope, Ground, List, Page, Paging, lock, password,
    permission::SUPER_ROLE, require_version,
};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(add))
        .routes(routes!(edit))
        .routes(routes!(delete))
        .routes(routes!(enable))
        .routes(routes!(disable))
        .routes(routes!(reset_password))
}

/// A password is told once, and kept nowhere on the way.
const NO_STORE: [(HeaderName, HeaderValue); 1] = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];

/// 用户列表, 限本组织及下级 List the users of one's organizations and those below
#[utoipa::path(get, path = "/user/list", tag = "user", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<Person>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    if list.is_export() {
        let conditions = queries::filtered(&list.filter, &caller.scope);
        return list.answer::<Person>(&ground, &conditions).await;
    }
    let directory = &caller.directory;
    let found = known::filtered(directory, &list.filter, &caller.scope);
    let page = list.held::<_, Person>(found, known::order, |user| known::shown(directory, user))?;
    Ok(Answer(page).into_response())
}

/// 新增用户, 返回只显示一次的密码 Add a user; the password is told once
#[utoipa::path(post, path = "/user/add", tag = "user", request_body = NewUser,
    responses((status = 200, body = Envelope<Given>)))]
async fn add(
    State(ground): State<Ground>,
    caller: Caller,
    Body(new): Body<NewUser>,
) -> Result<impl IntoResponse, ApiError> {
    let account = rules::account(&new.account)?;
    let details = rules::details(&new.details)?;
    let password = rules::password_or_new(new.password, &account)?;
    let mut locks = rules::locks(&details);
    locks.push(lock("user.account", account.to_lowercase()));
    let mut change = ground.change(&caller, locks).await?;
    let directory = ground.directory().await?;
    rules::may_give(&caller, &directory, &details)?;
    rules::require_free(&directory, &account)?;
    let now = versioned::now();
    let user = User {
        user_id: ground.new_id().await?,
        account,
        password_hash: ground.passwords.hash(password.clone()).await?,
        state: ENABLED.to_owned(),
        password_time: now,
        must_change_password: 1,
        ..User::default()
    };
    let user = change.put(None, details.applied_to(user));
    queries::put_memberships(&ground, &mut change, user.user_id, &details.organization_ids).await?;
    change.commit().await?;
    Ok((NO_STORE, Answer(Given::new(&user, password))))
}

/// A user who is being changed by somebody who may do that.
struct Held {
    change: Change,
    user: User,
}

/// Locks and reads a user; refuses those whom the caller does not see (404), whom he may not change (403), and
/// versions that he has not read (409).
async fn hold(
    ground: &Ground,
    caller: &Caller,
    user_id: u64,
    timestamp: i64,
    mut locks: Vec<String>,
) -> Result<Held, ApiError> {
    locks.push(lock("user", user_id));
    // Whether he is the last 超管 is decided under the lock of that role.
    locks.push(lock("role", SUPER_ROLE));
    let change = ground.change(caller, locks).await?;
    let directory = ground.directory().await?;
    let user = directory.users.get(&user_id).cloned().ok_or(ApiError::NotFound)?;
    rules::may_change(caller, &directory, &user)?;
    require_version(&user, timestamp)?;
    Ok(Held { change, user })
}

/// 修改用户 Edit a user
#[utoipa::path(post, path = "/user/edit", tag = "user", request_body = Edit,
    responses((status = 200, body = Envelope<Given>)))]
async fn edit(
    State(ground): State<Ground>,
    caller: Caller,
    Body(edit): Body<Edit>,
) -> Result<Answer<Given>, ApiError> {
    let details = rules::details(&edit.details)?;
    let locks = rules::locks(&details);
    let Held { mut change, user } = hold(&ground, &caller, edit.user_id, edit.timestamp, locks).await?;
    let directory = ground.directory().await?;
    rules::may_give(&caller, &directory, &details)?;
    let after = details.applied_to(user.clone());
    if after.role_id != SUPER_ROLE {
        rules::require_another_chief(&directory, &user)?;
    }
    let after = change.put(Some(&user), after);
    queries::put_memberships(&ground, &mut change, user.user_id, &details.organization_ids).await?;
    change.commit().await?;
    Ok(Answer(Given::without_password(&after)))
}

/// 删除用户 Delete a user
#[utoipa::path(post, path = "/user/delete", tag = "user", request_body = Which,
    responses((status = 200, body = Envelope<u8>)))]
async fn delete(
    State(ground): State<Ground>,
    caller: Caller,
    Body(which): Body<Which>,
) -> Result<Answer<u8>, ApiError> {
    rules::not_oneself(&caller, which.user_id)?;
    let Held { mut change, user } =
        hold(&ground, &caller, which.user_id, which.timestamp, Vec::new()).await?;
    let directory = ground.directory().await?;
    rules::require_another_chief(&directory, &user)?;
    change.delete(&user);
    queries::put_memberships(&ground, &mut change, user.user_id, &[]).await?;
    change.commit().await?;
    Ok(Answer(0))
}

/// 启用用户 Let a user sign in again
#[utoipa::path(post, path = "/user/enable", tag = "user", request_body = Which,
    responses((status = 200, body = Envelope<Given>)))]
async fn enable(
    State(ground): State<Ground>,
    caller: Caller,
    Body(which): Body<Which>,
) -> Result<Answer<Given>, ApiError> {
    set_state(&ground, &caller, &which, ENABLED).await
}

/// 停用用户, 其登录立即失效 Shut a user out; his sessions end at once
#[utoipa::path(post, path = "/user/disable", tag = "user", request_body = Which,
    responses((status = 200, body = Envelope<Given>)))]
async fn disable(
    State(ground): State<Ground>,
    caller: Caller,
    Body(which): Body<Which>,
) -> Result<Answer<Given>, ApiError> {
    rules::not_oneself(&caller, which.user_id)?;
    set_state(&ground, &caller, &which, DISABLED).await
}

async fn set_state(
    ground: &Ground,
    caller: &Caller,
    which: &Which,
    state: &str,
) -> Result<Answer<Given>, ApiError> {
    let Held { mut change, user } = hold(ground, caller, which.user_id, which.timestamp, Vec::new()).await?;
    let directory = ground.directory().await?;
    if state == DISABLED {
        rules::require_another_chief(&directory, &user)?;
    }
    let mut after = user.clone();
    if after.state != state {
        after.state = state.to_owned();
        // Sessions from before do not come back with him.
        after.password_time = versioned::next_version(versioned::now(), user.password_time);
    }
    let after = change.put(Some(&user), after);
    change.commit().await?;
    Ok(Answer(Given::without_password(&after)))
}

/// 重置密码, 返回只显示一次的密码 Give a user another password, which is told once
#[utoipa::path(post, path = "/user/reset_password", tag = "user", request_body = Reset,
    responses((status = 200, body = Envelope<Given>)))]
async fn reset_password(
    State(ground): State<Ground>,
    caller: Caller,
    Body(reset): Body<Reset>,
) -> Result<impl IntoResponse, ApiError> {
    rules::not_oneself(&caller, reset.user_id)?;
    let Held { mut change, user } =
        hold(&ground, &caller, reset.user_id, reset.timestamp, Vec::new()).await?;
    let password = match reset.password {
        Some(password) => {
            password::check("password", &password, &user.account)?;
            password
        }
        None => password::generate(),
    };
    let after = User {
        password_hash: ground.passwords.hash(password.clone()).await?,
        password_time: versioned::next_version(versioned::now(), user.password_time),
        must_change_password: 1,
        ..user.clone()
    };
    let after = change.put(Some(&user), after);
    change.commit().await?;
    Ok((NO_STORE, Answer(Given::new(&after, password))))
}
