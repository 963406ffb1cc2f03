//! One command to one pile.

use std::time::Duration;

use axum::extract::State;
use protocol::Uuid;
use proxy::Ask;
use serde::Serialize;
use serde_json::Value;
use store::versioned::now;

use super::{
    queries, rules,
    wire::{CancelledCommand, NewCommand, SentCommand},
};
use crate::ground::{Answer, ApiError, Body, Caller, Envelope, Ground, check, idempotency::Repeats};

/// What `operation_record` calls the thing.
const RESOURCE: &str = "command";

/// What `operation_record` tells of a command.
#[derive(Debug, Serialize)]
struct Told<'a> {
    device_id: u64,
    uuid: &'a str,
    command: &'a str,
    fields: Value,
    timeout_s: u64,
}

/// 下发命令: 代理收到即应答, 结果见详情或事件流; 危险命令另须权限 dangerous_command:write Send a command; answered when the broker has it, its outcome follows in detail and events
#[utoipa::path(post, path = "/command/send", tag = "command", request_body = NewCommand,
    responses((status = 200, body = Envelope<SentCommand>)))]
pub(super) async fn send(
    State(ground): State<Ground>,
    caller: Caller,
    repeats: Repeats,
    Body(new): Body<NewCommand>,
) -> Result<Answer<SentCommand>, ApiError> {
    let kind = rules::permitted(&caller, &new.command)?;
    let checked = rules::command(kind, &new.fields.unwrap_or_default())?;
    let timeout_s = rules::timeout(new.timeout_s)?;
    let pile = queries::pile(&ground, &caller.scope, new.device_id).await?;
    let uuid = uuid_of(&pile.name)?;
    let told = Told {
        device_id: pile.device_id,
        uuid: &pile.name,
        command: checked.kind.name,
        fields: checked.public(),
        timeout_s,
    };
    let asked = format!("{} {} {}", pile.device_id, checked.kind.name, told.fields);
    let command_id = format!("w{}", repeats.mark(&asked));
    let mut change = ground.change(&caller, []).await?;
    change.add_operation_record(RESOURCE, &command_id, None, Some(&told));
    let mut fields = checked.sent_at(now());
    fields.insert("命令".to_owned(), checked.kind.name.into());
    let ask = Ask::with_fields(command_id.clone(), fields)
        .source(source(&caller))
        .timeout(Duration::from_secs(timeout_s));
    let commands = ground.commands.clone();
    let deed = async move { commands.ask(uuid, &ask).await };
    change.commit_and(Box::pin(deed)).await?;
    Ok(Answer(SentCommand {
        command_id,
        device_id: pile.device_id,
        uuid: pile.name,
        command: checked.kind.name,
    }))
}

/// 撤销命令: 在途的也作撤销, 但桩可能仍会执行 Withdraw a command; one in flight too, though the pile may still do it
#[utoipa::path(post, path = "/command/cancel", tag = "command", request_body = CancelledCommand,
    responses((status = 200, body = Envelope<u8>)))]
pub(super) async fn cancel(
    State(ground): State<Ground>,
    caller: Caller,
    Body(cancelled): Body<CancelledCommand>,
) -> Result<Answer<u8>, ApiError> {
    let command_id = check::name("command_id", &cancelled.command_id, proxy::LONGEST_MARK)?;
    if command_id.len() > proxy::LONGEST_MARK {
        return Err(ApiError::invalid(
            "command_id",
            "最多128字节",
            "at most 128 bytes",
        ));
    }
    let pile = queries::pile(&ground, &caller.scope, cancelled.device_id).await?;
    let uuid = uuid_of(&pile.name)?;
    let mut change = ground.change(&caller, []).await?;
    change.add_operation_record(RESOURCE, &command_id, Some(&pile.device_id), None);
    let commands = ground.commands.clone();
    let deed = async move { commands.cancel(uuid, &command_id).await };
    change.commit_and(Box::pin(deed)).await?;
    Ok(Answer(0))
}

/// Who asks, as `command_record` has it: `web:alice`, cut where it does not fit.
pub(crate) fn source(caller: &Caller) -> String {
    let mut source = format!("web:{}", caller.user.account);
    while source.len() > proxy::LONGEST_SOURCE {
        source.pop();
    }
    source
}

fn uuid_of(name: &str) -> Result<Uuid, ApiError> {
    Uuid::parse(name).map_err(|_| {
        ApiError::conflict(
            "该资产没有 uuid，无法下发命令",
            "This pile has no uuid, so nobody can speak to it",
        )
    })
}
