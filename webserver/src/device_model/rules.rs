//! What a model may be.

use crate::ground::{ApiError, check};

/// Its name as it is stored.
pub(super) fn name(text: &str) -> Result<String, ApiError> {
    check::name("model", text, 64)
}
