//! `/registration/open_access`: who still connects without a password.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::answer::{self, List};
use super::error::ApiError;
use super::fields::Query;
use super::rules::Rule;
use crate::operations::Operations;
use common::language::Language;

pub(super) fn routes() -> Router<Operations> {
    Router::new().route("/registration/open_access", get(list))
}

async fn list(
    State(all): State<Operations>,
    language: Language,
    Query(mut query): Query,
) -> Result<Response, ApiError> {
    let day = query.text("day")?;
    if !day.is_empty() && !is_day(&day) {
        return Err(ApiError::Invalid("day".to_owned(), Rule::Day));
    }
    let uuid = query
        .uuid("uuid")?
        .map(|uuid| uuid.to_string())
        .unwrap_or_default();
    let page = query.page()?;
    query.nothing_else()?;
    let found = all.open_access(&day, &uuid, page).await?;
    Ok(answer::success(List::from(found), language))
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
