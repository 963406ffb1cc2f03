//! What a template may be, and what is sent to a pile that differs.

use std::collections::BTreeMap;

use serde_json::json;
use store::{selection::Chosen, table::parameter_template::ParameterTemplate, template::Template};

use crate::{
    command::values::setting,
    ground::{ApiError, Text},
};

/// Piles that are put right at once.
pub(super) const MOST_PILES: usize = 20_000;
/// Parameters of a template: those of one command.
const MOST_ITEMS: usize = 200;

/// Its parameters as they are stored.
pub(super) fn items(given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, ApiError> {
    let mut items = BTreeMap::new();
    for (name, value) in given {
        let (name, value) = setting("items", name, value).map_err(|error| match error {
            ApiError::Invalid { rule, .. } => ApiError::Invalid {
                field: "items".into(),
                rule,
            },
            other => other,
        })?;
        items.insert(name, value);
    }
    if !(1..=MOST_ITEMS).contains(&items.len()) {
        return Err(ApiError::invalid(
            "items",
            "须有1到200个参数",
            "must be 1 to 200 parameters",
        ));
    }
    Ok(items)
}

/// Its parameters as they were stored.
pub(super) fn items_of(template: &ParameterTemplate) -> BTreeMap<String, String> {
    serde_json::from_str(&template.items).unwrap_or_default()
}

/// What it wants.
///
/// # Errors
/// 500 for a template that cannot be read, which none of ours is.
pub(super) fn wanted(template: &ParameterTemplate) -> Result<Template, ApiError> {
    Template::parse(&template.items).map_err(|error| {
        tracing::error!(%error, template_id = template.template_id, "a template cannot be read");
        ApiError::Internal
    })
}

/// Those of the piles that the template is for.
///
/// # Errors
/// 422 for none.
pub(super) fn of_model(
    template: &ParameterTemplate,
    mut piles: Vec<Chosen>,
) -> Result<Vec<Chosen>, ApiError> {
    piles.retain(|pile| template.model.is_empty() || pile.model == template.model);
    if piles.is_empty() {
        return Err(ApiError::Invalid {
            field: "selection".into(),
            rule: Text::of(
                format!("没有模板适用型号 {} 的桩", template.model),
                format!("means no piles of the template's model {}", template.model),
            ),
        });
    }
    Ok(piles)
}

/// The fields of 参数配置 that write these; none for none.
pub(super) fn settings<'a>(items: impl Iterator<Item = (&'a String, &'a String)>) -> Option<String> {
    let list: Vec<_> = items
        .map(|(name, value)| json!({ "名称": name, "值": value }))
        .collect();
    (!list.is_empty()).then(|| json!({ "配置列表": list }).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_template_has_parameters() {
        assert_eq!(items(&of(&[(" a ", " 1 ")])).unwrap(), of(&[("a", "1")]));
        assert!(items(&BTreeMap::new()).is_err() && items(&of(&[("", "1")])).is_err());
        assert!(items(&of(&[("a", "\u{1}")])).is_err());
        let many = (0..201).map(|n| (n.to_string(), String::new())).collect();
        assert!(items(&many).is_err());
    }

    #[test]
    fn what_is_sent_is_a_command() {
        let sent = settings(of(&[("a", "1")]).iter()).unwrap();
        assert_eq!(sent, r#"{"配置列表":[{"值":"1","名称":"a"}]}"#);
        assert_eq!(settings(BTreeMap::new().iter()), None);
    }
}
