//! What piles are doing right now, as ops_tcu keeps it in Redis.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
    time::{Duration, Instant},
};

use protocol::Uuid;
use serde::{Deserialize, Serialize};
use store::{
    DeviceState,
    device_state::GunState,
    redis_keys::{RedisKeys, STATE_BUCKETS},
};
use tokio::sync::Mutex;
use utoipa::ToSchema;

use super::{Ground, error::ApiError};

/// Fields of one HMGET: short enough that nobody else waits for it.
const FIELDS_AT_ONCE: usize = 256;
/// Commands of one round trip.
const COMMANDS_AT_ONCE: usize = 16;
/// What is known of all piles is at least so old before it is read again, and four times as old as reading takes.
const FRESH_FOR: Duration = Duration::from_secs(2);
/// For so long after somebody has asked it is read again and again, so that the next one need not wait for it.
const KEPT_WARM: Duration = Duration::from_secs(30);

/// What a pile is doing, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub(crate) enum PileState {
    /// 从未上线 Never seen
    #[serde(rename = "未接入")]
    Unknown,
    /// 离线 Not connected
    #[serde(rename = "离线")]
    Offline,
    /// 有枪故障 A gun reports a fault
    #[serde(rename = "故障")]
    Fault,
    /// 有枪正在充电 A gun is charging
    #[serde(rename = "充电")]
    Charging,
    /// 在线且无枪充电 Connected, no gun is charging
    #[serde(rename = "空闲")]
    Idle,
}

/// What a gun is doing, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub(crate) enum GunWord {
    /// 桩离线 Its pile is not connected
    #[serde(rename = "离线")]
    Offline,
    /// 故障 Fault
    #[serde(rename = "故障")]
    Fault,
    /// 充电 Charging
    #[serde(rename = "充电")]
    Charging,
    /// 空闲 Idle
    #[serde(rename = "空闲")]
    Idle,
    /// 其他, 如禁用、已充满 Anything else, such as disabled or full
    #[serde(rename = "其他")]
    Other,
}

/// The word for a gun; piles of different makers write 充电 or 充电中.
pub(crate) fn gun_word(online: bool, gun: &GunState<'_>) -> GunWord {
    match gun.work_state.as_ref() {
        _ if !online => GunWord::Offline,
        "充电" | "充电中" | "正在充电" => GunWord::Charging,
        "空闲" | "待机" => GunWord::Idle,
        text if text.contains("故障") => GunWord::Fault,
        _ => GunWord::Other,
    }
}

/// The word for a pile.
pub(crate) fn pile_word(state: &DeviceState<'_>) -> PileState {
    if !state.online {
        return PileState::Offline;
    }
    let guns = || state.guns.iter().map(|gun| gun_word(true, gun));
    if guns().any(|word| word == GunWord::Fault) {
        PileState::Fault
    } else if guns().any(|word| word == GunWord::Charging) {
        PileState::Charging
    } else {
        PileState::Idle
    }
}

/// What the overview and filters need of a pile: small, because there are 200,000.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Brief {
    /// The pile.
    pub(crate) device_id: u64,
    /// What it is doing.
    pub(crate) state: PileState,
    /// What its guns are doing.
    pub(crate) guns: Box<[GunWord]>,
    /// Warnings that have not recovered.
    pub(crate) open_warnings: u32,
}

impl Brief {
    fn of(state: &DeviceState<'_>) -> Self {
        let guns = state.guns.iter().filter(|gun| gun.gun != 0);
        Self {
            device_id: state.device_id,
            state: pile_word(state),
            guns: guns.map(|gun| gun_word(state.online, gun)).collect(),
            open_warnings: u32::try_from(state.open_warnings.len()).unwrap_or(u32::MAX),
        }
    }
}

/// All piles, by uuid.
pub(crate) type Briefs = HashMap<Uuid, Brief>;

#[derive(Debug)]
struct Kept {
    briefs: Arc<Briefs>,
    good_until: Instant,
}

/// What one web server has read of all piles.
#[derive(Debug, Default)]
pub(crate) struct Live {
    kept: RwLock<Option<Kept>>,
    reading: Mutex<()>,
    /// When somebody last asked; none: it is not being kept warm.
    asked: std::sync::Mutex<Option<Instant>>,
}

