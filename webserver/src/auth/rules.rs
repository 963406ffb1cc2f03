//! What may be sent when signing in.

use crate::ground::{ApiError, password};

/// Longer ones cannot exist, and hashing them would only cost.
pub(super) fn bounded(account: &str, password: &str) -> Result<(), ApiError> {
    let long = |field, text: &str, most| {
        if text.chars().count() > most {
            return Err(ApiError::invalid(field, "过长", "is too long"));
        }
        Ok(())
    };
    long("account", account, 64)?;
    long("password", password, 128)
}

/// A new password: by the rules, and new.
pub(super) fn new_password(old: &str, new: &str, account: &str) -> Result<(), ApiError> {
    password::check("new_password", new, account)?;
    if old == new {
        return Err(ApiError::invalid(
            "new_password",
            "不能与原密码相同",
            "must differ from the present one",
        ));
    }
    Ok(())
}
