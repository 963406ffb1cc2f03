//! Forgets a deduplication token whose rows were never committed.
//!
//! The engine writes a block's token to the table's log and then renames the block's part into place. A kill
//! between the two leaves a token without rows, and the retry of that block would be taken for a repetition:
//! acknowledged and lost. Both steps happen under the table's lock, so only the last record can be such a one;
//! it is dropped before the engine starts.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// The record of a token that was added; its second field names the part.
const ADDED: &str = "1";

/// Looks at every table of the data folder. The folder must be locked and the engine not yet started.
pub(super) fn forget_uncommitted(data: &Path) -> io::Result<()> {
    for group in folders(&data.join("store"))? {
        for table in folders(&group)? {
            let logs = table.join("deduplication_logs");
            if logs.is_dir() {
                repair(&table, &logs)?;
            }
        }
    }
    Ok(())
}

/// The folders in a folder; none when it does not exist.
fn folders(parent: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(parent) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let paths = entries
        .map(|entry| entry.map(|e| e.path()))
        .collect::<io::Result<Vec<_>>>()?;
    Ok(paths.into_iter().filter(|path| path.is_dir()).collect())
}

fn repair(table: &Path, logs: &Path) -> io::Result<()> {
    let Some((file, text)) = newest_log(logs)? else {
        return Ok(());
    };
    let Some(record) = text
        .strip_suffix('\n')
        .map(|t| t.rsplit('\n').next().unwrap_or_default())
    else {
        return Ok(());
    };
    let mut fields = record.split('\t');
    let (Some(ADDED), Some(Some(part))) = (fields.next(), fields.next().map(Part::parse)) else {
        return Ok(());
    };
    let committed = folders(table)?.iter().any(|folder| {
        let name = folder.file_name().and_then(|name| name.to_str());
        name.and_then(Part::parse)
            .is_some_and(|found| found.covers(&part))
    });
    if committed {
        return Ok(());
    }
    tracing::warn!(table = %table.display(), record, "a killed insert left its token without its rows; forgotten");
    let log = OpenOptions::new().write(true).open(&file)?;
    log.set_len((text.len() - record.len() - 1) as u64)?;
    log.sync_all()
}

/// The log with the highest number that has records.
fn newest_log(logs: &Path) -> io::Result<Option<(PathBuf, String)>> {
    let number = |path: &PathBuf| -> Option<u64> {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix("deduplication_log_")?
            .strip_suffix(".txt")?
            .parse()
            .ok()
    };
    let entries = fs::read_dir(logs)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<io::Result<Vec<_>>>()?;
    let mut files: Vec<_> = entries
        .into_iter()
        .filter_map(|path| Some((number(&path)?, path)))
        .collect();
    files.sort();
    for (_, file) in files.into_iter().rev() {
        let text = fs::read_to_string(&file)?;
        if !text.is_empty() {
            return Ok(Some((file, text)));
        }
    }
    Ok(None)
}

/// What the name of a part says: `<partition>_<first block>_<last block>_<level>[_<mutation>]`.
#[derive(Debug, PartialEq, Eq)]
struct Part<'a> {
    partition: &'a str,
    first: u64,
    last: u64,
}

impl<'a> Part<'a> {
    /// `None` for unfinished parts (`tmp_insert_…`, `delete_tmp_…`) and for what is no part.
    fn parse(name: &'a str) -> Option<Self> {
        let fields: Vec<_> = name.split('_').collect();
        let [partition, first, last, rest @ ..] = fields.as_slice() else {
            return None;
        };
        let numbered = (1..=2).contains(&rest.len()) && rest.iter().all(|n| n.parse::<u64>().is_ok());
        numbered.then_some(Self {
            partition,
            first: first.parse().ok()?,
            last: last.parse().ok()?,
        })
    }

    /// Whether the other's rows are in this part, which may have been merged since.
    fn covers(&self, other: &Self) -> bool {
        self.partition == other.partition && self.first <= other.first && other.last <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A data folder with one table, its parts, and its log.
    fn table(parts: &[&str], log: &str) -> (tempfile::TempDir, PathBuf) {
        let data = tempfile::tempdir().unwrap();
        let table = data.path().join("store/abc/abc-uuid");
        for part in parts {
            fs::create_dir_all(table.join(part)).unwrap();
        }
        let file = table.join("deduplication_logs/deduplication_log_2.txt");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, log).unwrap();
        fs::write(
            table.join("deduplication_logs/deduplication_log_1.txt"),
            "1\t1_9_9_0\told\n",
        )
        .unwrap();
        (data, file)
    }

    fn after_repair(parts: &[&str], log: &str) -> String {
        let (data, file) = table(parts, log);
        forget_uncommitted(data.path()).unwrap();
        fs::read_to_string(file).unwrap()
    }

    #[test]
    fn a_token_without_its_part_is_forgotten() {
        let log = "1\t202601_1_1_0\tx\n1\t202602_2_2_0\ty\n";
        assert_eq!(after_repair(&["202601_1_1_0"], log), "1\t202601_1_1_0\tx\n");
        assert_eq!(
            after_repair(&["202601_1_1_0", "tmp_insert_202602_2_2_0"], log),
            "1\t202601_1_1_0\tx\n"
        );
    }

    #[test]
    fn tokens_of_committed_merged_and_dropped_parts_stay() {
        let log = "1\t202601_1_1_0\tx\n1\t202601_2_2_0\ty\n";
        for parts in [["202601_2_2_0"], ["202601_1_2_1"], ["202601_2_2_0_7"]] {
            assert_eq!(after_repair(&parts, log), log);
        }
        let dropped = "1\t202601_1_1_0\tx\n2\t202601_1_1_0\tx\n";
        assert_eq!(after_repair(&["detached"], dropped), dropped);
    }

    #[test]
    fn a_folder_without_tables_is_left_alone() {
        forget_uncommitted(tempfile::tempdir().unwrap().path()).unwrap();
    }
}
