//! Files and folders that only their owner may read, and those beside them that everybody may.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

const FILE: u32 = 0o600;
const PUBLIC: u32 = 0o644;
const FOLDER: u32 = 0o700;

/// Makes the folder, or takes the rights of others away.
pub(super) fn folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(FOLDER).create(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(FOLDER))
}

/// Replaces the file whole.
pub(super) fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    write_as(path, contents, FILE)
}

/// The same, for everybody to read.
pub(super) fn publish(path: &Path, contents: &[u8]) -> io::Result<()> {
    write_as(path, contents, PUBLIC)
}

fn write_as(path: &Path, contents: &[u8], mode: u32) -> io::Result<()> {
    let aside = path.with_extension("new");
    // One that is left over may be open to others.
    let _ = fs::remove_file(&aside);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&aside)?;
    file.write_all(contents)?;
    file.sync_all()?;
    fs::rename(&aside, path)
}

/// So many bytes that nobody can guess, two letters each.
pub(super) fn random_hex(bytes: usize) -> io::Result<String> {
    let mut random = vec![0; bytes];
    File::open("/dev/urandom")?.read_exact(&mut random)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}
