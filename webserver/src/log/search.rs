//! Where in a log something is said.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    contents::{AT_ONCE, require_text},
    queries,
};
use crate::ground::{Answer, ApiError, Caller, Envelope, Ground, Params, check};

/// Chunks of one request: 16 MiB.
const MOST_CHUNKS: u32 = 256;
const MOST_HITS: usize = 500;
/// Of a line, characters.
const SHOWN: usize = 500;
const LONGEST_WORDS: usize = 100;

/// What is sought in which one.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Sought {
    /// 日志编号 The log's id
    log_id: u64,
    /// 要找的文字, 不分大小写 What is sought, whatever its case
    #[param(min_length = 1, max_length = 100)]
    words: String,
    /// 从哪一块找起 The chunk to begin with, from 0
    chunk: Option<u32>,
}

/// 找到的行 Lines that were found
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LogHits {
    /// 命中的行, 至多500 At most 500 of them
    hits: Vec<LogHit>,
    /// 其后的块号, 等于总块数即已找完; 否则从此继续 Where to go on; it is the number of all chunks when the log is through
    next_chunk: u32,
    /// 总块数 How many chunks there are
    chunks: u32,
}

/// 一行 A line
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct LogHit {
    /// 该行起始于哪一块 The chunk in which it begins
    chunk: u32,
    /// 该行内容, 至多500字符 What it says, 500 characters at most
    line: String,
}

/// 在日志中查找 Search inside a log
#[utoipa::path(get, path = "/log/search", tag = "log", params(Sought), responses((status = 200, body = Envelope<LogHits>),
    (status = 409, description = "二进制文件 A binary file")))]
pub(super) async fn search(
    State(ground): State<Ground>,
    caller: Caller,
    Params(sought): Params<Sought>,
) -> Result<Answer<LogHits>, ApiError> {
    let words = check::name("words", &sought.words, LONGEST_WORDS)?;
    let log = queries::by_id(&ground, &caller.scope, sought.log_id).await?;
    require_text(&log)?;
    let first = sought.chunk.unwrap_or_default().min(log.chunks);
    let last = first.saturating_add(MOST_CHUNKS).min(log.chunks);
    let mut finder = Finder::new(&words);
    let mut at = first;
    while at < last && finder.hits.len() < MOST_HITS {
        let next = at.saturating_add(AT_ONCE).min(last);
        for (chunk, text) in queries::texts(&ground, log.log_id, at, next).await? {
            finder.take(chunk, &text);
        }
        at = next;
    }
    finder.finish();
    Ok(Answer(LogHits {
        hits: finder.hits,
        next_chunk: at,
        chunks: log.chunks,
    }))
}

/// Goes through a text piece by piece; a line may begin in one and end in another.
struct Finder {
    words: String,
    began: u32,
    line: String,
    hits: Vec<LogHit>,
}

impl Finder {
    fn new(words: &str) -> Self {
        Self {
            words: words.to_lowercase(),
            began: 0,
            line: String::new(),
            hits: Vec::new(),
        }
    }

    fn take(&mut self, chunk: u32, text: &str) {
        for piece in text.split_inclusive('\n') {
            if self.line.is_empty() {
                self.began = chunk;
            }
            self.line.push_str(piece);
            if piece.ends_with('\n') {
                self.finish();
            }
        }
    }

    fn finish(&mut self) {
        if self.line.to_lowercase().contains(&self.words) {
            self.hits.push(LogHit {
                chunk: self.began,
                line: self.line.trim_end().chars().take(SHOWN).collect(),
            });
        }
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_wherever_the_pieces_end() {
        let text = "启动\nError: BRM 超时\r\nok\nerror again";
        let expected = |began: &dyn Fn(&LogHit) -> bool, hits: &[LogHit]| {
            let lines: Vec<_> = hits.iter().map(|hit| hit.line.as_str()).collect();
            assert_eq!(lines, ["Error: BRM 超时", "error again"]);
            assert!(hits.iter().all(began));
        };
        for (at, _) in text.char_indices() {
            let mut finder = Finder::new("ERROR");
            finder.take(0, &text[..at]);
            finder.take(1, &text[at..]);
            finder.finish();
            expected(&|hit| hit.chunk <= 1, &finder.hits);
        }
    }
}
