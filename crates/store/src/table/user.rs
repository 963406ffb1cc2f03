//! `user`: people who sign in.

use crate::versioned::versioned_row;

/// `state` of a person who may sign in.
pub const ENABLED: &str = "启用";
/// `state` of a person who may not.
pub const DISABLED: &str = "停用";

versioned_row! {
    crate::Table::User, key(user_id);
    /// A version of one person. Its `password_hash` never leaves the web server.
    #[derive(Eq)]
    pub struct User {
        /// The person; the key.
        pub user_id: u64,
        /// With which to sign in; unique.
        pub account: String,
        /// Name.
        pub user_name: String,
        /// Argon2id in PHC format.
        pub password_hash: String,
        /// Role.
        pub role_id: u64,
        /// Phone.
        pub phone: String,
        /// E-mail.
        pub email: String,
        /// [`ENABLED`] or [`DISABLED`].
        pub state: String,
        /// Password changed, Unix ms. Sessions that began before are over.
        pub password_time: i64,
        /// 1 = nothing but changing the password is allowed.
        pub must_change_password: u8,
    }
}
