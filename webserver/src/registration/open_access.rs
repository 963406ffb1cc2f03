//! `/registration/open_access`: which piles were let in without a password, while the door was open.

use axum::{extract::State, response::Response};
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::Conditions;
use utoipa::{IntoParams, ToSchema};

use crate::ground::{ApiError, Caller, Cell, Column, Envelope, Ground, List, Listed, Page, Paging, column};

/// 某天免密接入的客户端 A client that came without a password on a day
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct OpenAccess {
    /// 日期, 北京时间, YYYY-MM-DD Shanghai's day
    #[schema(example = "2026-11-20")]
    day: String,
    /// 通信编号 The uuid that was let in
    uuid: String,
    /// 客户端编号 The client id that it used
    client_id: String,
    /// 来源地址 The address that it came from
    address: String,
    /// 连接次数 How often it connected
    connections: u64,
}

impl Listed for OpenAccess {
    const WHAT: &'static str = "open_access_daily";
    const FROM: &'static str = "(SELECT day_text AS day, uuid, client_id, address, total AS connections FROM (\
         SELECT toString(day) AS day_text, uuid, client_id, address, sum(connections) AS total \
         FROM open_access_daily GROUP BY day_text, uuid, client_id, address))";
    const SORT: &'static [&'static str] = &["day", "uuid", "connections"];
    const ORDER: &'static str = "day DESC, connections DESC, uuid, client_id, address";
    const COLUMNS: &'static [Column<Self>] = &[
        column("日期", "Day", |row| Cell::text(&row.day)),
        column("通信编号", "uuid", |row| Cell::text(&row.uuid)),
        column("客户端编号", "Client id", |row| Cell::text(&row.client_id)),
        column("来源地址", "Address", |row| Cell::text(&row.address)),
        column("连接次数", "Connections", |row| {
            Cell::Text(row.connections.to_string())
        }),
    ];
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// 日期, 北京时间, YYYY-MM-DD Shanghai's day
    #[param(pattern = r"^\d{4}-\d{2}-\d{2}$", example = "2026-11-20")]
    day: Option<String>,
    /// 通信编号 The uuid
    uuid: Option<String>,
}

/// 免密接入: 每天哪些桩没带密码 Which piles came without a password, by day
#[utoipa::path(get, path = "/registration/open_access", tag = "registration", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<OpenAccess>>)))]
pub(super) async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let filter = &list.filter;
    if filter.day.as_deref().is_some_and(|day| !is_day(day)) {
        return Err(ApiError::invalid(
            "day",
            "须为YYYY-MM-DD格式的日期",
            "must be a date, YYYY-MM-DD",
        ));
    }
    let mut conditions = Conditions::new()
        .and_if("day = ?", filter.day.as_deref())
        .and_if("uuid = ?", filter.uuid.as_deref());
    if !caller.is_of_the_top() {
        conditions = caller.scope.by_own(
            conditions,
            "uuid IN (SELECT name FROM asset FINAL WHERE flag_del = 0 AND sta_id IN \
             (SELECT sta_id FROM organization_station FINAL WHERE flag_del = 0 AND organization_id IN ?))",
        );
    }
    list.answer::<OpenAccess>(&ground, &conditions).await
}

/// `YYYY-MM-DD`; a day that no month has finds nothing.
fn is_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_right = |(at, byte): (usize, &u8)| match at {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    bytes.len() == 10 && bytes.iter().enumerate().all(is_right)
}

#[cfg(test)]
mod tests {
    use super::is_day;

    #[test]
    fn a_day_is_written_in_full() {
        assert!(is_day("2026-11-20"));
        for wrong in ["2026-1-20", "20261120", "2026-11-20 ", "２026-11-2", ""] {
            assert!(!is_day(wrong), "{wrong}");
        }
    }
}