impl Live {
    fn fresh(&self) -> Option<Arc<Briefs>> {
        let kept = self.kept.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        let kept = kept.as_ref()?;
        (Instant::now() < kept.good_until).then(|| kept.briefs.clone())
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.asked.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Ground {
    /// All piles, at most a few seconds old.
    ///
    /// # Errors
    /// 503 without Redis.
    pub(crate) async fn briefs(&self) -> Result<Arc<Briefs>, ApiError> {
        if self.live.asked().replace(Instant::now()).is_none() {
            tokio::spawn(keep_warm(self.clone()));
        }
        if let Some(briefs) = self.live.fresh() {
            return Ok(briefs);
        }
        let _one_reads = self.live.reading.lock().await;
        if let Some(briefs) = self.live.fresh() {
            return Ok(briefs);
        }
        self.read_briefs().await.map(|(briefs, _)| briefs)
    }

    /// All piles, as they are now, and when to read them again.
    async fn read_briefs(&self) -> Result<(Arc<Briefs>, Duration), ApiError> {
        let begun = Instant::now();
        let mut briefs = Briefs::new();
        for bucket in 0..STATE_BUCKETS {
            let states: Vec<(String, String)> = redis::cmd("HGETALL")
                .arg(self.keys.state_bucket(bucket))
                .query_async(&mut self.redis.clone())
                .await?;
            for (uuid, text) in &states {
                if let (Ok(uuid), Ok(state)) = (Uuid::parse(uuid), serde_json::from_str(text)) {
                    briefs.insert(uuid, Brief::of(&state));
                }
            }
        }
        let briefs = Arc::new(briefs);
        let fresh_for = FRESH_FOR.max(begun.elapsed() * 4);
        *self
            .live
            .kept
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(Kept {
            briefs: briefs.clone(),
            // Half as long again: by then it has been read anew.
            good_until: Instant::now() + fresh_for * 3 / 2,
        });
        Ok((briefs, fresh_for))
    }

    /// The states of these piles as JSON of [`DeviceState`], by uuid; those never seen are left out.
    ///
    /// # Errors
    /// 503 without Redis.
    pub(crate) async fn states(
        &self,
        uuids: impl IntoIterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, String>, ApiError> {
        let mut buckets: HashMap<u8, Vec<Uuid>> = HashMap::new();
        for uuid in uuids {
            buckets.entry(RedisKeys::bucket_of(uuid)).or_default().push(uuid);
        }
        let questions: Vec<(u8, &[Uuid])> = buckets
            .iter()
            .flat_map(|(bucket, uuids)| uuids.chunks(FIELDS_AT_ONCE).map(|some| (*bucket, some)))
            .collect();
        let mut found = HashMap::new();
        for some in questions.chunks(COMMANDS_AT_ONCE) {
            let mut pipe = redis::pipe();
            for (bucket, uuids) in some {
                pipe.cmd("HMGET").arg(self.keys.state_bucket(*bucket));
                for uuid in *uuids {
                    pipe.arg(&uuid.letters());
                }
            }
            let answers: Vec<Vec<Option<String>>> = pipe.query_async(&mut self.redis.clone()).await?;
            let asked = some.iter().flat_map(|(_, uuids)| uuids.iter().copied());
            let states = asked.zip(answers.into_iter().flatten());
            found.extend(states.filter_map(|(uuid, state)| Some((uuid, state?))));
        }
        Ok(found)
    }
}

/// Reads all piles again and again until nobody has asked for a while, or they cannot be read.
async fn keep_warm(ground: Ground) {
    let mut pause = FRESH_FOR;
    loop {
        let stopped = ground.stop.cancelled();
        if tokio::time::timeout(pause, stopped).await.is_ok() {
            return;
        }
        {
            let mut asked = ground.live.asked();
            if asked.is_none_or(|asked| asked.elapsed() > KEPT_WARM) {
                *asked = None;
                return;
            }
        }
        let _one_reads = ground.live.reading.lock().await;
        match ground.read_briefs().await {
            Ok((_, fresh_for)) => pause = fresh_for,
            Err(_) => {
                // Whoever asks next is told why.
                *ground.live.asked() = None;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(online: bool, works: &[&'static str]) -> DeviceState<'static> {
        let guns = works.iter().zip(1..).map(|(work, gun)| GunState {
            gun,
            work_state: (*work).into(),
            ..GunState::default()
        });
        DeviceState {
            online,
            guns: guns.collect(),
            ..DeviceState::default()
        }
    }

    #[test]
    fn a_pile_is_told_by_its_guns() {
        assert_eq!(pile_word(&state(false, &["充电"])), PileState::Offline);
        assert_eq!(pile_word(&state(true, &[])), PileState::Idle);
        assert_eq!(pile_word(&state(true, &["空闲", "充电中"])), PileState::Charging);
        assert_eq!(pile_word(&state(true, &["充电", "急停故障"])), PileState::Fault);
        assert_eq!(pile_word(&state(true, &["充电完成"])), PileState::Idle);
        let brief = Brief::of(&state(true, &["充电完成", "空闲"]));
        assert_eq!(*brief.guns, [GunWord::Other, GunWord::Idle]);
    }
}
