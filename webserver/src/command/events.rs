//! What becomes of commands, as it happens: server-sent events of one pile, or of one batch.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use protocol::Uuid;
use proxy::Outcome;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{table::command_batch, versioned};
use tokio::{
    sync::{broadcast, mpsc},
    time::{MissedTickBehavior, interval},
};
use utoipa::{IntoParams, ToSchema};

use super::{batch, queries};
use crate::ground::{ApiError, Caller, Ground, Params};

/// Which permission a stream needs for as long as it lasts.
const PERMISSION: &str = "command:read";
/// How often it is asked whether the caller may still see this.
const AGAIN: Duration = Duration::from_secs(5);
/// A stream whose session cannot be asked for so often is over.
const MOST_FAILURES: u32 = 6;
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events on the way to a slow client.
const EVENTS_AHEAD: usize = 256;
const ASK_AGAIN: u64 = 10;

/// Of what.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Watched {
    /// 桩编号 One pile; either this or batch_id
    device_id: Option<u64>,
    /// 批量编号 One batch; either this or device_id
    batch_id: Option<u64>,
}

/// 事件的内容, 由事件名区分 What an event carries; its name tells which
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum CommandEvent {
    Ready(CommandReady),
    Step(CommandStepped),
    Lagged(CommandLagged),
}

impl CommandEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Ready(_) => "ready",
            Self::Step(_) => "step",
            Self::Lagged(_) => "lagged",
        }
    }

    fn wire(&self) -> Option<Event> {
        Event::default().event(self.name()).json_data(self).ok()
    }
}

/// 事件 ready: 事件流已开始 Event `ready`: the stream has begun
#[derive(Debug, Serialize, ToSchema)]
struct CommandReady {
    /// 自何时起, 毫秒 Since when, Unix ms
    since: i64,
}

/// 事件 lagged: 漏了一些, 请查列表 Event `lagged`: some were missed, read the list
#[derive(Debug, Serialize, ToSchema)]
struct CommandLagged {
    /// 漏了多少条(含其他桩的) How many events were missed, those of other piles included
    missed: u64,
}

/// 事件 step: 一条命令的一步 Event `step`: a step of a command
#[derive(Debug, Serialize, ToSchema)]
struct CommandStepped {
    /// 时间, 毫秒 When, Unix ms
    time: i64,
    /// 桩的 uuid The pile's uuid
    uuid: String,
    /// 命令编号 The command's id
    command_id: String,
    /// 命令 The command
    command: String,
    /// 状态: queued, sent, answered, failed, timed_out, cancelled, refused Where it stands
    state: &'static str,
    /// 下载进度, % Progress of a download, percent
    progress: u8,
    /// 结果: 成功, 失败 Result
    result: String,
    /// 失败原因 Why it failed
    reason: String,
    /// 桩的应答, 没有则为空 The pile's answer; null where there is none
    #[schema(value_type = Option<Object>, required = true)]
    answer: Value,
}

/// 命令事件流: 一桩或一个批量的命令的每一步; 可能重复 Every step of the commands of a pile or a batch, as it happens; a step may come twice
#[utoipa::path(get, path = "/command/events", tag = "command", params(Watched),
    responses((status = 200, body = CommandEvent, content_type = "text/event-stream"),
        (status = 429, description = "事件流过多 Too many streams at once")))]
pub(super) async fn events(
    State(ground): State<Ground>,
    caller: Caller,
    Params(watched): Params<Watched>,
) -> Result<Response, ApiError> {
    let slot = ground.streams.clone().try_acquire_owned();
    let slot = slot.map_err(|_| ApiError::TooMany(ASK_AGAIN))?;
    // Before it is looked who may see it, so that nothing is missed in between.
    let outcomes = ground.commands.outcomes();
    let watch = Watch {
        meant: meant(&ground, &caller, watched).await?,
        ground,
        caller,
        watched,
    };
    let (sender, receiver) = mpsc::channel(EVENTS_AHEAD);
    tokio::spawn(async move {
        watch.tell(outcomes, &sender).await;
        drop(slot);
    });
    let events = stream::unfold(receiver, |mut receiver| async {
        let event: Event = receiver.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(event), receiver))
    });
    let alive = KeepAlive::new().interval(HEARTBEAT).text("heartbeat");
    Ok(Sse::new(events).keep_alive(alive).into_response())
}

