//! What a warning code means: `warn_name_table`, `warn_class_def`, `warn_level`, `warn_level_class` read
//! together. Staff import and export those tables as CSV; no service writes them while it runs.

use clickhouse::Row;
use serde::Deserialize;

use crate::{Clickhouse, StoreError};

/// One code. What is not defined is empty or 0.
#[derive(Debug, Clone, PartialEq, Eq, Row, Deserialize)]
pub struct WarnDefinition {
    /// 告警代码.
    pub warn_code: String,
    /// 告警名称.
    pub warn_name: String,
    /// The class's name.
    pub warn_class: String,
    /// The code's own level, else that of its class.
    pub warn_level: u8,
}

/// Every code that has a name or a level.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn load_all(db: &Clickhouse) -> Result<Vec<WarnDefinition>, StoreError> {
    let sql = "
        WITH names AS (SELECT * FROM warn_name_table FINAL WHERE flag_del = 0),
             levels AS (SELECT * FROM warn_level FINAL WHERE flag_del = 0)
        SELECT codes.warn_code AS warn_code, names.warn_name AS warn_name, class.class_name AS warn_class,
               if(levels.level != 0, levels.level, class_level.level) AS warn_level
        FROM (SELECT warn_code FROM names UNION DISTINCT SELECT warn_code FROM levels) AS codes
        LEFT JOIN names ON names.warn_code = codes.warn_code
        LEFT JOIN levels ON levels.warn_code = codes.warn_code
        LEFT JOIN (SELECT * FROM warn_class_def FINAL WHERE flag_del = 0) AS class
            ON class.class_id = names.class_id
        LEFT JOIN (SELECT * FROM warn_level_class FINAL WHERE flag_del = 0) AS class_level
            ON class_level.class_id = names.class_id
        ORDER BY warn_code";
    db.rows(
        "the warning definitions",
        db.client().query(sql).with_setting("join_use_nulls", "0"),
    )
    .await
}
