//! An INSERT of rows: the body goes to the engine piece by piece, the answer follows the commit.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc;

use super::Server;
use super::answer::{self, Answer};
use super::call::Call;
use super::upload::Upload;
use crate::engine::InsertRows;
use crate::exception::Exception;
use crate::sql::Insert;
use crate::wire::FrameDecoder;

/// A body up to this size is here in full before the INSERT takes a place among the running ones, and a client
/// that trickles holds none.
const GATHERED: usize = 1 << 20;

/// Pieces of a large body on their way to the engine; a slow engine slows the client.
const PIECES: usize = 8;

/// What the connection tells the blocking thread.
enum Part {
    Rows(Bytes),
    /// The body is complete. Its absence means that the client went away: nothing more is committed.
    End,
}

impl Server {
    /// `beginning`: rows that came before `upload`'s next piece.
    pub(super) async fn insert(
        self: &Arc<Self>,
        call: &Call,
        insert: Insert,
        mut beginning: BytesMut,
        mut upload: Upload,
    ) -> Result<Answer, Exception> {
        let all = upload.gather(&mut beginning, GATHERED).await?;
        let turn = self.turn(&self.inserts).await?;
        let (parts, incoming) = mpsc::channel(PIECES);
        let (engine, scope, decompress) = (Arc::clone(&self.engine), call.scope.clone(), call.decompress);
        let limit = self.max_body;
        let running = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let mut rows = BodyRows {
                incoming,
                decoder: decompress.then(FrameDecoder::default),
                left: limit,
            };
            engine.insert(&insert.head, &insert.format, &scope, &mut rows)
        });
        let sent = send_parts(&parts, beginning.freeze(), all, &mut upload).await;
        drop(parts);
        let result = running.await.unwrap_or_else(|_| {
            Err(Exception::new(
                1002,
                "UNKNOWN_EXCEPTION",
                "The statement's thread died",
            ))
        });
        sent?;
        if result.is_err() {
            upload.drain().await;
        }
        result.map(|written| answer::written(written, &call.query_id))
    }
}

/// Stops early, without an error, when the engine takes no more: its own result says why.
async fn send_parts(
    parts: &mpsc::Sender<Part>,
    beginning: Bytes,
    all: bool,
    upload: &mut Upload,
) -> Result<(), Exception> {
    let mut open = parts.send(Part::Rows(beginning)).await.is_ok();
    while open && !all {
        match upload.next().await? {
            Some(data) => open = parts.send(Part::Rows(data)).await.is_ok(),
            None => break,
        }
    }
    if open {
        let _ = parts.send(Part::End).await;
    }
    Ok(())
}

/// The rows of a body, as the blocking thread sees them.
struct BodyRows {
    incoming: mpsc::Receiver<Part>,
    decoder: Option<FrameDecoder>,
    /// How much may still come out of the decompression.
    left: u64,
}

impl InsertRows for BodyRows {
    fn feed(&mut self, append: &mut dyn FnMut(&[u8]) -> bool) -> Result<(), Exception> {
        loop {
            match self.incoming.blocking_recv() {
                Some(Part::Rows(data)) => {
                    if !self.give(&data, append)? {
                        return Ok(());
                    }
                }
                Some(Part::End) => return self.decoder.as_ref().map_or(Ok(()), FrameDecoder::finish),
                None => {
                    return Err(Exception::new(
                        210,
                        "NETWORK_ERROR",
                        "The client left before its rows were complete",
                    ));
                }
            }
        }
    }
}

impl BodyRows {
    fn give(&mut self, data: &[u8], append: &mut dyn FnMut(&[u8]) -> bool) -> Result<bool, Exception> {
        let Some(decoder) = &mut self.decoder else {
            return Ok(append(data));
        };
        let left = &mut self.left;
        decoder.push(data, &mut |frame| {
            *left = left.checked_sub(frame.len() as u64).ok_or_else(|| {
                Exception::new(
                    223,
                    "QUERY_IS_TOO_LARGE",
                    "The request's body is too large once decompressed",
                )
            })?;
            Ok(append(frame))
        })
    }
}
