//! `broker_account`: accounts of people and services at the broker. Whoever has one hears, or speaks as, every pile,
//! so they are for people who see every organization. `register` makes them.

use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
};
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::Conditions;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ground::{
    Answer, ApiError, Body, Caller, Cell, Column, Envelope, Ground, Language, List, Listed, Page, Paging,
    column,
};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(add))
        .routes(routes!(reset_password))
        .routes(routes!(delete))
}

/// A password is told once, and kept nowhere on the way.
const NO_STORE: [(HeaderName, HeaderValue); 1] = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];

/// 消息服务器的账号 An account at the broker
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
struct Account {
    /// 版本, 修改时须带回 Version, Unix ms; a change must carry it
    timestamp: i64,
    /// 账号 The account
    #[schema(example = "zhang.san")]
    username: String,
    /// 角色: staff 只看, operator 还可下命令, engineer 可代任何桩和服务收发, 其余为平台服务 Its role: staff reads, operator may send commands too, engineer speaks and reads as any pile and service; others are services
    #[schema(example = "staff")]
    role: String,
    /// 备注 Whose it is
    remark: String,
}

/// 账号及只显示一次的密码 An account with its password, which is shown this once
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct AccountPassword {
    /// 账号 The account
    #[serde(flatten)]
    account: Account,
    /// 密码, 只显示这一次 The password, shown this once
    password: String,
    /// 消息服务器: 已生效, 将在消息服务器恢复后生效 Whether the broker knows it, or will when it is back
    #[schema(example = "已生效")]
    broker: String,
}

/// 删除的结果 What became of a deletion
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct AccountGone {
    /// 消息服务器: 已生效, 将在消息服务器恢复后生效 Whether the broker goes by it, or will when it is back
    #[schema(example = "已生效")]
    broker: String,
}

impl Listed for Account {
    const WHAT: &'static str = "broker_account";
    const FROM: &'static str =
        "(SELECT timestamp, username, role, remark FROM broker_account FINAL WHERE flag_del = 0)";
    const SORT: &'static [&'static str] = &["username", "role", "timestamp"];
    const ORDER: &'static str = "username";
    const COLUMNS: &'static [Column<Self>] = &[
        column("账号", "Account", |row| Cell::text(&row.username)),
        column("角色", "Role", |row| Cell::text(&row.role)),
        column("备注", "Remark", |row| Cell::text(&row.remark)),
        column("修改时间", "Changed", |row| Cell::Time(row.timestamp)),
    ];
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// 账号中的文字 Words in the account
    username: Option<String>,
    /// 角色 Role
    role: Option<String>,
}

/// 新账号 A new account
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct NewAccount {
    /// 账号, 3到32个小写字母、数字或 . - _ The account: 3 to 32 of a-z 0-9 . - _
    #[schema(pattern = "^[a-z0-9._-]{3,32}$", example = "zhang.san")]
    username: String,
    /// 角色 Its role
    role: PersonRole,
    /// 备注 Whose it is
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    remark: Option<String>,
}

/// 人员的角色, 服务的账号在安装时建立 Role of a person; accounts of services are made where they are installed
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum PersonRole {
    /// 只看 Reads
    Staff,
    /// 还可下命令 May send commands too
    Operator,
    /// 可代任何桩和服务收发 Speaks and reads as any pile and service
    Engineer,
}

/// 哪个账号 Which account
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ThisAccount {
    /// 账号 The account
    #[schema(pattern = "^[a-z0-9._-]{3,32}$")]
    username: String,
    /// 读到的版本, 毫秒 The version that was read, Unix ms
    #[schema(minimum = 0)]
    timestamp: i64,
}

/// 消息服务器的账号列表, 限能看到全部组织的人 List the accounts at the broker, for people who see every organization
#[utoipa::path(get, path = "/broker_account/list", tag = "broker_account", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<Account>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let filter = &list.filter;
    let conditions = Conditions::new()
        .and_words(
            "positionCaseInsensitiveUTF8(username, ?) > 0",
            filter.username.as_deref(),
        )
        .and_if("role = ?", filter.role.as_deref());
    let conditions = match caller.is_of_the_top() {
        true => conditions,
        false => conditions.and("0", []),
    };
    list.answer::<Account>(&ground, &conditions).await
}

/// 新增账号, 返回只显示一次的密码 Add an account; the password is shown once
#[utoipa::path(post, path = "/broker_account/add", tag = "broker_account", request_body = NewAccount,
    responses((status = 200, body = Envelope<AccountPassword>)))]
async fn add(
    State(ground): State<Ground>,
    caller: Caller,
    language: Language,
    Body(new): Body<NewAccount>,
) -> Result<impl IntoResponse, ApiError> {
    caller.require_of_the_top()?;
    let made: AccountPassword = ground.register.change(&caller, language, &new).await?;
    Ok((NO_STORE, Answer(made)))
}

/// 重置密码, 旧的立即失效, 连接断开 Another password; the former one ends at once, with its connections
#[utoipa::path(post, path = "/broker_account/reset_password", tag = "broker_account", request_body = ThisAccount,
    responses((status = 200, body = Envelope<AccountPassword>)))]
async fn reset_password(
    State(ground): State<Ground>,
    caller: Caller,
    language: Language,
    Body(which): Body<ThisAccount>,
) -> Result<impl IntoResponse, ApiError> {
    caller.require_of_the_top()?;
    let reset: AccountPassword = ground.register.change(&caller, language, &which).await?;
    Ok((NO_STORE, Answer(reset)))
}

/// 删除账号, 连接断开 Delete an account; its connections are closed
#[utoipa::path(post, path = "/broker_account/delete", tag = "broker_account", request_body = ThisAccount,
    responses((status = 200, body = Envelope<AccountGone>)))]
async fn delete(
    State(ground): State<Ground>,
    caller: Caller,
    language: Language,
    Body(which): Body<ThisAccount>,
) -> Result<Answer<AccountGone>, ApiError> {
    caller.require_of_the_top()?;
    ground
        .register
        .change(&caller, language, &which)
        .await
        .map(Answer)
}
