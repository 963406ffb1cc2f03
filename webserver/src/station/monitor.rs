//! Every pile and gun live: once as JSON, or as server-sent events that tell what changes.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use axum::{
    extract::State,
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use protocol::Uuid;
use serde::{Deserialize, Serialize};
use store::{DeviceState, versioned};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval},
};
use utoipa::{IntoParams, ToSchema};

use crate::ground::{
    Answer, ApiError, Caller, Envelope, Ground, Params, Scope,
    live::{self, PileState},
    pile::LivePile,
};

/// Piles of one monitor: more are nothing that anybody can watch.
const MOST_PILES: usize = 5000;
const TICK: Duration = Duration::from_secs(1);
const HEARTBEAT: Duration = Duration::from_secs(15);
/// New, moved and deleted piles are noticed within this.
const PILES_AGAIN: Duration = Duration::from_secs(10);
/// A stream whose session cannot be asked for so long is over.
const MOST_FAILURES: u32 = 15;
/// Events on the way to a slow client; then it gets fewer.
const EVENTS_AHEAD: usize = 4;
const ASK_AGAIN: u64 = 10;

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// 场站编号, 缺省为全部可见场站, 最多5000桩 One station; all that the caller sees if left out, at most 5,000 piles
    sta_id: Option<u64>,
}

/// A pile that is watched.
#[derive(Debug, Clone)]
struct Watched {
    device_id: u64,
    sta_id: u64,
    ass_name: String,
    name: String,
}

/// A pile as it is now.
#[derive(Debug, Serialize, ToSchema)]
struct MonitorPile {
    /// 资产编号 The pile's id
    device_id: u64,
    /// 场站编号 Its station
    sta_id: u64,
    /// 资产名称 Its name for people
    ass_name: String,
    /// 桩的 uuid The pile's uuid
    uuid: String,
    /// 当前状态 What it is doing
    state: PileState,
    /// 实时数据, 从未上线时为空 What it says; null if it was never seen
    live: Option<LivePile>,
}

/// All that are watched. As event `snapshot` first; then, as event `change`, only those that have changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Monitor {
    /// 时刻, 毫秒 When, Unix ms
    at: i64,
    /// 桩 The piles
    piles: Vec<MonitorPile>,
    /// 不再监视的桩 Piles that are no longer there
    gone: Vec<u64>,
}

/// 监控: 每桩每枪的实时状态 Every pile and gun as it is now
#[utoipa::path(get, path = "/station/monitor", tag = "station", params(Which),
    responses((status = 200, body = Envelope<Monitor>)))]
pub(super) async fn monitor(
    State(ground): State<Ground>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Answer<Monitor>, ApiError> {
    let watched = watched(&ground, &caller.scope, which).await?;
    Ok(Answer(Monitor {
        at: versioned::now(),
        piles: now(&ground, &watched).await?,
        gone: Vec::new(),
    }))
}

/// 监控事件流: 先 snapshot, 之后约每秒一次 change, 只含变化 First a snapshot, then changes, about once a second
#[utoipa::path(get, path = "/station/monitor/stream", tag = "station", params(Which),
    responses((status = 200, body = Monitor, content_type = "text/event-stream"),
        (status = 429, description = "事件流过多 Too many streams at once")))]
pub(super) async fn monitor_stream(
    State(ground): State<Ground>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Response, ApiError> {
    let slot = ground.streams.clone().try_acquire_owned();
    let slot = slot.map_err(|_| ApiError::TooMany(ASK_AGAIN))?;
    let mut watch = Watch {
        watched: watched(&ground, &caller.scope, which).await?,
        read_at: Instant::now(),
        told: HashMap::new(),
        ground,
        caller,
        which,
    };
    let (sender, receiver) = mpsc::channel(EVENTS_AHEAD);
    let first = watch.changes().await?;
    tokio::spawn(async move {
        watch.tell(&sender, first).await;
        drop(slot);
    });
    let events = stream::unfold(receiver, |mut receiver| async {
        let event: Event = receiver.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(event), receiver))
    });
    let alive = KeepAlive::new().interval(HEARTBEAT).text("heartbeat");
    Ok(Sse::new(events).keep_alive(alive).into_response())
}

