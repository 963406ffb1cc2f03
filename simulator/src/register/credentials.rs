//! The credentials of a fleet in a file, so that a fleet started again does not ask again.
//!
//! A line is written for every change, the last line of a factory number counts; at the start the file is written
//! anew without the others.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Mutex;

use anyhow::Context;
use protocol::Uuid;
use serde::{Deserialize, Serialize};

use super::lock;

/// What a TCU connects with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Credentials {
    /// Its uuid by now.
    pub(crate) uuid: Uuid,
    /// The user name, which is the uuid at the time of registration.
    pub(crate) username: Box<str>,
    pub(crate) password: Box<str>,
}

/// Without the password.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({} as {})", self.uuid, self.username)
    }
}

#[derive(Serialize, Deserialize)]
struct Line {
    sn: String,
    #[serde(flatten)]
    credentials: Credentials,
}

/// The file, or none: then credentials last as long as the run.
#[derive(Debug)]
pub(crate) struct CredentialsFile {
    file: Option<Mutex<File>>,
    remembered: Mutex<HashMap<String, Credentials>>,
    count: u64,
}

impl CredentialsFile {
    pub(crate) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Self {
                file: None,
                remembered: Mutex::default(),
                count: 0,
            });
        };
        let remembered = read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let file = write(path, &remembered).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self {
            file: Some(Mutex::new(file)),
            count: remembered.len() as u64,
            remembered: Mutex::new(remembered),
        })
    }

    /// How many the file had at the start.
    pub(crate) fn len(&self) -> u64 {
        self.count
    }

    /// Those of a factory number; they are the caller's now, so that the fleet's are in memory once.
    pub(crate) fn take(&self, sn: &str) -> Option<Credentials> {
        lock(&self.remembered).remove(sn)
    }

    pub(crate) fn keep(&self, sn: &str, credentials: &Credentials) -> anyhow::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let bytes = line(sn, credentials)?;
        lock(file).write_all(&bytes).context("cannot keep credentials")
    }
}

fn line(sn: &str, credentials: &Credentials) -> anyhow::Result<Vec<u8>> {
    let line = Line {
        sn: sn.to_owned(),
        credentials: credentials.clone(),
    };
    let mut bytes = serde_json::to_vec(&line)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn read(path: &Path) -> std::io::Result<HashMap<String, Credentials>> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(HashMap::new()),
        text => text?,
    };
    // The last line of a run that was killed may be half a line: that TCU asks again.
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Line>(line).ok());
    Ok(lines.map(|line| (line.sn, line.credentials)).collect())
}

/// Writes them all, for the owner's eyes only, and gives the file to go on with.
fn write(path: &Path, all: &HashMap<String, Credentials>) -> anyhow::Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    // One that a killed run left may be for everybody's eyes.
    let _ = fs::remove_file(&name);
    let file = OpenOptions::new()
        .create_new(true)
        .append(true)
        .mode(0o600)
        .open(&name)?;
    let mut out = BufWriter::new(file);
    for (sn, credentials) in all {
        out.write_all(&line(sn, credentials)?)?;
    }
    let file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.sync_all()?;
    fs::rename(&name, path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn credentials(uuid: &str, password: &str) -> Credentials {
        Credentials {
            uuid: Uuid::parse(uuid).unwrap(),
            username: uuid.into(),
            password: password.into(),
        }
    }

    #[test]
    fn the_last_word_counts_and_half_a_line_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials");
        let file = CredentialsFile::open(Some(&path)).unwrap();
        file.keep("SN1", &credentials("AAAAAAAB", "old")).unwrap();
        file.keep("SN2", &credentials("AAAAAAAC", "two")).unwrap();
        file.keep("SN1", &credentials("AAAAAAAB", "new")).unwrap();
        fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .unwrap()
            .write_all(b"{\"sn\":\"SN3")
            .unwrap();

        let file = CredentialsFile::open(Some(&path)).unwrap();
        assert_eq!(file.len(), 2);
        assert_eq!(file.take("SN1"), Some(credentials("AAAAAAAB", "new")));
        assert_eq!(file.take("SN1"), None);
        assert_eq!(file.take("SN3"), None);
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!format!("{:?}", credentials("AAAAAAAB", "geheim")).contains("geheim"));
    }
}
