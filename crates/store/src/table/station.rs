//! `station`: places with piles.

use crate::{Milli32, versioned::versioned_row};

versioned_row! {
    crate::Table::Station, key(sta_id);
    /// A version of one station.
    pub struct Station {
        /// The station; the key.
        pub sta_id: u64,
        /// Its name.
        pub sta_name: String,
        /// Address.
        pub address: String,
        /// Province.
        pub province: String,
        /// City.
        pub city: String,
        /// District.
        pub district: String,
        /// Degrees, GCJ-02; 0 = unknown.
        pub longitude: f64,
        /// Degrees, GCJ-02; 0 = unknown.
        pub latitude: f64,
        /// Who operates it.
        pub operator: String,
        /// Contact person.
        pub contact: String,
        /// How to reach that person.
        pub contact_information: String,
        /// Capacity in kW, thousandths.
        pub capacity_kw: Milli32,
        /// Open hours, as people write them.
        pub open_hours: String,
        /// Unix ms; 0 = not in service yet.
        pub commissioning_date: i64,
        /// Time zone of its days, such as `Asia/Urumqi`; empty = Asia/Shanghai.
        pub time_zone: String,
    }
}
