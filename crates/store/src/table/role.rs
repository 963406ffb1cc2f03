//! `role`: editable sets of permissions.

use crate::versioned::versioned_row;

versioned_row! {
    crate::Table::Role, key(role_id);
    /// A version of one role.
    #[derive(Eq)]
    pub struct Role {
        /// The role; the key.
        pub role_id: u64,
        /// Its name, unique.
        pub role_name: String,
        /// `resource:action`, each part possibly `*`.
        pub permissions: Vec<String>,
        /// What it is for.
        pub description: String,
    }
}
