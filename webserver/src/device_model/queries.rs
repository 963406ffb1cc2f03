//! What is asked of the database about models.

use store::{Conditions, table::device_model::DeviceModel, versioned};

use crate::ground::{ApiError, Ground, one};

/// Models whose name contains the words.
pub(super) fn filtered(words: Option<&str>) -> Conditions {
    Conditions::new()
        .and("flag_del = 0", [])
        .and_words("positionCaseInsensitiveUTF8(model, ?) > 0", words)
}

/// # Errors
/// 404.
pub(super) async fn by_id(ground: &Ground, model_id: u64) -> Result<DeviceModel, ApiError> {
    one(
        &ground.db,
        Conditions::new().and("model_id = ?", [model_id.into()]),
    )
    .await
}

/// # Errors
/// 409 if another model has this name.
pub(super) async fn require_free(ground: &Ground, model: &str, except: u64) -> Result<(), ApiError> {
    let same = Conditions::new()
        .and("model = ?", [model.into()])
        .and("model_id != ?", [except.into()]);
    if versioned::present::<DeviceModel>(&ground.db, &same)
        .await?
        .is_empty()
    {
        return Ok(());
    }
    Err(ApiError::conflict(
        "型号名称已存在",
        "There is such a model already",
    ))
}

/// # Errors
/// 409 if an asset is of this model.
pub(super) async fn require_unused(ground: &Ground, model: &str) -> Result<(), ApiError> {
    let of_it = Conditions::new()
        .and("flag_del = 0", [])
        .and("model = ?", [model.into()]);
    let query = of_it.query_with(&ground.db, "SELECT device_id FROM asset FINAL", " LIMIT 1");
    if ground
        .db
        .rows::<u64>("the assets of a model", query)
        .await?
        .is_empty()
    {
        return Ok(());
    }
    Err(ApiError::conflict(
        "仍有资产使用该型号",
        "There are assets of this model",
    ))
}
