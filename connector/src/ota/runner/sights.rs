//! What the world says about the piles of a campaign: their states in Redis, their logins and charges in ClickHouse.

use std::collections::HashMap;

use clickhouse::Row;
use protocol::Uuid;
use redis::RedisError;
use serde::Deserialize;
use store::ota::{CampaignState, Phase, PileState};
use store::table::ota_campaign_pile::OtaCampaignPile;
use store::{DeviceState, StoreError};
use tracing::warn;

use super::News;
use super::book::Book;
use crate::ground::Ground;
use crate::ota::model::Openness;
use crate::ota::model::pile::{Login, Seen, Situation};

/// A row's ordering time is the pile's own where its clock is less than a day off.
const CLOCK_SKEW: i64 = 24 * 3_600_000;
/// Fields of one HMGET: short enough that nobody else waits for it.
const FIELDS_AT_ONCE: usize = 256;

/// What is known of a pile's state right now.
#[derive(Debug, Clone, Default)]
pub(super) struct Live {
    pub(super) online: bool,
    charging: bool,
    version: String,
}

/// All that was seen in one turn.
pub(super) struct Sights<'a> {
    live: HashMap<String, Live>,
    logins: HashMap<u64, Login>,
    charges: HashMap<u64, Vec<i64>>,
    news: &'a News,
}

#[derive(Row, Deserialize)]
struct LoggedIn {
    device_id: u64,
    at: i64,
    version: String,
}

#[derive(Row, Deserialize)]
struct Charged {
    device_id: u64,
    at: i64,
}

impl Sights<'_> {
    pub(super) fn of(&self, pile: &OtaCampaignPile) -> Seen {
        let live = self.live.get(&pile.uuid).cloned().unwrap_or_default();
        let login = self.logins.get(&pile.device_id);
        let charges = self.charges.get(&pile.device_id);
        let first = charges.and_then(|charges| charges.iter().filter(|at| **at > pile.login_time).min());
        Seen {
            online: live.online,
            charging: live.charging,
            version: live.version,
            command: self.news.get(&pile.mark).cloned().unwrap_or_default(),
            login: login
                .filter(|login| pile.update_time > 0 && login.at > pile.update_time)
                .cloned(),
            charge: first.copied().filter(|_| pile.login_time > 0),
        }
    }
}

