//! Answers: their headers, and a body that is fed by a blocking thread.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::sync::mpsc;

use crate::engine::{Head, Written};
use crate::exception::Exception;
use crate::format::content_type;
use crate::wire::Encoding;

/// Pieces on their way from the engine to the socket; a slow client slows the engine.
pub(super) const PIECES: usize = 4;

/// A body: what is there already, then what still comes.
pub(super) struct AnswerBody {
    ready: Option<Bytes>,
    rest: Option<mpsc::Receiver<Bytes>>,
}

impl AnswerBody {
    pub(super) fn full(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self {
            ready: (!bytes.is_empty()).then_some(bytes),
            rest: None,
        }
    }

    pub(super) fn streamed(first: Bytes, rest: mpsc::Receiver<Bytes>) -> Self {
        Self {
            ready: Some(first),
            rest: Some(rest),
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(bytes) = self.ready.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match &mut self.rest {
            Some(rest) => rest
                .poll_recv(cx)
                .map(|piece| piece.map(|bytes| Ok(Frame::data(bytes)))),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ready.is_none() && self.rest.is_none()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        match (&self.ready, &self.rest) {
            (ready, None) => hyper::body::SizeHint::with_exact(ready.as_ref().map_or(0, |b| b.len() as u64)),
            _ => hyper::body::SizeHint::default(),
        }
    }
}

pub(super) type Answer = Response<AnswerBody>;

/// A short text, as `/ping` gives.
pub(super) fn text(status: StatusCode, body: &'static str) -> Answer {
    let mut answer = Response::new(AnswerBody::full(body));
    *answer.status_mut() = status;
    set(&mut answer, CONTENT_TYPE.as_str(), "text/html; charset=UTF-8");
    answer
}

/// A refused or failed statement.
pub(super) fn exception(exception: &Exception, query_id: &str) -> Answer {
    let mut answer = identified(AnswerBody::full(format!("{}\n", exception.text)), query_id);
    *answer.status_mut() = exception.status();
    set(&mut answer, CONTENT_TYPE.as_str(), "text/plain; charset=UTF-8");
    set(
        &mut answer,
        "x-clickhouse-exception-code",
        &exception.code.to_string(),
    );
    answer
}

/// The answer of a query. `tag` marks an exception that may still come in the middle of the body.
pub(super) fn rows(head: &Head, encoding: Encoding, tag: &str, query_id: &str, body: AnswerBody) -> Answer {
    let mut answer = identified(body, query_id);
    set(&mut answer, CONTENT_TYPE.as_str(), &content_type(&head.format));
    set(&mut answer, "x-clickhouse-format", &head.format);
    set(&mut answer, "x-clickhouse-exception-tag", tag);
    if encoding == Encoding::Lz4Stream {
        set(&mut answer, CONTENT_ENCODING.as_str(), "lz4");
    }
    answer
}

/// The answer of an INSERT.
pub(super) fn written(written: Written, query_id: &str) -> Answer {
    let mut answer = identified(AnswerBody::full(Bytes::new()), query_id);
    let Written { rows, bytes } = written;
    let summary = format!(r#"{{"written_rows":"{rows}","written_bytes":"{bytes}"}}"#);
    set(&mut answer, CONTENT_TYPE.as_str(), "text/plain; charset=UTF-8");
    set(&mut answer, "x-clickhouse-summary", &summary);
    answer
}

fn identified(body: AnswerBody, query_id: &str) -> Answer {
    let mut answer = Response::new(body);
    set(&mut answer, "x-clickhouse-query-id", query_id);
    set(&mut answer, "x-clickhouse-server-display-name", "chdbd");
    answer
}

/// A value that is no header text (a format's name may be anything) is left out.
fn set(answer: &mut Answer, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
}
