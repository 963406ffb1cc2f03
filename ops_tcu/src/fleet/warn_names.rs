//! What staff have defined about warnings: level and class, by code or by name.

use ahash::HashMap;

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

    /// The definition by code, else by name, else nothing.
    pub fn get(&self, code: &str, name: &str) -> &Definition {
        self.by_word
            .get(code)
            .or_else(|| self.by_word.get(name))
            .unwrap_or(&self.undefined)
    }
}
