//! What is asked of the database about parameters.

use std::collections::HashMap;

use store::{Conditions, Value, template::Template};

use super::compare::Has;
use crate::ground::{ApiError, Ground};

/// What these piles have of the wanted parameters.
pub(super) async fn values(
    ground: &Ground,
    device_ids: Vec<u64>,
    wanted: &Template,
) -> Result<HashMap<u64, Has>, ApiError> {
    let mut values = HashMap::<u64, Has>::new();
    if device_ids.is_empty() {
        return Ok(values);
    }
    let query = Conditions::new()
        .and("flag_del = 0", [])
        .and("device_id IN ?", [Value::UnsignedList(device_ids)])
        .and(
            "name IN ?",
            [Value::TextList(wanted.names().map(str::to_owned).collect())],
        )
        .query(
            &ground.db,
            "SELECT device_id, toString(name) AS name, value, read_time FROM pile_parameter FINAL",
        );
    let rows = ground
        .db
        .rows::<(u64, String, String, i64)>("the parameters of piles", query)
        .await?;
    for (device_id, name, value, read_time) in rows {
        let has = values.entry(device_id).or_default();
        has.read_times.insert(name.clone(), read_time);
        has.values.insert(name, value);
    }
    Ok(values)
}
