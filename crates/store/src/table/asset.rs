//! `asset`: one pile as owned equipment. A row is a version; the newest `timestamp` counts.

use crate::rowbinary::table_row;

table_row! {
    crate::Table::Asset;
    /// A version of one pile's asset.
    pub struct Asset<'a> {
        /// Version: Unix ms, always above the row it replaces.
        pub timestamp: i64,
        /// 1 = deleted.
        pub flag_del: u8,
        /// The pile; the key.
        pub device_id: u64,
        /// Its station; 0 until one is given.
        pub sta_id: u64,
        /// Device type; 0 = unknown.
        pub dt_id: u64,
        /// Model.
        pub model: &'a str,
        /// Contract number.
        pub contract_num: &'a str,
        /// Unix ms; 0 = unknown.
        pub manufacture_date: i64,
        /// Mobile operator of the SIM.
        pub mvno: &'a str,
        /// The operator's code.
        pub mvno_code: &'a str,
        /// ICCID.
        pub sim: &'a str,
        /// 待接入 for an adopted pile, 待审核, 已审核, …
        pub audit_status: &'a str,
        /// Maintenance status.
        pub maintecance_status: &'a str,
        /// Guarantee period, as people write it.
        pub guarantee_period: &'a str,
        /// Unix ms; 0 = unknown.
        pub guarantee_start: i64,
        /// Unix ms; 0 = unknown.
        pub guarantee_end: i64,
        /// Who maintains it.
        pub maintecance_organization: &'a str,
        /// The person responsible.
        pub responsible: &'a str,
        /// How to reach that person.
        pub contact_information: &'a str,
        /// The uuid with which the pile speaks.
        pub name: &'a str,
        /// The pile's name for people.
        pub ass_name: &'a str,
        /// Unix ms; 0 = not in service yet.
        pub commissioning_date: i64,
    }
}
