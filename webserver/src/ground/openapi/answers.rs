//! What every operation can answer beside its success: told by who may use it, and by what it takes.

use serde_json::{Map, Value, json};

use super::{Takes, takes};
use crate::ground::access_table::Need;

/// A status, and what it means.
type Meaning = (&'static str, &'static str);

const AWAY: [Meaning; 2] = [
    (
        "500",
        "服务器内部错误、操作记录生成异常或增加操作失败 Internal error, or the change could not be recorded or written",
    ),
    (
        "503",
        "依赖的服务暂不可用, Retry-After 秒后重试 A dependency is away; retry after Retry-After seconds",
    ),
];
const NOBODY: Meaning = (
    "401",
    "未登录、登录已失效, 或账号密码错误 Not signed in, no longer, or wrong account or password",
);
const NOT_ALLOWED: Meaning = (
    "403",
    "无权限, 或须先修改密码 Not allowed, or the password must be changed first",
);
/// For whatever names something.
const WRONG: [Meaning; 2] = [
    ("404", "不存在或不可见 Not there, or not for the caller"),
    (
        "422",
        "值不合规则, msg 指明字段 A value breaks a rule; msg names the field",
    ),
];
const BODY: [Meaning; 3] = [
    ("400", "内容格式错误 Malformed"),
    ("413", "内容过大 Too large"),
    ("415", "不支持的内容类型 Not the content type that is wanted"),
];
const CHANGED: Meaning = (
    "409",
    "已被他人修改, 或状态不允许 Changed meanwhile, or a state that does not allow it",
);
/// Statuses with which comes how long to wait.
const WITH_WAIT: [&str; 2] = ["429", "503"];

/// Adds what the operation does not say itself.
pub(super) fn add(need: Need, method: &str, operation: &mut Map<String, Value>) {
    let failures = failures(need, method, operation);
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    for (status, description) in failures {
        if responses.get(status).is_none() {
            responses[status] = json!({ "description": description });
        }
    }
    for (status, response) in responses.as_object_mut().into_iter().flatten() {
        let described = response["description"]
            .as_str()
            .is_some_and(|text| !text.is_empty());
        if !described {
            response["description"] = "成功 Success".into();
        }
        if status.as_str() >= "400" && response.get("content").is_none() {
            response["content"] =
                json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Failure" } } });
        }
        if WITH_WAIT.contains(&status.as_str()) {
            response["headers"]["Retry-After"] = json!({
                "description": "几秒后重试 Seconds after which to try again",
                "required": true,
                "schema": { "type": "integer", "minimum": 1 }
            });
        }
        if status == "401" {
            response["headers"]["WWW-Authenticate"] = json!({ "description": "恒为 Bearer Always Bearer", "required": true, "schema": { "type": "string" } });
        }
    }
}

fn failures(need: Need, method: &str, operation: &Map<String, Value>) -> Vec<Meaning> {
    let takes = takes(operation);
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let says_something = takes != Takes::Nothing || parameters.is_some_and(|all| !all.is_empty());
    let mut failures = Vec::new();
    if need != Need::Public {
        failures.push(NOBODY);
    }
    if matches!(need, Need::Permission(_)) {
        failures.push(NOT_ALLOWED);
    }
    if need != Need::Public || takes != Takes::Nothing {
        failures.extend(AWAY);
    }
    if says_something {
        failures.extend(WRONG);
    }
    if takes != Takes::Nothing {
        failures.extend(BODY);
    }
    if method == "POST" && need != Need::Public {
        failures.push(CHANGED);
    }
    failures
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(need: Need, method: &str, mut operation: Value) -> Vec<String> {
        let operation = operation.as_object_mut().unwrap();
        add(need, method, operation);
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.values().all(|response| response["content"].is_object()));
        responses.keys().cloned().collect()
    }

    #[test]
    fn only_what_can_be_answered_is_documented() {
        assert!(statuses(Need::Public, "GET", json!({})).is_empty());
        let body = json!({ "requestBody": { "content": { "application/json": {} } } });
        assert_eq!(
            statuses(Need::Permission("a:b"), "POST", body),
            [
                "400", "401", "403", "404", "409", "413", "415", "422", "500", "503"
            ]
        );
        assert_eq!(statuses(Need::SignedIn, "GET", json!({})), ["401", "500", "503"]);
    }

    #[test]
    fn what_an_operation_says_itself_stays() {
        let mut operation = json!({ "responses": { "429": { "description": "mine" } } });
        let operation = operation.as_object_mut().unwrap();
        add(Need::Public, "GET", operation);
        let response = &operation["responses"]["429"];
        assert_eq!(response["description"], "mine");
        assert!(response["headers"]["Retry-After"].is_object() && response["content"].is_object());
    }
}
