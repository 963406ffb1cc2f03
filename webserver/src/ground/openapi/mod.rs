//! The OpenAPI document: what the handlers say of themselves, and what is the same for all of them.

mod answers;
mod shapes;

use axum::Router;
use serde_json::{Map, Value, json};
use utoipa::OpenApi as _;
use utoipa_swagger_ui::SwaggerUi;

use super::access_table::{self, Need};
use crate::system;

/// The frame; resources add their paths.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "充电桩运维平台 Operations platform for charging piles",
        description = "所有应答形如 {\"status\":1,\"msg\":\"成功\",\"data\":…}；失败时 status=0、data=0，msg 说明原因。\
                       时间为 Unix 毫秒，编号为小于 2^53 的整数。值为空的查询参数等同于未给出。\n\nEvery answer is an \
                       envelope; times are Unix milliseconds, ids are integers below 2^53. Changes carry the \
                       `timestamp` that was read. A query parameter without a value counts as not given."
    ),
    paths(system::live, system::ready, system::render, system::version),
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
    shapes::correct(&mut document);
    document
}

fn add_common(path: &str, method: &str, operation: &mut Map<String, Value>) {
    // Handlers of several resources are called alike, but what a client calls them must be unique.
    let id = path.trim_start_matches('/').replace(['/', '{', '}'], "_");
    operation.insert("operationId".to_owned(), id.into());
    let need = access_table::need(method, path).unwrap_or(Need::Public);
    if need != Need::Public {
        let permission = match need {
            Need::Permission(permission) => permission,
            _ => "",
        };
        operation.insert("security".to_owned(), json!([{ "bearer": [] }]));
        operation.insert("x-permission".to_owned(), permission.into());
        // An import finds by its keys what it would add twice.
        if method == "POST" && takes(operation) == Takes::Json {
            add_idempotency_key(operation);
        }
    }
    answers::add(need, method, operation);
}

/// What an operation takes as its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Json,
    File,
}

fn takes(operation: &Map<String, Value>) -> Takes {
    match operation.get("requestBody").map(|body| &body["content"]) {
        None => Takes::Nothing,
        Some(content) if content.get("application/json").is_some() => Takes::Json,
        Some(_) => Takes::File,
    }
}

fn add_idempotency_key(operation: &mut Map<String, Value>) {
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Value::Array(parameters) = parameters {
        parameters.push(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "description": "同一键的重复请求得到首次的应答, 一天内有效 Repeats with the same key within a day get the first answer",
            "schema": { "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$" }
        }));
    }
}
