//! `/registration/allow_list`: models and contracts that register without approval.

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
use crate::operations::Operations;
use common::language::Language;

pub(super) fn routes() -> Router<Operations> {
    Router::new()
        .route("/registration/allow_list", get(list))
        .route("/registration/allow_list/add", post(add))
        .route("/registration/allow_list/delete", post(delete))
}

async fn list(
    State(all): State<Operations>,
    language: Language,
    Query(mut query): Query,
) -> Result<Response, ApiError> {
    let page = query.page()?;
    query.nothing_else()?;
    let entries = all.allow_list().await?;
    let total = entries.len() as u64;
    let skipped = page.number.saturating_sub(1).saturating_mul(page.size);
    let as_size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let items = entries
        .into_iter()
        .skip(as_size(skipped))
        .take(as_size(page.size));
    Ok(answer::success(
        List::from((total, items.collect::<Vec<_>>())),
        language,
    ))
}

async fn add(
    State(all): State<Operations>,
    language: Language,
    By(caller): By,
    Body(mut body): Body,
) -> Result<Response, ApiError> {
    let (model, contract) = entry(&mut body)?;
    let remark = body.text("remark")?;
    body.nothing_else()?;
    to_the_end(language, async move {
        all.allow(&caller, &model, &contract, &remark).await
    })
    .await
}

async fn delete(
    State(all): State<Operations>,
    language: Language,
    By(caller): By,
    Body(mut body): Body,
) -> Result<Response, ApiError> {
    let (model, contract) = entry(&mut body)?;
    let version = body.version()?;
    body.nothing_else()?;
    to_the_end(language, async move {
        all.disallow(&caller, &model, &contract, version).await?;
        Ok("成功")
    })
    .await
}

/// Both empty would let everybody in: that is not said by leaving something out.
fn entry(body: &mut Fields) -> Result<(String, String), ApiError> {
    let (model, contract) = (body.text("model")?, body.text("contract_num")?);
    if model.is_empty() && contract.is_empty() {
        return Err(ApiError::Invalid("model".to_owned(), Rule::Required));
    }
    Ok((model, contract))
}
