//! What staff have defined about warnings: level and class, by code or by name.

use ahash::HashMap;
use store::table::warn_definition::WarnDefinition;

/// A warning's definition; zero and empty where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Definition {
    /// Level, from `warn_level_def`.
    pub level: u8,
    /// Class, from `warn_class_def`.
    pub class: String,
}

/// All definitions.
#[derive(Debug, Default)]
pub struct WarnNames {
    by_word: HashMap<String, Definition>,
    undefined: Definition,
}

impl WarnNames {
    /// From pairs of a code or a name, and what it means.
    pub fn new(definitions: impl IntoIterator<Item = (String, Definition)>) -> Self {
        Self {
            by_word: definitions.into_iter().collect(),
            undefined: Definition::default(),
        }
    }

    /// As the database has them.
    pub fn from_rows(rows: Vec<WarnDefinition>) -> Self {
        let words = rows.into_iter().flat_map(|row| {
            let definition = Definition {
                level: row.warn_level,
                class: row.warn_class,
            };
            [row.warn_code, row.warn_name]
                .into_iter()
                .filter(|word| !word.is_empty())
                .map(move |word| (word, definition.clone()))
        });
        Self::new(words)
    }

    /// The definition by code, else by name, else nothing.
    pub fn get(&self, code: &str, name: &str) -> &Definition {
        self.by_word
            .get(code)
            .or_else(|| self.by_word.get(name))
            .unwrap_or(&self.undefined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_goes_before_a_name() {
        let row = |code: &str, name: &str, level| WarnDefinition {
            warn_code: code.to_owned(),
            warn_name: name.to_owned(),
            warn_class: "充电".to_owned(),
            warn_level: level,
        };
        let names = WarnNames::from_rows(vec![row("E1", "急停", 1), row("E2", "", 2)]);
        assert_eq!(names.get("E2", "急停").level, 2);
        assert_eq!(names.get("E9", "急停").level, 1);
        assert_eq!(names.get("E9", "").level, 0, "an empty name defines nothing");
    }
}
