//! Words that somebody looks for, in whatever case; the same rule as `Conditions::and_words` has for the database.

/// Prepared once, however many texts are looked through.
#[derive(Debug)]
pub(crate) struct Words(Option<String>);

impl Words {
    /// Blank is nothing to look for.
    pub(crate) fn of(words: Option<&str>) -> Self {
        let words = words.map(str::trim).filter(|words| !words.is_empty());
        Self(words.map(str::to_lowercase))
    }

    /// Whether one of the texts has them; all do where there is nothing to look for.
    pub(crate) fn are_in(&self, texts: &[&str]) -> bool {
        let Self(Some(words)) = self else {
            return true;
        };
        texts.iter().any(|text| text.to_lowercase().contains(words))
    }
}
