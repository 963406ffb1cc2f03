//! The file of passwords: `{"ops_tcu": "…", …}`. It is the only place where they are readable.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use protocol::Password;

use super::file::{self, FileError};
use crate::model::generate_password;

/// The passwords of at least these accounts: those of the file, and fresh ones for those that it lacks.
pub(super) fn keep<const N: usize>(
    path: &Path,
    usernames: [&str; N],
) -> Result<BTreeMap<String, Password>, FileError> {
    let mut texts: BTreeMap<String, String> = match fs::read(path) {
        Ok(bytes) => {
            file::close_to_others(path)?;
            serde_json::from_slice(&bytes).map_err(|error| FileError::new("read", path)(error.into()))?
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
        Err(error) => return Err(FileError::new("read", path)(error)),
    };
    let before = texts.len();
    for username in usernames {
        texts
            .entry(username.to_owned())
            .or_insert_with(|| generate_password().reveal().to_owned());
    }
    if texts.len() > before {
        file::write_json(path, &texts)?;
    }
    Ok(texts
        .into_iter()
        .map(|(username, text)| (username, Password::new(text)))
        .collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn passwords_stay_and_missing_ones_are_made_for_the_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts.json");
        let first = keep(&path, ["ops_tcu"]).unwrap();
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let second = keep(&path, ["ops_tcu", "engineer"]).unwrap();
        assert_eq!(second["ops_tcu"], first["ops_tcu"]);
        assert_eq!((second.len(), mode()), (2, 0o600));
        assert_eq!(keep(&path, ["engineer"]).unwrap(), second);
    }

    #[test]
    fn a_file_that_is_something_else_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts.json");
        fs::write(&path, "precious").unwrap();
        assert!(keep(&path, ["ops_tcu"]).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"precious");
    }
}
