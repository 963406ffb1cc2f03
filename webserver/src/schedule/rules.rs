//! What may recur.

use serde_json::{Map, Value};
use store::{table::schedule::Schedule, versioned::now};

use super::{
    cron,
    wire::{EditedSchedule, NewSchedule},
};
use crate::{
    command::rules::{self as command_rules, rate, timeout},
    ground::{ApiError, Caller, check, selection::PileSelection},
};

/// Commands that only ask, or set the clock: nothing else is done to a fleet by itself.
const COMMANDS: [&str; 5] = ["关键器件动作", "SIM卡召唤", "对时", "软件版本查询", "参数查询"];
const LONGEST_NAME: usize = 64;
const DEFAULT_SPREAD_S: u32 = 3600;
const LONGEST_SPREAD_S: u32 = 86_400;

/// A new one, without its id.
///
/// # Errors
/// 403, 404, 422.
pub(super) fn new(caller: &Caller, new: &NewSchedule, organization_id: u64) -> Result<Schedule, ApiError> {
    let (command, request) = command(caller, &new.command, new.fields.as_ref())?;
    Ok(Schedule {
        name: check::name("name", &new.name, LONGEST_NAME)?,
        command,
        request,
        cron: cron::checked(&new.cron, now())?,
        spread_s: spread(new.spread_s.unwrap_or(DEFAULT_SPREAD_S))?,
        selection: selection(caller, &new.selection, organization_id)?,
        skip_offline: u8::from(new.skip_offline.unwrap_or(true)),
        rate_per_s: rate(new.rate_per_s)?,
        timeout_s: seconds(new.timeout_s)?,
        enabled: u8::from(new.enabled.unwrap_or(true)),
        organization_id,
        ..Schedule::default()
    })
}

/// What it becomes.
///
/// # Errors
/// 403, 404, 422.
pub(super) fn with(
    caller: &Caller,
    mut row: Schedule,
    edited: &EditedSchedule,
) -> Result<Schedule, ApiError> {
    if let Some(name) = &edited.name {
        row.name = check::name("name", name, LONGEST_NAME)?;
    }
    if edited.command.is_some() || edited.fields.is_some() {
        let name = edited.command.as_deref().unwrap_or(&row.command);
        (row.command, row.request) = command(caller, name, edited.fields.as_ref())?;
    }
    if let Some(cron) = &edited.cron {
        row.cron = cron::checked(cron, now())?;
    }
    if let Some(spread_s) = edited.spread_s {
        row.spread_s = spread(spread_s)?;
    }
    if let Some(chosen) = &edited.selection {
        row.selection = selection(caller, chosen, row.organization_id)?;
    }
    if let Some(skip_offline) = edited.skip_offline {
        row.skip_offline = u8::from(skip_offline);
    }
    if edited.rate_per_s.is_some() {
        row.rate_per_s = rate(edited.rate_per_s)?;
    }
    if edited.timeout_s.is_some() {
        row.timeout_s = seconds(edited.timeout_s)?;
    }
    Ok(row)
}

fn command(
    caller: &Caller,
    name: &str,
    fields: Option<&Map<String, Value>>,
) -> Result<(String, String), ApiError> {
    if !COMMANDS.contains(&name) {
        return Err(ApiError::invalid(
            "command",
            "定时任务限：关键器件动作、SIM卡召唤、对时、软件版本查询、参数查询",
            "must be one of 关键器件动作, SIM卡召唤, 对时, 软件版本查询, 参数查询",
        ));
    }
    let empty = Map::new();
    let fields = fields.unwrap_or(&empty);
    if name == "对时" && !fields.is_empty() {
        return Err(ApiError::invalid(
            "fields",
            "定时对时以下发时刻为准，不带字段",
            "must be none: a recurring 对时 sets the time at which it is sent",
        ));
    }
    let checked = command_rules::command(command_rules::permitted(caller, name)?, fields)?;
    Ok((checked.kind.name.to_owned(), checked.public().to_string()))
}

fn selection(caller: &Caller, chosen: &PileSelection, organization_id: u64) -> Result<String, ApiError> {
    let kept = chosen.kept(&caller.scope, organization_id)?;
    serde_json::to_string(&kept).map_err(|_| ApiError::Internal)
}

fn spread(seconds: u32) -> Result<u32, ApiError> {
    if seconds <= LONGEST_SPREAD_S {
        return Ok(seconds);
    }
    Err(ApiError::invalid(
        "spread_s",
        "须在0到86400秒之间",
        "must be from 0 to 86400 seconds",
    ))
}

fn seconds(given: Option<u64>) -> Result<u32, ApiError> {
    u32::try_from(timeout(given)?).map_err(|_| ApiError::Internal)
}
