//! The local copy of a package: brought from ClickHouse once, checked, and read by all piles.

use std::path::{Path, PathBuf};

use ftp::OpsPath;
use md5::{Digest as _, Md5};
use ring::digest::{Context, SHA256};
use store::table::firmware_chunk::{self, CHUNK_BYTES};
use store::table::firmware_package::FirmwarePackage;
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt as _;

use super::{PackageError, known, prune};
use crate::files::{Files, FilesError};

/// Chunks read at once: 4 MiB.
const CHUNKS: u32 = 16;

/// The file of a package, brought here if it is not.
pub(crate) async fn local(files: &Files, package_id: u64) -> Result<PathBuf, PackageError> {
    let folder = files.config.ftp.folder.join("packages");
    let file = folder.join(format!("{package_id}.bin"));
    if is_there(&file).await {
        return Ok(file);
    }
    let _one_at_a_time = files.bringing.lock().await;
    if is_there(&file).await {
        return Ok(file);
    }
    let package = known(files, package_id).await?;
    fs::create_dir_all(&folder).await.map_err(FilesError::from)?;
    let aside = folder.join(format!("{package_id}.part"));
    bring(files, &package, &aside).await?;
    // Whole or not at all.
    fs::rename(&aside, &file).await.map_err(FilesError::from)?;
    prune::prune(&folder).await;
    Ok(file)
}

/// Whether it is there; if so, it is used.
async fn is_there(file: &Path) -> bool {
    let Ok(modified) = fs::metadata(file).await.and_then(|about| about.modified()) else {
        return false;
    };
    prune::note_use(file, modified);
    true
}

async fn bring(files: &Files, package: &FirmwarePackage, aside: &Path) -> Result<(), PackageError> {
    let package_id = package.package_id;
    let mut to = File::create(aside).await.map_err(FilesError::from)?;
    let (mut md5, mut sha256, mut bytes) = (Md5::new(), Context::new(&SHA256), 0);
    for first in (0..package.bytes.div_ceil(CHUNK_BYTES as u64) as u32).step_by(CHUNKS as usize) {
        let part = firmware_chunk::read(&files.db, package_id, first, CHUNKS).await?;
        md5.update(&part);
        sha256.update(&part);
        bytes += part.len() as u64;
        to.write_all(&part).await.map_err(FilesError::from)?;
    }
    to.sync_all().await.map_err(FilesError::from)?;
    let damaged = |what| PackageError::Damaged { package_id, what };
    if bytes != package.bytes {
        return Err(damaged("字节数"));
    }
    if !package.md5.eq_ignore_ascii_case(&hex::encode(md5.finalize())) {
        return Err(damaged("MD5"));
    }
    if !package.sha256.eq_ignore_ascii_case(&hex::encode(sha256.finish())) {
        return Err(damaged("SHA-256"));
    }
    Ok(())
}

/// Puts it on somebody else's server, for one pile. What lies there is believed only if it was put there under the
/// same mark: a file of the right length may still be another one, or have been damaged on its way.
pub(super) async fn put(files: &Files, file: &Path, path: &OpsPath, mark: &str) -> Result<(), FilesError> {
    let path = path.to_string();
    let mut from = File::open(file).await?;
    let bytes = from.metadata().await?.len();
    let mut client = files.client().await?;
    let is_put = files.placed.lock().await.get(&path).is_some_and(|by| by == mark);
    if !is_put || client.size(&path).await? != Some(bytes) {
        client.make_folders(&path).await?;
        client.replace(&path, &mut from).await?;
        files.placed.lock().await.insert(path, mark.to_owned());
    }
    client.quit().await;
    Ok(())
}
