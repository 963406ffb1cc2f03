//! `firmware_package`: files that piles fetch: programs and configurations.

use crate::versioned::{self, versioned_row};
use crate::{Clickhouse, Conditions, StoreError};

/// `file_type` of a program.
pub const PROGRAM: &str = "程序包";
/// `file_type` of a configuration.
pub const CONFIGURATION: &str = "配置文件";

versioned_row! {
    crate::Table::FirmwarePackage, key(package_id);
    /// A version of one package. It is written behind its chunks: where there is a row, they are all there.
    #[derive(Eq)]
    pub struct FirmwarePackage {
        /// The package; the key.
        pub package_id: u64,
        /// Name for people.
        pub name: String,
        /// [`PROGRAM`] or [`CONFIGURATION`].
        pub file_type: String,
        /// Model of pile it is for, empty = any.
        pub model: String,
        /// Version that a pile reports once it runs it.
        pub version: String,
        /// Name of the file as piles see it, without folders.
        pub file_name: String,
        /// Size.
        pub bytes: u64,
        /// Chunks in `firmware_chunk`.
        pub chunks: u32,
        /// MD5, lower-case hex.
        pub md5: String,
        /// SHA-256, lower-case hex.
        pub sha256: String,
        /// Ed25519 signature given with the upload, hex; empty = none, and the platform signs.
        pub signature: String,
        /// Remark.
        pub remark: String,
        /// Who uploaded it.
        pub created_by: String,
        /// When, Unix ms.
        pub created_time: i64,
    }
}

/// The package of this id; none if it was deleted.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn by_id(db: &Clickhouse, package_id: u64) -> Result<Option<FirmwarePackage>, StoreError> {
    let conditions = Conditions::new().and("package_id = ?", [package_id.into()]);
    Ok(versioned::present(db, &conditions).await?.into_iter().next())
}
