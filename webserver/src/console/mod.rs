//! The console under `/console/`: files that are inside the program. They are for everybody, like the page on
//! which one signs in; what they show comes from the API.

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{Redirect, Response},
    routing::get,
};
use memory_serve::CacheControl;

/// Everything comes from here and nowhere else. Charts and menus set styles on elements, which needs the
/// attribute; style sheets and scripts written into the page stay forbidden.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; style-src-attr 'unsafe-inline'; \
                      object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// `/console/…`, and `/`, which leads there. A path that is no file is a page of the console.
pub(crate) fn routes() -> Router {
    let files = memory_serve::load!()
        .index_file(Some("/index.html"))
        .fallback(Some("/index.html"))
        .fallback_status(StatusCode::OK)
        .html_cache_control(CacheControl::NoCache)
        // The names of all others change with their contents.
        .cache_control(CacheControl::Long)
        .into_router();
    Router::new()
        .nest("/console/", files)
        .route("/console", get(|| async { Redirect::permanent("/console/") }))
        .route("/", get(|| async { Redirect::temporary("/console/") }))
        .layer(middleware::from_fn(protect))
}

async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
