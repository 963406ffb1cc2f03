//! Staff's interface over `operations`: one file per resource.
//!
//! Whoever has the token may do everything, and says in `X-Operator` for whom; the account is what
//! `operation_record` keeps.

mod allow_list;
mod answer;
mod broker_account;
mod error;
mod fields;
mod guard;
mod open_access;
mod registration;
mod rules;
mod run;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use common::config::Secret;

use crate::operations::Operations;

use self::error::ApiError;
use super::Token;

/// A change names one TCU and a reason.
const LARGEST_BODY: usize = 64 * 1024;

/// The interface's routes; none without a token.
pub fn routes(operations: Operations, token: &Secret) -> Router {
    let Some(token) = Token::new(token) else {
        return Router::new();
    };
    Router::new()
        .merge(registration::routes())
        .merge(allow_list::routes())
        .merge(open_access::routes())
        .merge(broker_account::routes())
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .with_state(operations)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(token, guard::admit))
        .layer(middleware::from_fn(error::localize))
}

/// What answers a path that nobody has.
pub async fn not_found(request: axum::extract::Request) -> axum::response::Response {
    let language = common::language::Language::of(request.headers());
    error::written(&ApiError::NotFound, language)
}
