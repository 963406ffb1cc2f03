//! `device_model`: the models of piles.

use crate::versioned::versioned_row;

versioned_row! {
    crate::Table::DeviceModel, key(model_id);
    /// A version of one model.
    #[derive(Eq)]
    pub struct DeviceModel {
        /// The model; the key.
        pub model_id: u64,
        /// Its name, unique.
        pub model: String,
    }
}
