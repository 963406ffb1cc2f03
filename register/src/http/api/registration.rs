//! `/registration/…`: TCUs, and what is done with them.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use super::answer::{self, List};
use super::error::ApiError;
use super::fields::{Body, Query};
use super::guard::By;
use super::rules::Rule;
use super::run::to_the_end;
use crate::model;
use crate::operations::{Operations, Pile, Search};
use common::language::Language;

type Answered = Result<Response, ApiError>;

pub(super) fn routes() -> Router<Operations> {
    /// Routes of operations that name a TCU and nothing else.
    macro_rules! changes {
        ($($operation:ident),+) => {
            Router::new()$(.route(
                concat!("/registration/", stringify!($operation)),
                post(async |State(all): State<Operations>, language: Language, By(caller): By, Body(mut body): Body| -> Answered {
                    let target = body.target("sn")?;
                    body.nothing_else()?;
                    to_the_end(language, async move { all.$operation(&caller, &target).await }).await
                }),
            ))+
        };
    }
    changes!(approve, refuse, release, change_uuid, disable, enable, retire)
        .route("/registration/list", get(list))
        .route("/registration/detail", get(detail))
        .route("/registration/swap", post(swap))
}

async fn list(State(all): State<Operations>, language: Language, Query(mut query): Query) -> Answered {
    let search = Search {
        state: query.one_of("state", &model::State::ALL.map(|state| (state.as_str(), state)))?,
        sn: query.text("sn")?,
        uuid: query
            .uuid("uuid")?
            .map(|uuid| uuid.to_string())
            .unwrap_or_default(),
        model: query.text("model")?,
        contract_num: query.text("contract_num")?,
    };
    let page = query.page()?;
    query.nothing_else()?;
    let found = all.registrations(&search, page).await?;
    Ok(answer::success(List::from(found), language))
}

async fn detail(State(all): State<Operations>, language: Language, Query(mut query): Query) -> Answered {
    let sn = query.serial("sn")?;
    query.nothing_else()?;
    Ok(answer::success(all.detail(&sn).await?, language))
}

async fn swap(
    State(all): State<Operations>,
    language: Language,
    By(caller): By,
    Body(mut body): Body,
) -> Answered {
    let pile = match (body.uuid("uuid")?, body.device_id()?) {
        (Some(uuid), None) => Pile::Uuid(uuid),
        (None, Some(device_id)) => Pile::Device(device_id),
        _ => {
            let rule = Rule::ExactlyOne("uuid, device_id");
            return Err(ApiError::Invalid("uuid".to_owned(), rule));
        }
    };
    let target = body.target("new_sn")?;
    body.nothing_else()?;
    to_the_end(language, async move { all.swap(&caller, pile, &target).await }).await
}