impl Book {
    /// Looks at the piles, each for what its state waits for.
    pub(super) async fn sights<'a>(&self, news: &'a News) -> Result<Sights<'a>, StoreError> {
        let commanded = self.in_states(&[PileState::Eligible, PileState::Downloaded]);
        let uuids: Vec<_> = commanded.iter().map(|pile| pile.uuid.clone()).collect();
        // Without Redis nobody is known to be online, and nothing is begun.
        let live = live(&self.ground, &uuids).await.unwrap_or_else(|error| {
            warn!(%error, "states of piles cannot be read; no pile is begun");
            HashMap::new()
        });
        let restarted = self.in_states(&[PileState::Updating, PileState::AwaitingLogin, PileState::Soaking]);
        let soaking = self.in_states(&[PileState::Soaking]);
        Ok(Sights {
            live,
            logins: self.logins(&restarted).await?,
            charges: self.charges(&soaking).await?,
            news,
        })
    }

    fn in_states(&self, states: &[PileState]) -> Vec<&OtaCampaignPile> {
        let state = |pile: &OtaCampaignPile| PileState::parse(&pile.state);
        let piles = self.piles.iter();
        piles
            .filter(|pile| state(pile).is_some_and(|state| states.contains(&state)))
            .collect()
    }

    /// The newest login of each since the first of them was updated.
    async fn logins(&self, piles: &[&OtaCampaignPile]) -> Result<HashMap<u64, Login>, StoreError> {
        let Some(since) = piles.iter().map(|pile| pile.update_time).min() else {
            return Ok(HashMap::new());
        };
        let sql = "SELECT device_id, max(recv_time) AS at, argMax(toString(software_version), recv_time) AS version \
                   FROM login_record WHERE timestamp >= ? AND recv_time > ? AND device_id IN ? GROUP BY device_id";
        let db = &self.ground.db;
        let query = db
            .client()
            .query(sql)
            .bind(since - CLOCK_SKEW)
            .bind(since)
            .bind(ids(piles));
        let rows: Vec<LoggedIn> = db.rows("logins after the update", query).await?;
        let login = |row: LoggedIn| {
            let LoggedIn {
                device_id,
                at,
                version,
            } = row;
            (device_id, Login { at, version })
        };
        Ok(rows.into_iter().map(login).collect())
    }

    /// When good charges of each began, since the first of them logged in: over 0.2 kWh, or over 2 min.
    async fn charges(&self, piles: &[&OtaCampaignPile]) -> Result<HashMap<u64, Vec<i64>>, StoreError> {
        let Some(since) = piles.iter().map(|pile| pile.login_time).min() else {
            return Ok(HashMap::new());
        };
        let sql = "SELECT device_id, if(clock_skew = 1 OR start_time = 0, \
                   recv_time - ifNull(charged_minutes, 0) * 60000, start_time) AS at \
                   FROM trade_record FINAL WHERE timestamp >= ? AND device_id IN ? AND conflict = 0 AND at > ? \
                   AND (ifNull(energy, 0) > 0.2 OR ifNull(charged_minutes, 0) > 2 \
                   OR (start_time > 0 AND end_time - start_time > 120000))";
        let db = &self.ground.db;
        let query = db
            .client()
            .query(sql)
            .bind(since - CLOCK_SKEW)
            .bind(ids(piles))
            .bind(since);
        let mut charges: HashMap<u64, Vec<i64>> = HashMap::new();
        for row in db.rows::<Charged>("charges after the update", query).await? {
            charges.entry(row.device_id).or_default().push(row.at);
        }
        Ok(charges)
    }

    /// What the campaign says to a pile now.
    pub(super) fn situation(&self, pile: &OtaCampaignPile, now: i64, place: bool) -> Situation<'_> {
        let back = pile.phase == Phase::Rollback.as_str();
        Situation {
            plan: &self.plan,
            now,
            wanted: if back {
                &self.campaign.rollback_version
            } else {
                &self.campaign.version
            },
            begin: match self.state() {
                CampaignState::Running => true,
                CampaignState::RollingBack => back,
                _ => false,
            },
            stage: self.campaign.stage,
            open: if back {
                Openness::ALWAYS
            } else {
                Openness::at(&self.plan, now)
            },
            place,
        }
    }

    /// How many more piles may be at work.
    pub(super) fn free_places(&self) -> usize {
        let busy = self.piles.iter();
        let busy = busy.filter(|pile| PileState::parse(&pile.state).is_some_and(PileState::in_flight));
        (self.plan.max_at_once as usize).saturating_sub(busy.count())
    }
}

fn ids(piles: &[&OtaCampaignPile]) -> Vec<u64> {
    piles.iter().map(|pile| pile.device_id).collect()
}

/// The states of these piles, by uuid; whom nobody has heard of is missing.
pub(super) async fn live(ground: &Ground, uuids: &[String]) -> Result<HashMap<String, Live>, RedisError> {
    let mut buckets: HashMap<String, Vec<&str>> = HashMap::new();
    for uuid in uuids {
        if let Ok(parsed) = Uuid::parse(uuid) {
            buckets
                .entry(ground.keys.state_of(parsed))
                .or_default()
                .push(uuid);
        }
    }
    let mut redis = ground.redis.clone();
    let mut live = HashMap::new();
    for (bucket, uuids) in buckets {
        for some in uuids.chunks(FIELDS_AT_ONCE) {
            let states: Vec<Option<String>> = redis::cmd("HMGET")
                .arg(&bucket)
                .arg(some)
                .query_async(&mut redis)
                .await?;
            for (uuid, state) in some.iter().zip(states) {
                let state = state.as_deref().map(serde_json::from_str::<DeviceState<'_>>);
                if let Some(Ok(state)) = state {
                    live.insert((*uuid).to_owned(), of(&state));
                }
            }
        }
    }
    Ok(live)
}

fn of(state: &DeviceState<'_>) -> Live {
    let charging = |word: &str| matches!(word, "充电" | "充电中" | "正在充电");
    Live {
        online: state.online,
        charging: state.guns.iter().any(|gun| charging(&gun.work_state)),
        version: state.firmware.to_string(),
    }
}
