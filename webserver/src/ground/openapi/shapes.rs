//! What the derived schemas cannot say, or say wrongly.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

const EXPORTS: [&str; 2] = [
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
];

/// Corrects the whole document.
pub(super) fn correct(document: &mut Value) {
    everywhere(document, &mut |object| {
        unsigned(object);
        tuple(object);
        nullable(object);
    });
    let flattened = flattened(document);
    let schemas = document["components"]["schemas"].clone();
    let mut asked = BTreeSet::new();
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for operation in paths.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten()) {
        let operation = operation.1;
        export(operation);
        events(operation);
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        parameters.into_iter().flatten().for_each(empty);
        referenced(&operation["requestBody"], &schemas, &mut asked);
    }
    for name in asked.difference(&flattened) {
        close(&mut document["components"]["schemas"][name]);
    }
}

fn everywhere(value: &mut Value, correct: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            correct(object);
            object.values_mut().for_each(|inner| everywhere(inner, correct));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| everywhere(inner, correct)),
        _ => {}
    }
}

/// `u64` is derived as the signed format with 0 as the least.
fn unsigned(schema: &mut Map<String, Value>) {
    let least = schema.get("minimum").and_then(Value::as_f64);
    if schema.get("format") == Some(&"int64".into()) && least == Some(0.0) {
        schema.insert("format".to_owned(), "uint64".into());
    }
}

/// A tuple whose parts are all alike is a list of that length, which more programs understand.
fn tuple(schema: &mut Map<String, Value>) {
    let Some(Value::Array(parts)) = schema.get("prefixItems") else {
        return;
    };
    let length = Value::from(parts.len());
    if let [first, others @ ..] = &parts[..]
        && others.iter().all(|part| part == first)
    {
        let first = first.clone();
        schema.remove("prefixItems");
        schema.insert("items".to_owned(), first);
    }
    schema.insert("minItems".to_owned(), length.clone());
    schema.insert("maxItems".to_owned(), length);
}

/// The description of what may be null is derived onto what it is when it is not.
fn nullable(schema: &mut Map<String, Value>) {
    let mut parts = schema
        .get("oneOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let described = match (parts.clone().any(|part| part["type"] == "null"), parts.next()) {
        (true, Some(Value::Object(first))) => first.get("description").cloned(),
        _ => None,
    };
    if let Some(description) = described {
        schema.entry("description").or_insert(description);
    }
}

/// A list is also given as a file.
fn export(operation: &mut Value) {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    if parameters
        .into_iter()
        .flatten()
        .any(|parameter| parameter["name"] == "export")
    {
        for media in EXPORTS {
            operation["responses"]["200"]["content"][media] =
                json!({ "schema": { "type": "string", "contentMediaType": media } });
        }
    }
}

/// What is derived describes an event's data, not the event.
fn events(operation: &mut Value) {
    if let Some(stream) = operation.pointer_mut("/responses/200/content/text~1event-stream") {
        let data = stream["schema"].take();
        stream["schema"] = json!({
            "type": "object",
            "required": ["event", "data"],
            "properties": {
                "event": { "type": "string" },
                "data": { "type": "string", "contentMediaType": "application/json", "contentSchema": data }
            }
        });
    }
}

/// A parameter without a value counts as not given.
fn empty(parameter: &mut Value) {
    if parameter["in"] != "query" {
        return;
    }
    if parameter["required"] == true {
        if parameter["schema"]["type"] == "string" {
            parameter["schema"]["minLength"] = json!(1);
        }
    } else {
        parameter["allowEmptyValue"] = true.into();
    }
}

/// Names of components that are part of another: closed, they would refuse the rest of it.
fn flattened(document: &mut Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    everywhere(document, &mut |object| {
        let parts = object.get("allOf").and_then(Value::as_array);
        names.extend(parts.into_iter().flatten().filter_map(name));
    });
    names
}

fn name(schema: &Value) -> Option<String> {
    let path = schema["$ref"].as_str()?;
    path.strip_prefix("#/components/schemas/").map(str::to_owned)
}

/// Names of all components within, and within those.
fn referenced(value: &Value, schemas: &Value, names: &mut BTreeSet<String>) {
    if let Some(name) = name(value)
        && names.insert(name.clone())
    {
        referenced(&schemas[name], schemas, names);
    }
    match value {
        Value::Object(object) => object
            .values()
            .for_each(|inner| referenced(inner, schemas, names)),
        Value::Array(items) => items.iter().for_each(|inner| referenced(inner, schemas, names)),
        _ => {}
    }
}

/// Fields that nobody knows are refused.
fn close(schema: &mut Value) {
    everywhere(schema, &mut |object| {
        let has_fields = object.get("properties").is_some_and(Value::is_object);
        if has_fields && object.get("type") == Some(&"object".into()) {
            object
                .entry("additionalProperties")
                .or_insert_with(|| false.into());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_schemas_are_corrected() {
        let object = json!({ "type": "object", "properties": { "a": { "type": "integer", "format": "int64", "minimum": 0 } } });
        let mut document = json!({
            "components": { "schemas": {
                "Asked": object,
                "Inner": object,
                "Pair": { "type": "array", "prefixItems": [{ "type": "string" }, { "type": "string" }], "items": false },
                "Answered": { "type": "array", "prefixItems": [{ "type": "string" }, { "type": "number" }], "items": false },
                "Maybe": { "oneOf": [{ "$ref": "#/components/schemas/Inner", "description": "it" }, { "type": "null" }] },
                "Whole": { "allOf": [{ "$ref": "#/components/schemas/Inner" }] },
            } },
            "paths": { "/x": { "get": {
                "parameters": [
                    { "in": "query", "name": "export", "required": false, "schema": { "type": "string" } },
                    { "in": "query", "name": "id", "required": true, "schema": { "type": "string" } },
                ],
                "requestBody": { "items": [{ "$ref": "#/components/schemas/Asked" }, { "$ref": "#/components/schemas/Whole" }] },
                "responses": { "200": { "content": { "application/json": {} } } },
            } } },
        });
        correct(&mut document);
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["Asked"]["additionalProperties"], false);
        assert_eq!(schemas["Asked"]["properties"]["a"]["format"], "uint64");
        assert!(schemas["Inner"]["additionalProperties"].is_null());
        assert_eq!(
            schemas["Pair"],
            json!({ "type": "array", "items": { "type": "string" }, "minItems": 2, "maxItems": 2 })
        );
        assert_eq!(schemas["Answered"]["items"], false);
        assert_eq!(schemas["Maybe"]["description"], "it");
        assert_eq!(schemas["Answered"]["prefixItems"][1]["type"], "number");
        let operation = &document["paths"]["/x"]["get"];
        assert_eq!(operation["parameters"][0]["allowEmptyValue"], true);
        assert_eq!(operation["parameters"][1]["schema"]["minLength"], 1);
        assert_eq!(
            operation["responses"]["200"]["content"]
                .as_object()
                .unwrap()
                .len(),
            3
        );
    }
}
