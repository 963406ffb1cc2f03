//! `parameter_template`: values that parameters of piles ought to have.

use crate::versioned::versioned_row;

versioned_row! {
    crate::Table::ParameterTemplate, key(template_id);
    /// A version of one row.
    #[derive(Eq)]
    pub struct ParameterTemplate {
        /// The template.
        pub template_id: u64,
        /// Its name.
        pub name: String,
        /// Model it is for, empty = any.
        pub model: String,
        /// Parameters, a JSON object of name and value.
        pub items: String,
        /// Remark.
        pub remark: String,
        /// Organization whose people see it, 0 = all.
        pub organization_id: u64,
        /// Account of whoever made it.
        pub created_by: String,
    }
}
