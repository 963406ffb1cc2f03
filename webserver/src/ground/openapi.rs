//! The OpenAPI document: what the handlers say of themselves, and what is the same for all of them.

use axum::Router;
use serde_json::{Map, Value, json};
use utoipa::OpenApi as _;
use utoipa_swagger_ui::SwaggerUi;

use super::access_table::{self, Need};

/// The frame; resources add their paths.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "充电桩运维平台 Operations platform for charging piles",
        description = "所有应答形如 {\"status\":1,\"msg\":\"成功\",\"data\":…}；失败时 status=0、data=0，msg 说明原因。\
                       时间为 Unix 毫秒，编号为小于 2^53 的整数。\n\nEvery answer is an envelope; times are Unix \
                       milliseconds, ids are integers below 2^53. Changes carry the `timestamp` that was read."
    ),
    components(schemas(super::answer::Failure))
)]
struct Frame;

/// The document that resources are added to.
pub(crate) fn frame() -> utoipa::openapi::OpenApi {
    Frame::openapi()
}

/// `/openapi.json`, and `/docs`, whose page is inside the program.
pub(crate) fn routes(api: &utoipa::openapi::OpenApi) -> Router {
    let page = SwaggerUi::new("/docs").external_url_unchecked("/openapi.json", complete(api));
    Router::from(page)
}

/// Adds what every route has in common: how to sign in, what can go wrong, which permission is needed.
pub(crate) fn complete(api: &utoipa::openapi::OpenApi) -> Value {
    let mut document = serde_json::to_value(api).unwrap_or_default();
    document["components"]["securitySchemes"] = json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "登录所得的访问令牌 The access token from signing in"
        }
    });
    let paths = document["paths"].as_object_mut();
    for (path, item) in paths.into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if let Value::Object(operation) = operation {
                add_common(path, &method.to_ascii_uppercase(), operation);
            }
        }
    }
    document
}

fn add_common(path: &str, method: &str, operation: &mut Map<String, Value>) {
    // Handlers of several resources are called alike, but what a client calls them must be unique.
    let id = path.trim_start_matches('/').replace(['/', '{', '}'], "_");
    operation.insert("operationId".to_owned(), id.into());
    let need = access_table::need(method, path);
    let mut failures = vec![
        (
            "500",
            "服务器内部错误、操作记录生成异常或增加操作失败 Internal error, or the change could not be recorded or written",
        ),
        (
            "503",
            "依赖的服务暂不可用, Retry-After 秒后重试 A dependency is away; retry after Retry-After seconds",
        ),
    ];
    match need {
        Some(Need::Public) | None => failures.push(("429", "尝试过于频繁 Too many attempts")),
        Some(need) => {
            failures.push(("401", "未登录或登录已失效 Not signed in, or no longer"));
            failures.push((
                "403",
                "无权限, 或须先修改密码 Not allowed, or the password must be changed first",
            ));
            let permission = match need {
                Need::Permission(permission) => permission,
                _ => "",
            };
            operation.insert("security".to_owned(), json!([{ "bearer": [] }]));
            operation.insert("x-permission".to_owned(), permission.into());
        }
    }
    failures.push(("404", "不存在或不可见 Not there, or not for the caller"));
    failures.push((
        "422",
        "值不合规则, msg 指明字段 A value breaks a rule; msg names the field",
    ));
    if method == "POST" {
        failures.extend([
            ("400", "内容格式错误 Malformed"),
            (
                "401",
                "未登录, 或账号密码错误 Not signed in, or wrong account or password",
            ),
            (
                "409",
                "已被他人修改, 或状态不允许 Changed meanwhile, or a state that does not allow it",
            ),
            ("413", "内容过大 Too large"),
            ("415", "内容类型不是 application/json Not application/json"),
        ]);
        add_idempotency_key(operation, need);
    }
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    for (status, description) in failures {
        if responses.get(status).is_none() {
            responses[status] = json!({
                "description": description,
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Failure" } } }
            });
        }
    }
}

fn add_idempotency_key(operation: &mut Map<String, Value>, need: Option<Need>) {
    if !matches!(need, Some(Need::Permission(_))) {
        return;
    }
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Value::Array(parameters) = parameters {
        parameters.push(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "description": "同一键的重复请求得到首次的应答 Repeats with the same key get the first answer",
            "schema": { "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$" }
        }));
    }
}
