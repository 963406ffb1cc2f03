//! `organization_user`: which organizations a person belongs to.

use crate::versioned::versioned_row;

versioned_row! {
    crate::Table::OrganizationUser, key(organization_id, user_id);
    /// A version of one membership.
    #[derive(Eq)]
    pub struct OrganizationUser {
        /// The organization.
        pub organization_id: u64,
        /// The person.
        pub user_id: u64,
    }
}
