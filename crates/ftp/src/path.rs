//! Paths as the field has them: `/ops/{uuid}/download/{file}` and `/ops/{uuid}/upload/log/{file}`.
//!
//! A pile is never given a folder: what it asks for is compared, part by part, with the path it was granted. So
//! there is nothing that `..`, a link or an encoding could lead to.

use std::fmt;
use std::path::{Component, Path};

use protocol::Uuid;

use crate::Direction;

/// Most bytes of a file's name: what the file systems of both sides take.
const LONGEST_NAME: usize = 200;
/// Most bytes of a path that a client may send.
const LONGEST_PATH: usize = 1024;

/// The name of a file, fit for a path on either side.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileName(String);

/// Why a name is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing there.
    #[error("文件名不能为空 (a file name may not be empty)")]
    Empty,
    /// Longer than a file system takes.
    #[error("文件名不能超过200字节 (a file name has at most 200 bytes)")]
    Long,
    /// `.`, `..`, or hidden.
    #[error("文件名不能以点开头 (a file name may not begin with a dot)")]
    Dot,
    /// What separates, ends or hides names.
    #[error("文件名不能含有 {0:?} (a file name may not contain it)")]
    Character(char),
    /// Blanks at an end get lost.
    #[error("文件名首尾不能有空白 (a file name may not begin or end with a blank)")]
    Blank,
}

impl FileName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let odd =
            |c: &char| c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
        if text.is_empty() {
            Err(NameError::Empty)
        } else if text.len() > LONGEST_NAME {
            Err(NameError::Long)
        } else if text.starts_with('.') {
            Err(NameError::Dot)
        } else if let Some(character) = text.chars().find(odd) {
            Err(NameError::Character(character))
        } else if text.trim() != text {
            Err(NameError::Blank)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A file of one pile, as it stands in a command.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OpsPath {
    /// Whose.
    pub uuid: Uuid,
    /// Which of its folders.
    pub direction: Direction,
    /// The file.
    pub file: FileName,
}

impl OpsPath {
    /// Reads `/ops/{uuid}/download/{file}` or `/ops/{uuid}/upload/log/{file}`; anything else is none.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_parts(&parts(Path::new(text))?)
    }

    pub(crate) fn from_parts(parts: &[&str]) -> Option<Self> {
        let (uuid, direction, file) = match parts {
            ["ops", uuid, "download", file] => (uuid, Direction::Download, file),
            ["ops", uuid, "upload", "log", file] => (uuid, Direction::Upload, file),
            _ => return None,
        };
        Some(Self {
            uuid: Uuid::parse(uuid).ok()?,
            direction,
            file: FileName::parse(file).ok()?,
        })
    }

    /// The folder, with a slash at both ends.
    pub fn folder(&self) -> String {
        let folder = match self.direction {
            Direction::Download => "download",
            Direction::Upload => "upload/log",
        };
        format!("/ops/{}/{folder}/", self.uuid)
    }
}

impl fmt::Display for OpsPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.folder(), self.file)
    }
}

/// The parts of an absolute path; none if it has a part that no path of ours has.
pub(crate) fn parts(path: &Path) -> Option<Vec<&str>> {
    let text = path.to_str()?;
    if text.len() > LONGEST_PATH || text.contains(|c: char| c.is_control() || c == '\\') {
        return None;
    }
    let mut found = Vec::new();
    for component in path.components() {
        match component {
            Component::RootDir | Component::CurDir => {}
            Component::Normal(part) => found.push(part.to_str()?),
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_the_field_are_read_and_written_alike() {
        for text in [
            "/ops/AAAAALFW/download/actest107.bin",
            "/ops/AAAAALDJ/upload/log/BillingGun1.0.log",
            "/ops/AAAAALDJ/upload/log/充电 日志.log",
        ] {
            assert_eq!(
                OpsPath::parse(text).map(|path| path.to_string()).as_deref(),
                Some(text)
            );
        }
        let slack = OpsPath::parse("//ops/./AAAAALFW//download/a").map(|path| path.to_string());
        assert_eq!(slack.as_deref(), Some("/ops/AAAAALFW/download/a"));
    }

    #[test]
    fn tricks_are_no_paths() {
        let long = format!("/ops/AAAAALFW/download/{}", "a".repeat(201));
        let longer = format!("/ops/AAAAALFW/download/{}", "a/".repeat(600));
        for text in [
            "",
            "/",
            "/ops",
            "/ops/AAAAALFW",
            "/ops/AAAAALFW/download",
            "/ops/AAAAALFW/download/",
            "/ops/AAAAALFW/upload/a",
            "/ops/aaaaalfw/download/a",
            "/ops/AAAAALF/download/a",
            "/ops/AAAAALFW/download/../upload/log/a",
            "/ops/AAAAALFW/download/..",
            "/ops/AAAAALFW/download/.a",
            "/ops/AAAAALFW/download/a/b",
            "/ops/AAAAALFW/download/a\\b",
            "/ops/AAAAALFW/download/a\0b",
            "/ops/AAAAALFW/download/a\r\nDELE b",
            "/ops/%41AAAALFW/download/a",
            "/etc/passwd",
            "/ops/AAAAALFW/download/\u{202e}\u{7f}",
            &long,
            &longer,
        ] {
            assert_eq!(OpsPath::parse(text), None, "{text:?}");
        }
        // A percent sign is a character like others: nobody decodes it.
        let plain = OpsPath::parse("/ops/AAAAALFW/download/%2e%2e");
        assert_eq!(plain.map(|path| path.file.to_string()).as_deref(), Some("%2e%2e"));
    }

    #[test]
    fn a_bad_name_says_what_is_bad() {
        assert_eq!(FileName::parse(""), Err(NameError::Empty));
        assert_eq!(FileName::parse(".."), Err(NameError::Dot));
        assert_eq!(FileName::parse("a/b"), Err(NameError::Character('/')));
        assert_eq!(FileName::parse("a\n"), Err(NameError::Character('\n')));
        assert_eq!(FileName::parse(" a"), Err(NameError::Blank));
        assert_eq!(FileName::parse(&"a".repeat(201)), Err(NameError::Long));
    }
}
