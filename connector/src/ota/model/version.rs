//! Comparing software versions.

/// Whether two versions are the same but for blanks, of which firmware puts some in front, behind and in between.
/// An empty version is the same as none.
pub fn same_version(one: &str, other: &str) -> bool {
    let letters = |text: &str| {
        text.chars()
            .filter(|c| !c.is_whitespace() && *c != '\0')
            .collect::<String>()
    };
    let one = letters(one);
    !one.is_empty() && one == letters(other)
}

#[cfg(test)]
mod tests {
    use super::same_version;

    #[test]
    fn blanks_do_not_count_and_letters_do() {
        assert!(same_version(" V1.0.8 ", "V1.0.8"));
        assert!(same_version("V1.0.8\u{3000}build 7", "V1.0.8 build7\0"));
        assert!(!same_version("V1.0.8", "V1.0.80"));
        assert!(!same_version("", ""));
    }
}
