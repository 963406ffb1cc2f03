//! What EMQX asks over HTTP: may this client connect, may it use this topic.
//!
//! An answer other than 200 means "ignore" to EMQX, which ends in a refusal: that is said when nobody can know.

mod authenticate;
mod authorize;
mod open_access;
mod open_door;
mod question;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Router, extract::DefaultBodyLimit};
use protocol::topic::Topics;
use tokio::sync::mpsc;

use self::authenticate::Answers;
pub use self::open_access::OpenAccess;
use self::open_door::OpenDoor;
use super::Token;
use crate::config::{AccessConfig, Mode};
use crate::directory::Directory;
use crate::model::{Admission, Limiter, Limits};
use crate::watch::Sighting;

/// A question holds a client id, a name and a password: each at most 64 KiB in MQTT, and nobody's is a tenth of it.
const LARGEST_QUESTION: usize = 16 * 1024;
/// Topics that one newcomer may ask for at once: it needs two, each time it connects.
const PER_CLIENT: Limits = Limits {
    per_sn: 30,
    refill: Duration::from_secs(2),
    per_second: 10_000,
};
/// Topics that the newcomers behind one address may ask for: a whole depot may share one.
const PER_ADDRESS: Limits = Limits {
    per_sn: 10_000,
    refill: Duration::from_millis(2),
    per_second: 10_000,
};

/// What the hooks need.
pub struct Hooks {
    directory: Directory,
    topics: Topics,
    answers: Answers,
    /// None: the door is closed.
    open: Option<OpenDoor>,
    sightings: Option<mpsc::Sender<Sighting>>,
    limits: Mutex<Newcomers>,
}

struct Newcomers {
    clients: Limiter,
    addresses: Limiter,
}

impl Hooks {
    /// `open_access` counts who comes in without a password; `sightings` hears from where piles come.
    pub fn new(
        directory: Directory,
        topics: Topics,
        access: &AccessConfig,
        open_access: OpenAccess,
        sightings: Option<mpsc::Sender<Sighting>>,
    ) -> Self {
        let now = Instant::now();
        let limits = Newcomers {
            clients: Limiter::new(PER_CLIENT, now),
            addresses: Limiter::new(PER_ADDRESS, now),
        };
        Self {
            directory,
            answers: Answers::new(&topics),
            topics,
            open: (access.mode == Mode::Open).then(|| OpenDoor::new(&access.client_id_pattern, open_access)),
            sightings,
            limits: Mutex::new(limits),
        }
    }

    /// Whether this newcomer has not asked for too much yet.
    fn admits(&self, address: &str, client_id: &str) -> bool {
        let now = Instant::now();
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        limits.addresses.admit(address, now) == Admission::Work
            && limits.clients.admit(&format!("{address}\0{client_id}"), now) == Admission::Work
    }
}

/// The two hooks, for callers with the token.
pub fn routes(hooks: Arc<Hooks>, token: Token) -> Router {
    Router::new()
        .route("/emqx/authenticate", post(authenticate::answer))
        .route("/emqx/authorize", post(authorize::answer))
        .layer(DefaultBodyLimit::max(LARGEST_QUESTION))
        .layer(middleware::from_fn_with_state(token, guard))
        .with_state(hooks)
}

async fn guard(State(token): State<Token>, request: Request, next: Next) -> Response {
    if token.is_in(request.headers()) {
        return next.run(request).await;
    }
    count("any", "no_token");
    (StatusCode::UNAUTHORIZED, "the hook needs its token\n").into_response()
}

fn count(hook: &'static str, result: &'static str) {
    metrics::counter!("register_hook_answers_total", "hook" => hook, "result" => result).increment(1);
}
