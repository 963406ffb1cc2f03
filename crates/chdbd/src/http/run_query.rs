//! A statement that is no INSERT of rows, from the request to its (streamed) answer.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use super::Server;
use super::answer::{self, Answer, AnswerBody, PIECES};
use super::call::Call;
use crate::engine::{Head, QueryRun, Sink};
use crate::exception::Exception;
use crate::wire::{Encoder, Encoding};

impl Server {
    /// Runs the statement on a blocking thread; answers once its first piece or its failure is known.
    pub(super) async fn query(self: &Arc<Self>, call: &Call, sql: Bytes) -> Result<Answer, Exception> {
        let turn = self.turn(&self.queries).await?;
        let (begun, beginning) = oneshot::channel();
        let (pieces, rest) = mpsc::channel(PIECES);
        let (engine, call_run) = (Arc::clone(&self.engine), call.clone());
        let tag = format!("{:016x}", rand::random::<u64>());
        let tag_run = tag.clone();
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let call = call_run;
            let outlet = Outlet {
                begun: Some(begun),
                pieces,
                encoder: None,
                encoding: call.encoding,
            };
            let run = QueryRun {
                default_format: &call.default_format,
                read_only: call.read_only,
                whole: call.whole,
            };
            let mut outlet = Some(outlet);
            let begin = |head| Answering {
                head,
                outlet: outlet.take().expect("begins once"),
            };
            let (answering, result) = engine.query(&sql, &call.scope, &run, begin);
            match (answering, result) {
                (Some(answering), result) => answering.end(result, &tag_run),
                (None, Err(exception)) => outlet.into_iter().for_each(|o| o.refuse(exception.clone())),
                (None, Ok(())) => {}
            }
        });
        match beginning.await {
            Ok(Ok(begun)) => {
                let (body, encoding) = match begun.first {
                    Some(first) => (AnswerBody::streamed(first, rest), call.encoding),
                    None => (AnswerBody::full(Bytes::new()), Encoding::Plain),
                };
                Ok(answer::rows(&begun.head, encoding, &tag, &call.query_id, body))
            }
            Ok(Err(exception)) => Err(exception),
            Err(_) => Err(Exception::new(
                1002,
                "UNKNOWN_EXCEPTION",
                "The statement's thread died",
            )),
        }
    }
}

/// Known when an answer begins.
struct Begun {
    head: Head,
    /// `None`: the answer is empty.
    first: Option<Bytes>,
}

/// Carries an answer from the blocking thread to the connection.
struct Outlet {
    begun: Option<oneshot::Sender<Result<Begun, Exception>>>,
    pieces: mpsc::Sender<Bytes>,
    encoder: Option<Encoder>,
    encoding: Encoding,
}

impl Outlet {
    fn refuse(self, exception: Exception) {
        // The client is gone if nobody takes it.
        let _ = self.begun.map(|begun| begun.send(Err(exception)));
    }
}

struct Answering {
    head: Head,
    outlet: Outlet,
}

impl Answering {
    fn send(&mut self, piece: Bytes) -> bool {
        match self.outlet.begun.take() {
            Some(begun) => begun
                .send(Ok(Begun {
                    head: self.head.clone(),
                    first: Some(piece),
                }))
                .is_ok(),
            None => piece.is_empty() || self.outlet.pieces.blocking_send(piece).is_ok(),
        }
    }

    fn end(mut self, result: Result<(), Exception>, tag: &str) {
        match result {
            Err(exception) if self.outlet.begun.is_some() => return self.outlet.refuse(exception),
            Err(exception) => {
                self.chunk(in_the_middle(&exception, tag).as_bytes());
            }
            Ok(()) => {}
        }
        match (self.outlet.encoder.take(), self.outlet.begun.take()) {
            (Some(encoder), _) => {
                self.send(encoder.end());
            }
            (None, Some(begun)) => drop(begun.send(Ok(Begun {
                head: self.head,
                first: None,
            }))),
            (None, None) => {}
        }
    }
}

impl Sink for Answering {
    fn chunk(&mut self, bytes: &[u8]) -> bool {
        let encoding = self.outlet.encoding;
        let piece = self
            .outlet
            .encoder
            .get_or_insert_with(|| Encoder::new(encoding))
            .piece(bytes);
        self.send(piece)
    }
}

/// An exception after the status was sent: ClickHouse's form of it, which clients know by the tag of the header.
fn in_the_middle(exception: &Exception, tag: &str) -> String {
    let message = format!("{}\n", exception.text);
    format!(
        "\r\n__exception__\r\n{tag}\r\n{message}{} {tag}\r\n__exception__\r\n",
        message.len()
    )
}
