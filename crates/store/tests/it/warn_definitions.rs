//! What a code means is read from four tables that staff import.

use store::table::warn_definition::{WarnDefinition, load_all};

use crate::{run, started};

#[tokio::test]
async fn a_codes_own_level_goes_before_that_of_its_class() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    for sql in [
        "INSERT INTO warn_class_def (timestamp, class_id, class_name) SELECT 1, 1, '安全'",
        "INSERT INTO warn_level_class (timestamp, class_id, level) SELECT 1, 1, 2",
        "INSERT INTO warn_name_table (timestamp, warn_code, warn_name, class_id) SELECT 1, 'a', '急停', 1",
        "INSERT INTO warn_name_table (timestamp, warn_code, warn_name, class_id) SELECT 1, 'b', '门开', 1",
        "INSERT INTO warn_name_table (timestamp, warn_code, warn_name, flag_del) SELECT 1, 'd', '旧', 1",
        "INSERT INTO warn_level (timestamp, warn_code, level) SELECT 1, 'b', 1",
        "INSERT INTO warn_level (timestamp, warn_code, level) SELECT 1, 'c', 3",
    ] {
        run(&db, sql).await?;
    }
    let definition = |warn_code: &str, warn_name: &str, warn_class: &str, warn_level| WarnDefinition {
        warn_code: warn_code.into(),
        warn_name: warn_name.into(),
        warn_class: warn_class.into(),
        warn_level,
    };
    let expected = [
        definition("a", "急停", "安全", 2),
        definition("b", "门开", "安全", 1),
        definition("c", "", "", 3),
    ];
    assert_eq!(load_all(&db).await?, expected);
    Ok(())
}
