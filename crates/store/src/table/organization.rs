//! `organization`: who works with the platform, as a tree.

use crate::versioned::versioned_row;

versioned_row! {
    crate::Table::Organization, key(organization_id);
    /// A version of one organization.
    #[derive(Eq)]
    pub struct Organization {
        /// The organization; the key.
        pub organization_id: u64,
        /// The one above; 0 = top.
        pub parent_id: u64,
        /// Its name, unique among its siblings.
        pub organization_name: String,
        /// Contact person.
        pub contact: String,
        /// How to reach that person.
        pub contact_information: String,
    }
}
