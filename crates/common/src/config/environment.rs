//! `OPS__SECTION__KEY=value` as overrides. A value is split at commas where the layers below hold a list.

use std::ffi::OsString;

use ::config::{Config, Value, ValueKind};

/// The dotted keys and values of the variables that start with `{prefix}__`, in a stable order.
pub(super) fn overrides(
    prefix: &str,
    environment: impl Iterator<Item = (OsString, OsString)>,
    below: &Config,
) -> Vec<(String, Value)> {
    let prefix = format!("{prefix}__");
    let mut found: Vec<_> = environment
        .filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            let key = name
                .strip_prefix(&prefix)?
                .to_ascii_lowercase()
                .replace("__", ".");
            let value = value_for(&key, &value.to_string_lossy(), below);
            Some((key, Value::new(Some(&name), value)))
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn value_for(key: &str, text: &str, below: &Config) -> ValueKind {
    if below.get_array(key).is_err() {
        return ValueKind::String(text.to_owned());
    }
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    ValueKind::Array(items.map(Value::from).collect())
}
