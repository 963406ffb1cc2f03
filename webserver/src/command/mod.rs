//! `command`: commands to piles. One pile's goes straight to ops_tcu over the broker; those of many are rows that the
//! connector works off. What became of them is read from `command_record` and `command_step`, and heard as it happens.

mod batch;
mod events;
mod form;
pub(crate) mod kinds;
mod queries;
pub(crate) mod rules;
pub(crate) mod send;
pub(crate) mod values;
mod wire;

use std::time::Duration;

use axum::{extract::State, response::Response};
use store::versioned;
use tokio::time::{Instant, sleep};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    form::CommandKind,
    kinds::KINDS,
    wire::{CommandDetail, CommandItem, Filter, Which},
};
use crate::ground::{Answer, ApiError, Caller, Envelope, Ground, List, Page, Paging, Params};

pub(crate) use batch::create::{NewBatch, Share, create};

/// ops_tcu writes its rows about once a second: a command that was just sent is waited for, this long at most …
const ON_RECORD_WITHIN: Duration = Duration::from_secs(3);
/// … and looked for this often.
const ASK_AGAIN: Duration = Duration::from_millis(150);

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(kinds))
        .routes(routes!(list))
        .routes(routes!(detail))
        .routes(routes!(events::events))
        .routes(routes!(send::send))
        .routes(routes!(send::cancel))
        .merge(batch::routes())
}

/// 命令种类及字段, 供表单使用 The commands and their fields, for forms
#[utoipa::path(get, path = "/command/kinds", tag = "command",
    responses((status = 200, body = Envelope<Vec<CommandKind>>)))]
async fn kinds(caller: Caller) -> Answer<Vec<CommandKind>> {
    let allowed = |kind| caller.may("command:write") && rules::require_allowed(&caller, kind).is_ok();
    Answer(
        KINDS
            .iter()
            .map(|kind| CommandKind::of(kind, allowed(kind)))
            .collect(),
    )
}

/// 命令记录 List the commands and what became of them
#[utoipa::path(get, path = "/command/list", tag = "command", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<CommandItem>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let conditions = list.filter.conditions(&caller.scope, versioned::now())?;
    list.answer::<CommandItem>(&ground, &conditions).await
}

/// 命令详情及时间线; 刚下发的最多等3秒, 直到有记录 A command in full, with its timeline; one that was just sent is waited for up to 3 s, until it is on record
#[utoipa::path(get, path = "/command/detail", tag = "command", params(Which),
    responses((status = 200, body = Envelope<CommandDetail>)))]
async fn detail(
    State(ground): State<Ground>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Answer<CommandDetail>, ApiError> {
    let until = Instant::now() + ON_RECORD_WITHIN;
    let is_new = |mark: &String| ground.commands.is_new(mark);
    loop {
        match queries::detail(&ground, &caller.scope, &which).await {
            Err(ApiError::NotFound)
                if which.command_id.as_ref().is_some_and(is_new) && Instant::now() < until =>
            {
                sleep(ASK_AGAIN).await;
            }
            found => return found.map(Answer),
        }
    }
}
