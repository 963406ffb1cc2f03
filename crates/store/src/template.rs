//! Parameter templates: who differs from one, and what puts it right.

use std::collections::{BTreeMap, HashMap};

use clickhouse::Row;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::selection::Chosen;
use crate::{Clickhouse, Conditions, StoreError, selection};

/// Wanted values by name, as `parameter_template.items` has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template(BTreeMap<String, String>);

/// Why the items of a template cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// No JSON object.
    #[error("the items are no JSON object of names and values")]
    Json(#[from] serde_json::Error),
    /// A value is neither a text nor a number, or a name is blank.
    #[error("parameter {0:?} must have a name, and a text or a number as its value")]
    Item(String),
}

/// One parameter of a pile that is not as wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The parameter.
    pub name: String,
    /// What the template wants.
    pub wanted: String,
    /// What the pile has; none if it was never read.
    pub has: Option<String>,
}

/// How a pile compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// The pile.
    pub pile: Chosen,
    /// What is not as wanted; empty if all is.
    pub differences: Vec<Difference>,
    /// When the oldest of its values was read, Unix ms; 0 = none was.
    pub read_time: i64,
}

impl Fit {
    /// Whether something is known to be otherwise, rather than not known at all.
    pub fn differs(&self) -> bool {
        self.differences.iter().any(|difference| difference.has.is_some())
    }

    /// The fields of the 参数配置 that puts this pile right, for `command_batch_pile.request`: only what differs or
    /// is not known.
    pub fn put_right(&self) -> String {
        let settings: Vec<Value> = self
            .differences
            .iter()
            .map(|difference| json!({ "名称": difference.name, "值": difference.wanted }))
            .collect();
        json!({ "配置列表": settings }).to_string()
    }
}

impl Template {
    /// Reads `parameter_template.items`: a JSON object of name and value.
    ///
    /// # Errors
    /// [`TemplateError`].
    pub fn parse(items: &str) -> Result<Self, TemplateError> {
        let items: BTreeMap<String, Value> = serde_json::from_str(items)?;
        let read = |(name, value): (String, Value)| {
            let wanted = match &value {
                Value::String(text) => text.trim().to_owned(),
                Value::Number(number) => number.to_string(),
                _ => return Err(TemplateError::Item(name)),
            };
            match name.trim() {
                "" => Err(TemplateError::Item(name)),
                trimmed => Ok((trimmed.to_owned(), wanted)),
            }
        };
        Ok(Self(items.into_iter().map(read).collect::<Result<_, _>>()?))
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// What of a pile's parameters is not as wanted, in the order of names.
    pub fn differences(&self, has: &HashMap<String, String>) -> Vec<Difference> {
        let wanted = self.0.iter();
        wanted
            .filter(|(name, wanted)| has.get(*name).is_none_or(|has| !same(has, wanted)))
            .map(|(name, wanted)| Difference {
                name: name.clone(),
                wanted: wanted.clone(),
                has: has.get(name).cloned(),
            })
            .collect()
    }

    /// Compares the piles that meet conditions over `asset`, in the order of device ids.
    ///
    /// # Errors
    /// [`StoreError::Query`].
    pub async fn compare(&self, db: &Clickhouse, piles: Conditions) -> Result<Vec<Fit>, StoreError> {
        let mut had = self.read(db, &piles).await?;
        let chosen = selection::resolve(db, piles).await?;
        let fit = |pile: Chosen| {
            let (has, read_time) = had.remove(&pile.device_id).unwrap_or_default();
            Fit {
                differences: self.differences(&has),
                pile,
                read_time,
            }
        };
        Ok(chosen.into_iter().map(fit).collect())
    }

    /// What is known of the piles' parameters that it names, and since when.
    async fn read(
        &self,
        db: &Clickhouse,
        piles: &Conditions,
    ) -> Result<HashMap<u64, (HashMap<String, String>, i64)>, StoreError> {
        let sql = "SELECT device_id, name, value, read_time FROM pile_parameter FINAL \
                   WHERE device_id IN (SELECT device_id FROM asset FINAL";
        let names: Vec<&str> = self.names().collect();
        let query = piles
            .query_with(db, sql, ") AND flag_del = 0 AND name IN ?")
            .bind(names);
        let rows: Vec<Parameter> = db.rows("the parameters of piles", query).await?;
        let mut had: HashMap<u64, (HashMap<String, String>, i64)> = HashMap::new();
        for row in rows {
            let (has, oldest) = had
                .entry(row.device_id)
                .or_insert((HashMap::new(), row.read_time));
            *oldest = (*oldest).min(row.read_time);
            has.insert(row.name, row.value);
        }
        Ok(had)
    }
}

#[derive(Row, Deserialize)]
struct Parameter {
    device_id: u64,
    name: String,
    value: String,
    read_time: i64,
}

/// Whether two values mean the same: `30`, ` 30` and `30.0` do.
fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    one == other || number(one).is_some_and(|one| number(other) == Some(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn items_are_names_with_texts_or_numbers() {
        let template = Template::parse(r#"{" b ":" x ","a":30}"#).unwrap();
        assert_eq!(template.names().collect::<Vec<_>>(), ["a", "b"]);
        for items in ["", "[]", r#"{"a":null}"#, r#"{"a":[1]}"#, r#"{" ":"1"}"#] {
            assert!(Template::parse(items).is_err(), "{items}");
        }
    }

    #[test]
    fn only_what_means_something_else_differs() {
        let template = Template::parse(r#"{"a":30,"b":"on","c":""}"#).unwrap();
        assert!(
            template
                .differences(&has(&[("a", " 30.0"), ("b", "on "), ("c", "")]))
                .is_empty()
        );
        let differences = template.differences(&has(&[("a", "31"), ("b", "ON"), ("d", "1")]));
        let told: Vec<_> = differences
            .iter()
            .map(|d| (d.name.as_str(), d.wanted.as_str(), d.has.as_deref()))
            .collect();
        assert_eq!(
            told,
            [("a", "30", Some("31")), ("b", "on", Some("ON")), ("c", "", None)]
        );
    }

    #[test]
    fn what_puts_a_pile_right_is_what_differs() {
        let template = Template::parse(r#"{"a":30,"b":"on"}"#).unwrap();
        let pile = Chosen {
            device_id: 7,
            uuid: "AAAAAAAB".into(),
            sta_id: 0,
            model: String::new(),
        };
        let mut fit = Fit {
            differences: template.differences(&has(&[("a", "30")])),
            pile,
            read_time: 5,
        };
        assert!(!fit.differs(), "b was never read");
        let fields: Value = serde_json::from_str(&fit.put_right()).unwrap();
        assert_eq!(fields, json!({"配置列表": [{"名称": "b", "值": "on"}]}));
        fit.differences = template.differences(&has(&[("b", "off")]));
        assert!(fit.differs());
    }
}