/// Whose steps are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meant {
    Pile(Uuid),
    Batch(u64),
}

impl Meant {
    fn is(self, outcome: &Outcome) -> bool {
        match self {
            Self::Pile(uuid) => outcome.uuid == uuid,
            Self::Batch(batch_id) => {
                command_batch::of_mark(&outcome.mark).is_some_and(|(of, _)| of == batch_id)
            }
        }
    }
}

/// # Errors
/// 404 for what the caller does not see, 422 for neither or both.
async fn meant(ground: &Ground, caller: &Caller, watched: Watched) -> Result<Meant, ApiError> {
    match (watched.device_id, watched.batch_id) {
        (Some(device_id), None) => {
            let pile = queries::pile(ground, &caller.scope, device_id).await?;
            let uuid = Uuid::parse(&pile.name).map_err(|_| ApiError::NotFound)?;
            Ok(Meant::Pile(uuid))
        }
        (None, Some(batch_id)) => {
            batch::queries::by_id(ground, &caller.scope, batch_id).await?;
            Ok(Meant::Batch(batch_id))
        }
        _ => Err(ApiError::invalid(
            "device_id",
            "须给出 device_id 或 batch_id 之一",
            "either device_id or batch_id must be given",
        )),
    }
}

/// One client's stream.
struct Watch {
    ground: Ground,
    caller: Caller,
    watched: Watched,
    meant: Meant,
}

impl Watch {
    /// Until the client goes, its session ends or the server stops.
    async fn tell(mut self, mut outcomes: broadcast::Receiver<Arc<Outcome>>, to: &mpsc::Sender<Event>) {
        let since = versioned::now();
        let Some(ready) = CommandEvent::Ready(CommandReady { since }).wire() else {
            return;
        };
        if to.send(ready).await.is_err() {
            return;
        }
        let (mut again, mut failures) = (interval(AGAIN), 0);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        again.reset();
        let stop = self.ground.stop.clone();
        loop {
            let event = tokio::select! {
                outcome = outcomes.recv() => match outcome {
                    Ok(outcome) if self.meant.is(&outcome) => step(&outcome),
                    Ok(_) => continue,
                    Err(broadcast::error::RecvError::Lagged(missed)) => {
                        CommandEvent::Lagged(CommandLagged { missed }).wire()
                    }
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                _ = again.tick() => {
                    match self.may_go_on().await {
                        Ok(true) => failures = 0,
                        Ok(false) => return,
                        Err(_) if failures < MOST_FAILURES => failures += 1,
                        Err(_) => return,
                    }
                    continue;
                }
                () = to.closed() => return,
                () = stop.cancelled() => return,
            };
            let Some(event) = event else { continue };
            if to.send(event).await.is_err() {
                return;
            }
        }
    }

    async fn may_go_on(&mut self) -> Result<bool, ApiError> {
        let Some(scope) = self.ground.scope_now(&self.caller, PERMISSION).await? else {
            return Ok(false);
        };
        // A pile may have been moved, or got another uuid, whoever the caller is.
        self.caller.scope = scope;
        match meant(&self.ground, &self.caller, self.watched).await {
            Ok(meant) => {
                self.meant = meant;
                Ok(true)
            }
            Err(ApiError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn step(outcome: &Outcome) -> Option<Event> {
    let step = CommandStepped {
        time: outcome.time,
        uuid: outcome.uuid.to_string(),
        command_id: outcome.mark.clone(),
        command: outcome.command.clone(),
        state: outcome.state.as_str(),
        progress: outcome.progress,
        result: outcome.result.clone(),
        reason: outcome.reason.clone(),
        answer: outcome.answer.clone(),
    };
    CommandEvent::Step(step).wire()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_told_from_the_others_by_its_fields() {
        let fields = |event: CommandEvent| serde_json::to_value(event).unwrap();
        let since = CommandEvent::Ready(CommandReady { since: 7 });
        let missed = CommandEvent::Lagged(CommandLagged { missed: 3 });
        assert_eq!((since.name(), missed.name()), ("ready", "lagged"));
        assert_eq!(fields(since), serde_json::json!({ "since": 7 }));
        assert_eq!(fields(missed), serde_json::json!({ "missed": 3 }));
    }
}
