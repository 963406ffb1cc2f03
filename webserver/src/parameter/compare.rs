//! What a pile has against what it ought to have, as it is shown: `store::template` compares.

use std::collections::HashMap;

use serde::Serialize;
use store::template::Template;
use utoipa::ToSchema;

/// What a pile says of its parameters, by name.
#[derive(Debug, Default)]
pub(super) struct Has {
    /// The values.
    pub(super) values: HashMap<String, String>,
    /// When each was read, Unix ms.
    pub(super) read_times: HashMap<String, i64>,
}

/// 一个不同的参数 A parameter that differs
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct ParameterDifference {
    /// 参数名称 The parameter
    name: String,
    /// 应有的值 What it ought to be
    wanted: String,
    /// 桩的值, 从未读到则为空 What it is; null if it was never read
    has: Option<String>,
    /// 读到的时间, 毫秒, 0=从未 When it was read, Unix ms, 0 = never
    read_time: i64,
}

/// In what a pile differs; a value that was never read differs too.
pub(super) fn differences(template: &Template, has: &Has) -> Vec<ParameterDifference> {
    let shown = template
        .differences(&has.values)
        .into_iter()
        .map(|difference| ParameterDifference {
            read_time: has.read_times.get(&difference.name).copied().unwrap_or_default(),
            name: difference.name,
            wanted: difference.wanted,
            has: difference.has,
        });
    shown.collect()
}

impl ParameterDifference {
    /// What is to be written.
    pub(super) fn wanted(&self) -> (&String, &String) {
        (&self.name, &self.wanted)
    }
}

/// A number as ClickHouse writes it, by which `30` is `30.0`; none for what is no number.
pub(super) fn number(value: &str) -> Option<String> {
    let number: f64 = value.trim().parse().ok()?;
    number.is_finite().then(|| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_other_or_unknown_differs() {
        let template = Template::parse(r#"{"a":"1","b":"2","c":"3"}"#).unwrap();
        let mut has = Has::default();
        for (name, value) in [("a", "1.0"), ("b", "9"), ("x", "7")] {
            has.values.insert(name.into(), value.into());
            has.read_times.insert(name.into(), 5);
        }
        let found = differences(&template, &has);
        let short: Vec<_> = found
            .iter()
            .map(|one| {
                (
                    one.name.as_str(),
                    one.wanted.as_str(),
                    one.has.as_deref(),
                    one.read_time,
                )
            })
            .collect();
        assert_eq!(short, [("b", "2", Some("9"), 5), ("c", "3", None, 0)]);
        assert_eq!(differences(&template, &Has::default()).len(), 3);
    }

    #[test]
    fn numbers_are_compared_as_such() {
        assert_eq!(number(" 30.0 ").as_deref(), Some("30"));
        assert_eq!(number("0.10").as_deref(), Some("0.1"));
        assert_eq!((number("30A"), number("nan")), (None, None));
    }
}
