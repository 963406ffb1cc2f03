//! Firmware packages on their way to piles. ClickHouse keeps them; here is the local copy that all piles read, the
//! signature, and 下载's fields.
//!
//! For a room that wants a pile to fetch a package: [`order`] (with its `ground.files`) gives the command, as often as it is asked under the
//! same mark the same one; [`done`] when the pile has it or never will.

mod local;
mod prune;
mod signature;

use ftp::{Direction, FileName, NameError, OpsPath};
use protocol::Uuid;
use protocol::downlink::{Download, FileType};
use store::StoreError;
use store::table::firmware_package::{self, CONFIGURATION, FirmwarePackage};

pub(crate) use local::local;
pub use signature::{SignatureError, Signer};

use crate::files::{Files, FilesError};

/// Why a package cannot go out.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// There is none of this id.
    #[error("程序包{0}不存在或已删除")]
    Unknown(u64),
    /// What is kept is not what was registered.
    #[error("程序包{package_id}的内容与登记的{what}不符,请重新上传")]
    Damaged {
        /// Which.
        package_id: u64,
        /// 字节数, MD5, SHA-256.
        what: &'static str,
    },
    /// Its name cannot stand in a path.
    #[error("程序包的{0}")]
    Name(#[from] NameError),
    /// Its signature.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// ClickHouse.
    #[error("程序包无法读取: {0}")]
    Store(#[from] StoreError),
    /// The way to the pile.
    #[error(transparent)]
    Files(#[from] FilesError),
}

impl PackageError {
    /// Whether trying again may help: something is away. Otherwise a person is needed.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Store(error) => error.failure() == store::Failure::Temporary,
            Self::Files(FilesError::Ftp(error)) => error.is_temporary(),
            Self::Files(_) => true,
            Self::Unknown(_) | Self::Damaged { .. } | Self::Name(_) | Self::Signature(_) => false,
        }
    }
}

/// 下载 of this package for a pile. What the pile needs is ready when this returns: the file is there and the
/// account lets it in until `until` (Unix ms). `mark` is the command's.
///
/// # Errors
/// [`PackageError`].
pub async fn order(
    files: &Files,
    package_id: u64,
    uuid: Uuid,
    mark: &str,
    until: i64,
) -> Result<Download, PackageError> {
    let package = known(files, package_id).await?;
    let path = path(&package, uuid)?;
    let signature = signature::of(files, &package).await?;
    let local = local(files, package_id).await?;
    let place = files.grant(mark, &path, package_id, until, 0).await?;
    if !files.is_embedded() {
        local::put(files, &local, &path, mark).await?;
    }
    Ok(Download {
        file_type: if package.file_type == CONFIGURATION {
            FileType::Configuration
        } else {
            FileType::Program
        },
        server: place.server,
        port: place.port,
        user: place.user,
        password: place.password,
        path: place.path,
        bytes: package.bytes,
        md5: package.md5,
        signature,
        version: package.version,
        sub_devices: Vec::new(),
    })
}

/// The pile has it, or never will: its account ends.
///
/// # Errors
/// [`PackageError`]; the account ends by itself at its moment.
pub async fn done(files: &Files, package_id: u64, uuid: Uuid, mark: &str) -> Result<(), PackageError> {
    let package = match known(files, package_id).await {
        Err(PackageError::Unknown(_)) => return Ok(()),
        package => package?,
    };
    Ok(files.withdraw(mark, &path(&package, uuid)?).await?)
}

async fn known(files: &Files, package_id: u64) -> Result<FirmwarePackage, PackageError> {
    let package = firmware_package::by_id(&files.db, package_id).await?;
    package.ok_or(PackageError::Unknown(package_id))
}

fn path(package: &FirmwarePackage, uuid: Uuid) -> Result<OpsPath, NameError> {
    Ok(OpsPath {
        uuid,
        direction: Direction::Download,
        file: FileName::parse(&package.file_name)?,
    })
}
