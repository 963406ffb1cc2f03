//! The body of a request, bounded.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::exception::Exception;

/// Reads a body piece by piece and refuses more than its limit.
pub(super) struct Upload {
    body: Incoming,
    left: u64,
    limit: u64,
}

impl Upload {
    pub(super) fn new(body: Incoming, limit: u64) -> Self {
        Self {
            body,
            left: limit,
            limit,
        }
    }

    /// The next piece; `None` at the end. An error also when the client went away before the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Exception> {
        while let Some(frame) = self.body.frame().await {
            let broken =
                |e| Exception::new(210, "NETWORK_ERROR", format!("The request's body broke off: {e}"));
            let Ok(data) = frame.map_err(broken)?.into_data() else {
                continue;
            };
            self.left = match self.left.checked_sub(data.len() as u64) {
                Some(left) => left,
                None => return Err(self.too_large()),
            };
            return Ok(Some(data));
        }
        Ok(None)
    }

    /// Reads until the end or until more than `enough` bytes are here; says whether it was the end.
    pub(super) async fn gather(&mut self, into: &mut BytesMut, enough: usize) -> Result<bool, Exception> {
        while into.len() <= enough {
            match self.next().await? {
                Some(data) => into.extend_from_slice(&data),
                None => return Ok(true),
            }
        }
        Ok(false)
    }

    /// Reads on to nowhere, so that a client still sending gets to read its answer.
    pub(super) async fn drain(&mut self) {
        while let Ok(Some(_)) = self.next().await {}
    }

    fn too_large(&self) -> Exception {
        Exception::new(
            223,
            "QUERY_IS_TOO_LARGE",
            format!("The request's body is larger than {} bytes", self.limit),
        )
    }
}