/// One client's stream.
struct Watch {
    ground: Ground,
    caller: Caller,
    which: Which,
    watched: Vec<Watched>,
    read_at: Instant,
    /// What was told of each pile, as a hash.
    told: HashMap<u64, u64>,
}

impl Watch {
    /// Until the client goes, its session ends or the server stops.
    async fn tell(mut self, to: &mpsc::Sender<Event>, first: Monitor) {
        let mut event = "snapshot";
        let mut changes = first;
        let (mut ticks, mut failures) = (interval(TICK), 0);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stop = self.ground.stop.clone();
        loop {
            let is_news = event == "snapshot" || !changes.piles.is_empty() || !changes.gone.is_empty();
            if is_news {
                let Ok(text) = Event::default().event(event).json_data(&changes) else {
                    return;
                };
                if to.send(text).await.is_err() {
                    return;
                }
                event = "change";
            }
            tokio::select! {
                _ = ticks.tick() => {}
                () = to.closed() => return,
                () = stop.cancelled() => return,
            }
            changes = match self.next().await {
                Ok(Some(changes)) => changes,
                Ok(None) => return,
                Err(_) if failures < MOST_FAILURES => {
                    failures += 1;
                    changes.piles.clear();
                    changes.gone.clear();
                    continue;
                }
                Err(_) => return,
            };
            failures = 0;
        }
    }

    /// None: the caller may no longer watch.
    async fn next(&mut self) -> Result<Option<Monitor>, ApiError> {
        let Some(scope) = self.ground.scope_now(&self.caller, "station:read").await? else {
            return Ok(None);
        };
        if scope != self.caller.scope || self.read_at.elapsed() > PILES_AGAIN {
            self.watched = match watched(&self.ground, &scope, self.which).await {
                Err(ApiError::NotFound) => return Ok(None),
                other => other?,
            };
            self.caller.scope = scope;
            self.read_at = Instant::now();
        }
        self.changes().await.map(Some)
    }

    async fn changes(&mut self) -> Result<Monitor, ApiError> {
        let mut piles = now(&self.ground, &self.watched).await?;
        let mut before = std::mem::take(&mut self.told);
        piles.retain(|pile| {
            let (hash, id) = (hash(pile), pile.device_id);
            self.told.insert(id, hash);
            before.remove(&id) != Some(hash)
        });
        Ok(Monitor {
            at: versioned::now(),
            piles,
            gone: before.into_keys().collect(),
        })
    }
}

fn hash(pile: &MonitorPile) -> u64 {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(pile).unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}

/// The piles to watch, by station and name.
async fn watched(ground: &Ground, scope: &Scope, which: Which) -> Result<Vec<Watched>, ApiError> {
    let watched = ground
        .piles_at(scope, which.sta_id, MOST_PILES, |pile| Watched {
            device_id: pile.device_id,
            sta_id: pile.sta_id,
            ass_name: pile.ass_name.to_owned(),
            name: pile.uuid.to_owned(),
        })
        .await?;
    let Some(mut watched) = watched else {
        return Err(ApiError::invalid(
            "sta_id",
            "超过5000桩，请指定场站",
            "more than 5,000 piles: name a station",
        ));
    };
    watched.sort_by(|a, b| (a.sta_id, &a.ass_name, a.device_id).cmp(&(b.sta_id, &b.ass_name, b.device_id)));
    Ok(watched)
}

/// What they are doing.
async fn now(ground: &Ground, watched: &[Watched]) -> Result<Vec<MonitorPile>, ApiError> {
    let uuid = |pile: &Watched| Uuid::parse(&pile.name).ok();
    let states = ground.states(watched.iter().filter_map(uuid)).await?;
    let shown = watched.iter().map(|pile| {
        let text = uuid(pile).and_then(|uuid| states.get(&uuid));
        let state: Option<DeviceState<'_>> = text.and_then(|text| serde_json::from_str(text).ok());
        MonitorPile {
            device_id: pile.device_id,
            sta_id: pile.sta_id,
            ass_name: pile.ass_name.clone(),
            uuid: pile.name.clone(),
            state: state.as_ref().map_or(PileState::Unknown, live::pile_word),
            live: state.as_ref().map(LivePile::of),
        }
    });
    Ok(shown.collect())
}
