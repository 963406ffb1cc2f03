//! The steps as embedded in the program.

use include_dir::{Dir, include_dir};

static SQL: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../sql");

/// The table that remembers which steps have been applied.
pub const STEPS_APPLIED_TABLE: &str = "schema_version";

/// Not itself a step: it must be there before the first one.
pub(super) const VERSION_TABLE: &str = "\
CREATE TABLE IF NOT EXISTS schema_version {on_cluster}
(
    step UInt32 COMMENT '步骤编号 Number of the step',
    name String COMMENT '文件名 File of the step',
    applied_time Int64 COMMENT '执行时间, 毫秒 Applied, Unix ms'
)
ENGINE = {engine:ReplacingMergeTree(applied_time)}
ORDER BY step
COMMENT '已执行的建表步骤 Schema steps that have been applied'";

/// One file of `sql/`: `NNNN_name.sql`.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Its number; steps are applied in this order, and a number is never reused.
    pub number: u32,
    /// Its file name.
    pub name: &'static str,
    /// Its one statement, with placeholders.
    pub sql: &'static str,
}

/// Every step, in order.
///
/// # Panics
/// If a file of `sql/` is not named `NNNN_name.sql` or not UTF-8; a test reads them all.
pub fn steps() -> Vec<Step> {
    let mut steps: Vec<_> = SQL
        .files()
        .filter_map(|file| {
            let name = file.path().file_name()?.to_str()?.strip_suffix(".sql")?;
            let (number, _) = name.split_once('_').expect("steps are named NNNN_name.sql");
            let number = number.parse().expect("a step's name begins with its number");
            Some(Step {
                number,
                name,
                sql: file.contents_utf8().expect("steps are UTF-8"),
            })
        })
        .collect();
    steps.sort_by_key(|step| step.number);
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers may be left out: they are given out before the steps are written, and each step is applied by its
    /// own number.
    #[test]
    fn steps_are_numbered_from_one_without_twins() {
        let numbers: Vec<u32> = steps().iter().map(|step| step.number).collect();
        assert_eq!(numbers.first(), Some(&1));
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
        assert!(numbers.len() >= 33);
    }

    #[test]
    fn a_step_is_one_statement_that_may_be_repeated() {
        for step in steps() {
            let mut statement = step.sql.lines().filter(|line| !line.starts_with("--"));
            assert!(
                !statement.any(|line| line.trim_end().ends_with(';')),
                "{}",
                step.name
            );
            let setting = step.sql.contains(" MODIFY SETTING ");
            assert!(setting || step.sql.contains("IF NOT EXISTS"), "{}", step.name);
        }
    }
}
