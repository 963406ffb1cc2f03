//! One request: which route, where its statement is, and who runs it.

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use hyper::body::Incoming;
use hyper::{Method, Request, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Server;
use super::answer::{self, Answer};
use super::call::Call;
use super::guard;
use super::upload::Upload;
use crate::exception::Exception;
use crate::sql::Statement;
use crate::wire::FrameDecoder;

/// The longest statement: its text is parsed in memory. Rows are not counted.
const MAX_SQL: usize = 1 << 20;

/// The largest body that must be held whole: a form, or a compressed statement.
const MAX_WHOLE: usize = 64 << 20;

/// Answers one request, whatever it is.
pub(super) async fn handle(server: Arc<Server>, request: Request<Incoming>) -> Result<Answer, Infallible> {
    let (parts, body) = request.into_parts();
    if !guard::is_local(&parts.headers) {
        return Ok(answer::text(
            StatusCode::FORBIDDEN,
            "Only programs on this machine may ask.\n",
        ));
    }
    let asks = parts.uri.query().is_some_and(|q| !q.is_empty());
    let answer = match (&parts.method, parts.uri.path()) {
        (&Method::GET | &Method::HEAD, "/ping" | "/replicas_status") => answer::text(StatusCode::OK, "Ok.\n"),
        (&Method::GET | &Method::HEAD, "/") if !asks => answer::text(StatusCode::OK, "Ok.\n"),
        (&Method::GET | &Method::POST, "/") => match Call::read(&parts) {
            Ok(mut call) => {
                server
                    .statement(&mut call, Upload::new(body, server.max_body))
                    .await
            }
            Err(exception) => answer::exception(&exception, ""),
        },
        (_, "/") => answer::text(StatusCode::METHOD_NOT_ALLOWED, "Use GET or POST.\n"),
        _ => answer::text(
            StatusCode::NOT_FOUND,
            "There is no handle for this path: use / or /ping.\n",
        ),
    };
    Ok(answer)
}

impl Server {
    async fn statement(self: &Arc<Self>, call: &mut Call, upload: Upload) -> Answer {
        match self.dispatch(call, upload).await {
            Ok(answer) => answer,
            Err(exception) => {
                tracing::debug!(query_id = call.query_id, error = exception.text, "refused");
                answer::exception(&exception, &call.query_id)
            }
        }
    }

    async fn dispatch(self: &Arc<Self>, call: &mut Call, mut upload: Upload) -> Result<Answer, Exception> {
        if let Some(content_type) = call.form.take() {
            read_form(call, &content_type, &mut upload).await?;
        }
        let mut text = BytesMut::from(call.query.as_bytes());
        if let Statement::Insert(insert) = Statement::of(&text) {
            self.may_write(call)?;
            let rows = text.split_off(insert.data_at);
            // Rows in the URL are plain text whatever the body is.
            let plain_and_framed = call.decompress && !rows.is_empty();
            if plain_and_framed && !rows.iter().all(u8::is_ascii_whitespace) {
                return Err(Exception::bad_arguments(
                    "Rows in the URL and a compressed body cannot be joined",
                ));
            }
            let rows = if call.decompress { BytesMut::new() } else { rows };
            return self.insert(call, insert, rows, upload).await;
        }
        let ended = self.read_text(call, &mut text, &mut upload).await?;
        match Statement::of(&text) {
            Statement::Insert(insert) => {
                self.may_write(call)?;
                let rows = text.split_off(insert.data_at);
                self.insert(call, insert, rows, upload).await
            }
            Statement::Other { .. } if !ended => {
                upload.drain().await;
                Err(Exception::new(
                    62,
                    "SYNTAX_ERROR",
                    format!("The statement is longer than {MAX_SQL} bytes"),
                ))
            }
            Statement::Other { .. } => self.query(call, text.freeze()).await,
        }
    }

    fn may_write(&self, call: &Call) -> Result<(), Exception> {
        if call.read_only {
            Err(Exception::new(
                164,
                "READONLY",
                "A GET request only reads: use POST",
            ))
        } else {
            Ok(())
        }
    }

    /// The body continues the text of the URL. Says whether all of it is here.
    async fn read_text(
        &self,
        call: &mut Call,
        text: &mut BytesMut,
        upload: &mut Upload,
    ) -> Result<bool, Exception> {
        if !call.decompress {
            return upload.gather(text, MAX_SQL).await;
        }
        let whole = whole_body(upload).await?;
        let mut decoder = FrameDecoder::default();
        decoder.push(&whole, &mut |frame| {
            text.extend_from_slice(frame);
            Ok(text.len() <= MAX_WHOLE)
        })?;
        decoder.finish()?;
        call.decompress = false;
        Ok(true)
    }

    /// Waits for a place among the running statements.
    pub(super) async fn turn(&self, places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Exception> {
        let full = |_| {
            Exception::new(
                202,
                "TOO_MANY_SIMULTANEOUS_QUERIES",
                "Too many statements are waiting",
            )
        };
        let _waiting = self.waiting.try_acquire().map_err(full)?;
        Ok(Arc::clone(places)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed"))
    }
}

async fn whole_body(upload: &mut Upload) -> Result<Bytes, Exception> {
    let mut whole = BytesMut::new();
    if upload.gather(&mut whole, MAX_WHOLE).await? {
        Ok(whole.freeze())
    } else {
        Err(Exception::new(
            223,
            "QUERY_IS_TOO_LARGE",
            format!("This kind of body may have {MAX_WHOLE} bytes"),
        ))
    }
}

/// `multipart/form-data`: the statement, its parameters and settings as fields.
async fn read_form(call: &mut Call, content_type: &str, upload: &mut Upload) -> Result<(), Exception> {
    let wrong = |error: multer::Error| Exception::bad_arguments(format!("The form is damaged: {error}"));
    let boundary = multer::parse_boundary(content_type).map_err(wrong)?;
    let body = whole_body(upload).await?;
    let mut form = multer::Multipart::with_reader(std::io::Cursor::new(body), boundary);
    while let Some(field) = form.next_field().await.map_err(wrong)? {
        let name = field.name().unwrap_or_default().to_owned();
        let value = field.text().await.map_err(wrong)?;
        call.take(&name, Cow::Owned(value))?;
    }
    Ok(())
}
