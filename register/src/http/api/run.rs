//! Carries operations out to their end: a client that goes away must not leave one half done.

use axum::response::Response;
use serde::Serialize;

use super::answer;
use super::error::ApiError;
use crate::operations::OperationError;
use common::language::Language;

/// The outcome of an operation, which goes on if nobody waits for it any longer.
pub(super) async fn to_the_end<T: Serialize + Send + 'static>(
    language: Language,
    operation: impl Future<Output = Result<T, OperationError>> + Send + 'static,
) -> Result<Response, ApiError> {
    let outcome = tokio::spawn(operation).await.map_err(|_| ApiError::Internal)?;
    Ok(answer::success(outcome?, language))
}
