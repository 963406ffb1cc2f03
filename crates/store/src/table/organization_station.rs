//! `organization_station`: which stations an organization may see. A subset of what the one above may see.

use crate::versioned::versioned_row;

versioned_row! {
    crate::Table::OrganizationStation, key(organization_id, sta_id);
    /// A version of one grant.
    #[derive(Eq)]
    pub struct OrganizationStation {
        /// The organization.
        pub organization_id: u64,
        /// The station.
        pub sta_id: u64,
    }
}
