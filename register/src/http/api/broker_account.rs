//! `/broker_account/…`: the broker's accounts of people.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use super::answer::{self, List};
use super::error::ApiError;
use super::fields::{Body, Fields, Query};
use super::guard::By;
use super::rules::Rule;
use super::run::to_the_end;
use crate::access::Role;
use crate::model::Serial;
use crate::operations::Operations;
use common::language::Language;

type Answered = Result<Response, ApiError>;

pub(super) fn routes() -> Router<Operations> {
    Router::new()
        .route("/broker_account/list", get(list))
        .route("/broker_account/add", post(add))
        .route("/broker_account/delete", post(delete))
        .route("/broker_account/reset_password", post(reset_password))
}

async fn list(State(all): State<Operations>, language: Language, Query(mut query): Query) -> Answered {
    let role = query.one_of("role", &Role::ALL.map(|role| (role.as_str(), role)))?;
    let page = query.page()?;
    query.nothing_else()?;
    let found = all.accounts(role, page).await?;
    Ok(answer::success(List::from(found), language))
}

async fn add(
    State(all): State<Operations>,
    language: Language,
    By(caller): By,
    Body(mut body): Body,
) -> Answered {
    let username = username(&mut body)?;
    let people: Vec<_> = Role::ALL.into_iter().filter(|role| !role.is_service()).collect();
    let people: Vec<_> = people.iter().map(|role| (role.as_str(), *role)).collect();
    let role = body.one_of("role", &people)?;
    let role = role.ok_or_else(|| ApiError::Invalid("role".to_owned(), Rule::Required))?;
    let remark = body.text("remark")?;
    body.nothing_else()?;
    to_the_end(language, async move {
        all.add_account(&caller, &username, role, &remark).await
    })
    .await
}

async fn delete(
    State(all): State<Operations>,
    language: Language,
    By(caller): By,
    Body(mut body): Body,
) -> Answered {
    let (username, version) = (username(&mut body)?, body.version()?);
    body.nothing_else()?;
    to_the_end(language, async move {
        let broker = all.delete_account(&caller, &username, version).await?;
        Ok(serde_json::json!({ "broker": broker }))
    })
    .await
}

async fn reset_password(
    State(all): State<Operations>,
    language: Language,
    By(caller): By,
    Body(mut body): Body,
) -> Answered {
    let (username, version) = (username(&mut body)?, body.version()?);
    body.nothing_else()?;
    to_the_end(language, async move {
        all.reset_account(&caller, &username, version).await
    })
    .await
}

/// Small letters: a name in capitals could be a pile's uuid.
fn username(body: &mut Fields) -> Result<Serial, ApiError> {
    let wrong = |rule| ApiError::Invalid("username".to_owned(), rule);
    let text = body.text("username")?;
    if text.is_empty() {
        return Err(wrong(Rule::Required));
    }
    let right = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
    if !(3..=32).contains(&text.len()) || !text.chars().all(right) {
        return Err(wrong(Rule::Username));
    }
    Serial::parse(&text).map_err(|_| wrong(Rule::Username))
}
