//! `operation_record`: who changed what, when, from where. Only read here; [`crate::ground`] writes it.

use axum::{extract::State, response::Response};
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::{Conditions, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ground::{
    ApiError, Caller, Cell, Column, Envelope, Ground, List, Listed, Page, Paging, Scope, column,
};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new().routes(routes!(list))
}

/// An operation.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
struct Operation {
    /// 操作时间, 毫秒 When, Unix ms
    timestamp: i64,
    /// 操作编号 The operation's id
    operation_id: u64,
    /// 操作人 Who
    user_id: u64,
    /// 操作人账号 That person's account then
    account: String,
    /// 来源地址 From where, IP address
    address: String,
    /// 操作 What was done: the path of the interface
    operation: String,
    /// 对象类型 Kind of thing: the table
    resource: String,
    /// 对象编号 Which one: its key
    resource_id: String,
    /// 操作前, JSON, 空=新增 Before, JSON, empty = it was not there
    before: String,
    /// 操作后, JSON, 空=删除 After, JSON, empty = it is gone
    after: String,
    /// 结果: 受理, 成功, 失败 Outcome: 受理 accepted, its outcome is not known, 成功 done, 失败 failed
    result: String,
}

impl Listed for Operation {
    const WHAT: &'static str = "operation_record";
    const FROM: &'static str = "(SELECT timestamp, operation_id, user_id, account, address, \
        toString(operation) AS operation, toString(resource) AS resource, resource_id, before, after, \
        toString(result) AS result FROM operation_record FINAL)";
    const SORT: &'static [&'static str] = &["timestamp", "account", "operation", "resource"];
    const ORDER: &'static str = "timestamp DESC, operation_id DESC";
    const COLUMNS: &'static [Column<Self>] = &[
        column("操作时间", "When", |row| Cell::Time(row.timestamp)),
        column("操作编号", "Operation id", |row| {
            Cell::Text(row.operation_id.to_string())
        }),
        column("账号", "Account", |row| Cell::Text(row.account.clone())),
        column("来源地址", "Address", |row| Cell::Text(row.address.clone())),
        column("操作", "Operation", |row| Cell::Text(row.operation.clone())),
        column("对象类型", "Resource", |row| Cell::Text(row.resource.clone())),
        column("对象编号", "Resource id", |row| {
            Cell::Text(row.resource_id.clone())
        }),
        column("操作前", "Before", |row| Cell::Text(row.before.clone())),
        column("操作后", "After", |row| Cell::Text(row.after.clone())),
        column("结果", "Outcome", |row| Cell::Text(row.result.clone())),
    ];
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// 起始时间, 毫秒, 含 From, Unix ms, included
    from: Option<i64>,
    /// 截止时间, 毫秒, 不含 To, Unix ms, excluded
    to: Option<i64>,
    /// 操作人账号 Account
    account: Option<String>,
    /// 操作, 接口路径 What was done: the path of the interface
    operation: Option<String>,
    /// 对象类型 Kind of thing: the table
    resource: Option<String>,
    /// 对象编号 Which one
    resource_id: Option<String>,
    /// 操作前后内容中的文字 Words in what was before or after
    words: Option<String>,
}

/// 操作记录, 限自己组织及下级的用户所做 What the users of one's organizations and those below have done
#[utoipa::path(get, path = "/operation_record/list", tag = "operation_record", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<Operation>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let filter = &list.filter;
    let conditions = Conditions::new()
        .and_if("timestamp >= ?", filter.from)
        .and_if("timestamp < ?", filter.to)
        .and_if("account = ?", filter.account.as_deref())
        .and_if("operation = ?", filter.operation.as_deref())
        .and_if("resource = ?", filter.resource.as_deref())
        .and_if("resource_id = ?", filter.resource_id.as_deref())
        .and_words(
            "positionCaseInsensitiveUTF8(before, ?) > 0 OR positionCaseInsensitiveUTF8(after, ?) > 0",
            filter.words.as_deref(),
        );
    list.answer::<Operation>(&ground, &visible(&caller, conditions))
        .await
}

/// People of the organizations that are seen, and oneself.
fn visible(caller: &Caller, conditions: Conditions) -> Conditions {
    if caller.scope == Scope::All {
        return conditions;
    }
    let seen = |user_id: &u64| {
        let own = caller.directory.organizations_of(*user_id);
        own.iter().any(|id| caller.scope.sees_organization(*id))
    };
    let mut users: Vec<u64> = caller.directory.users.keys().copied().filter(seen).collect();
    users.push(caller.user.user_id);
    users.sort_unstable();
    users.dedup();
    conditions.and("user_id IN ?", [Value::UnsignedList(users)])
}
