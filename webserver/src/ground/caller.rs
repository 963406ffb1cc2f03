//! Who asks: the layer that lets a request pass to its handler, and what handlers learn of the caller.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
    middleware::Next,
    response::Response,
};
use store::table::user::{ENABLED, User};

use super::{
    Ground,
    access_table::{self, Need},
    directory::Directory,
    error::ApiError,
    language::Text,
    permission,
    scope::Scope,
};

/// Somebody who has signed in and may use this route.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The person, as he is in the directory now.
    pub(crate) user: Arc<User>,
    /// The session.
    pub(crate) session: String,
    /// From where: IP address.
    pub(crate) address: String,
    /// The route: what `operation_record` calls the operation.
    pub(crate) operation: Arc<str>,
    /// What he sees.
    pub(crate) scope: Scope,
    /// Everybody and every organization, as of now.
    pub(crate) directory: Arc<Directory>,
}

impl Caller {
    /// What he may do.
    pub(crate) fn permissions(&self) -> &[String] {
        self.directory.permissions(self.user.role_id)
    }

    /// Whether he sees every organization that there is, so that there is nobody above him: what belongs to no
    /// organization is for such people.
    pub(crate) fn is_of_the_top(&self) -> bool {
        let all = &self.directory.organizations;
        match self.scope {
            Scope::All => true,
            _ => !all.is_empty() && all.keys().all(|id| self.scope.sees_organization(*id)),
        }
    }

    /// # Errors
    /// 404 for everybody else.
    pub(crate) fn require_of_the_top(&self) -> Result<(), ApiError> {
        self.is_of_the_top().then_some(()).ok_or(ApiError::NotFound)
    }

    /// Whether he may do this (`resource:action`).
    pub(crate) fn may(&self, permission: &str) -> bool {
        permission::allows(self.permissions(), permission)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        // Only a route that the table calls public has none.
        parts.extensions.get::<Self>().cloned().ok_or_else(not_signed_in)
    }
}

/// From where a request comes.
#[derive(Debug, Clone)]
pub(crate) struct Address(pub(crate) String);

impl FromRequestParts<Ground> for Address {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, ground: &Ground) -> Result<Self, ApiError> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(address(ground, &parts.headers, peer)))
    }
}

/// The last entry of `X-Forwarded-For` is what the proxy itself saw; those before it anybody can write.
fn address(ground: &Ground, headers: &HeaderMap, peer: Option<&ConnectInfo<SocketAddr>>) -> String {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
    let forwarded = forwarded
        .filter(|_| ground.auth.behind_proxy)
        .and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    forwarded.unwrap_or(peer).to_canonical().to_string()
}

/// Layer over all routes: asks the access table, and who calls.
///
/// # Errors
/// 401, 403, 503.
pub(crate) async fn authorize(
    State(ground): State<Ground>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let Some(path) = request.extensions().get::<MatchedPath>().cloned() else {
        return Ok(next.run(request).await);
    };
    let (method, path) = (request.method().as_str().to_owned(), path.as_str());
    let need = match access_table::need(&method, path) {
        Some(need) => need,
        // Its handler answers 405.
        None if access_table::is_known(path) => return Ok(next.run(request).await),
        None => {
            tracing::error!(method, path, "the route is not in the access table");
            return Err(ApiError::forbidden("无权限", "Not allowed"));
        }
    };
    if need == Need::Public {
        return Ok(next.run(request).await);
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = address(&ground, request.headers(), peer);
    let caller = identify(&ground, request.headers(), address, path.into()).await?;
    if let Need::Permission(permission) = need {
        if caller.user.must_change_password != 0 {
            return Err(ApiError::forbidden(
                "请先修改密码",
                "The password must be changed first",
            ));
        }
        if !caller.may(permission) {
            return Err(ApiError::forbidden("无权限", "Not allowed"));
        }
    }
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

async fn identify(
    ground: &Ground,
    headers: &HeaderMap,
    address: String,
    operation: Arc<str>,
) -> Result<Caller, ApiError> {
    let token = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.split_once(' '));
    let Some((scheme, token)) = token else {
        return Err(not_signed_in());
    };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(not_signed_in());
    }
    let claims = ground.verify(token.trim()).await?.ok_or_else(not_signed_in)?;
    let (session, sign) = ground.session(&claims.sid).await?;
    let session = session
        .filter(|session| session.user_id == claims.sub)
        .ok_or_else(not_signed_in)?;
    let directory = ground.directory_of(&sign).await?;
    let user = directory
        .users
        .get(&session.user_id)
        .filter(|user| may_stay(user, session.began))
        .cloned()
        .ok_or_else(not_signed_in)?;
    Ok(Caller {
        scope: directory.scope(&user),
        user: Arc::new(user),
        session: claims.sid,
        address,
        operation,
        directory,
    })
}

impl Ground {
    /// What somebody who asked earlier sees now; none if his session is over or he may not do this any more.
    ///
    /// # Errors
    /// 503 without Redis or ClickHouse.
    pub(crate) async fn scope_now(
        &self,
        caller: &Caller,
        permission: &str,
    ) -> Result<Option<Scope>, ApiError> {
        let (session, sign) = self.session(&caller.session).await?;
        let directory = self.directory_of(&sign).await?;
        let user = directory.users.get(&caller.user.user_id);
        let (Some(session), Some(user)) = (session, user) else {
            return Ok(None);
        };
        let may = session.user_id == user.user_id
            && may_stay(user, session.began)
            && user.must_change_password == 0
            && permission::allows(directory.permissions(user.role_id), permission);
        Ok(may.then(|| directory.scope(user)))
    }
}

/// Whether a session that began then is still good: not after the person was disabled or got another password.
pub(crate) fn may_stay(user: &User, began: i64) -> bool {
    user.state == ENABLED && began >= user.password_time
}

/// 401.
pub(crate) fn not_signed_in() -> ApiError {
    ApiError::Unauthorized(Text::new("未登录或登录已失效", "Not signed in, or no longer"))
}
