//! `<data-dir>/run/up.json`: what `pile-ops up` tells the other commands about itself.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::{Deserialize, Serialize};

use crate::{
    data_folder::DataFolder,
    error::CommandError,
    plan::{Life, Ports},
};

/// One running platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFile {
    /// The process of `pile-ops up`.
    pub pid: u32,
    /// Its start, Unix milliseconds.
    pub since: i64,
    /// Where everything listens.
    pub ports: Ports,
    /// The children by name.
    pub services: BTreeMap<String, Life>,
}

impl RunFile {
    /// Replaces the file at `path` whole, so that a reader never sees half of it.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let aside = path.with_extension("json.new");
        fs::write(&aside, serde_json::to_vec_pretty(self)?)?;
        fs::rename(aside, path)
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    /// When it is not there or not ours.
    pub fn read(path: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(path)?)?)
    }

    /// What runs in the data folder at `path` now. A file left behind by a killed `up` does not count.
    ///
    /// # Errors
    /// [`CommandError::NothingRuns`].
    pub fn of_running(path: &Path) -> Result<Self, CommandError> {
        let nothing = |_| CommandError::NothingRuns(path.to_owned());
        let folder = DataFolder::new(path).map_err(nothing)?;
        let file = Self::read(&folder.run_file()).map_err(nothing)?;
        if folder.is_owned() {
            Ok(file)
        } else {
            Err(CommandError::NothingRuns(path.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("up.json");
        let life = Life {
            pid: Some(7),
            since: 1,
            ready: true,
            restarts: 2,
        };
        let ports = Ports {
            mqtt: 1,
            web: 2,
            clickhouse: 3,
            redis: 4,
            metrics: 5,
            ..Ports::default()
        };
        let file = RunFile {
            pid: 9,
            since: 3,
            ports,
            services: [("redis-server".to_owned(), life)].into(),
        };
        file.write(&path).unwrap();
        assert_eq!(RunFile::read(&path).unwrap(), file);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
