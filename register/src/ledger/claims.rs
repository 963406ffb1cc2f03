//! How a uuid becomes somebody's: the counter proposes, ClickHouse decides.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use protocol::Uuid;
use store::table::uuid_ledger::{self, UuidLedger};
use tracing::warn;

use super::{Ledger, LedgerError, now};
use crate::model::Serial;

/// Rounds until enough free uuids are found. One round is the rule; after a loss of Redis it may take three.
const ROUNDS: usize = 20;

/// What a uuid is needed for, as it stands in `uuid_ledger`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllocationReason {
    /// 注册
    Registration,
    /// 修改uuid
    Change,
    /// 更换TCU
    Swap,
    /// uuid重复
    Duplicate,
}

impl AllocationReason {
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "注册",
            Self::Change => "修改uuid",
            Self::Swap => "更换TCU",
            Self::Duplicate => "uuid重复",
        }
    }
}

impl Ledger {
    /// Raises the counter above every uuid that ClickHouse knows; gives it. For every start.
    ///
    /// # Errors
    /// [`LedgerError`] if ClickHouse or Redis is away.
    pub async fn raise_counter(&self) -> Result<u64, LedgerError> {
        self.counter.raise(&mut self.redis.clone(), &self.db).await
    }

    /// A uuid for each serial number, in that order: never one that was handed out before or that a pile uses.
    /// For an operation that nobody else carries out on the same registration.
    ///
    /// The counter gives candidates. Those with a claim or an asset are passed over. The rest are claimed under
    /// a random mark and read back: a uuid with any other mark is given up. Everybody writes the claim before
    /// reading, so of two that were given the same number by a rewound counter at most one sees itself alone.
    /// A claim whose maker dies is never used again; there are 208 thousand million uuids.
    ///
    /// # Errors
    /// [`LedgerError`]; nothing was handed out then.
    pub async fn allocate(
        &self,
        sns: &[&Serial],
        reason: AllocationReason,
    ) -> Result<Vec<Uuid>, LedgerError> {
        let wanted: Vec<Wanted<'_>> = sns.iter().map(|sn| Wanted { sn, since: i64::MAX }).collect();
        let granted = self.uuids(&wanted, reason).await?;
        let granted: Option<Vec<_>> = granted.into_iter().collect();
        granted.ok_or(LedgerError::Contended)
    }

    /// A uuid for the first registration of each serial number; none for one that another process registers
    /// just now. `sns` names the version of each registration as it was read, 0 where there is none.
    ///
    /// Claims name the serial number too, and again everybody writes before reading: of two processes that work on
    /// one TCU because Redis has forgotten a lock, at most one goes on. A process that was killed behind its claim
    /// therefore holds its TCU up for as long as a lock lasts. Nobody claims while such a claim stands: claims made
    /// at every try would hold the TCU up for one another, and with one process that is killed again and again for
    /// ever.
    ///
    /// # Errors
    /// [`LedgerError`]; nothing was handed out then. [`LedgerError::Contended`] too if it took so long that the
    /// claims may be forgotten before they are acted on.
    pub async fn allocate_first(&self, sns: &[(&Serial, i64)]) -> Result<Vec<Option<Uuid>>, LedgerError> {
        let started = Instant::now();
        let lock_for = i64::try_from(self.lock_for.as_millis()).unwrap_or(i64::MAX);
        let recent = now().saturating_sub(lock_for);
        let wanted: Vec<Wanted<'_>> = sns
            .iter()
            .map(|(sn, version)| Wanted {
                sn,
                since: recent.max(version.saturating_add(1)),
            })
            .collect();
        let found = self.uuids(&wanted, AllocationReason::Registration).await?;
        if started.elapsed() > self.lock_for / 2 {
            return Err(LedgerError::Contended);
        }
        Ok(found)
    }

    async fn uuids(
        &self,
        wanted: &[Wanted<'_>],
        reason: AllocationReason,
    ) -> Result<Vec<Option<Uuid>>, LedgerError> {
        let mut granted: Vec<Option<Uuid>> = vec![None; wanted.len()];
        let others = self.others(wanted).await?;
        let free = |at: &usize| !others.contains(wanted[*at].sn.as_str());
        let mut open: Vec<usize> = (0..wanted.len()).filter(free).collect();
        for _ in 0..ROUNDS {
            if open.is_empty() {
                return Ok(granted);
            }
            let candidates = self.free_candidates(open.len()).await?;
            let claims: Vec<_> = candidates.into_iter().zip(open.iter().copied()).collect();
            let claims: Vec<_> = claims
                .into_iter()
                .map(|(uuid, at)| (uuid, at, wanted[at]))
                .collect();
            for (at, fate) in self.claim(&claims, reason).await? {
                match fate {
                    Fate::Ours(uuid) => granted[at] = Some(uuid),
                    Fate::OthersTurn => {}
                    Fate::Lost => continue,
                }
                open.retain(|still| *still != at);
            }
        }
        match open.is_empty() {
            true => Ok(granted),
            false => Err(LedgerError::Contended),
        }
    }

    /// At most `count` numbers of the counter that nobody is known to hold.
    async fn free_candidates(&self, count: usize) -> Result<Vec<Uuid>, LedgerError> {
        let mut redis = self.redis.clone();
        let numbers = self.counter.take(&mut redis, &self.db, count).await?;
        let candidates: Vec<Uuid> = numbers.filter_map(Uuid::from_counter).collect();
        let texts: Vec<String> = candidates.iter().map(Uuid::to_string).collect();
        let refs: Vec<&str> = texts.iter().map(String::as_str).collect();
        let taken = uuid_ledger::taken(&self.db, &refs).await?;
        if taken.is_empty() {
            return Ok(candidates);
        }
        warn!(
            taken = taken.len(),
            "the uuid counter proposes uuids in use; raising it"
        );
        metrics::counter!("register_uuid_conflicts_total").increment(taken.len() as u64);
        self.counter.raise(&mut redis, &self.db).await?;
        let taken: HashSet<String> = taken.into_iter().map(|claim| claim.uuid).collect();
        let free = candidates.into_iter().zip(&texts);
        Ok(free
            .filter(|(_, text)| !taken.contains(*text))
            .map(|(uuid, _)| uuid)
            .collect())
    }

    /// Claims each uuid for its serial number, and says what came of it.
    async fn claim(
        &self,
        claims: &[(Uuid, usize, Wanted<'_>)],
        reason: AllocationReason,
    ) -> Result<Vec<(usize, Fate)>, LedgerError> {
        let mark = self.marks.next();
        let texts: Vec<String> = claims.iter().map(|(uuid, ..)| uuid.to_string()).collect();
        let rows = claims
            .iter()
            .zip(&texts)
            .map(|((_, _, wanted), uuid)| UuidLedger {
                timestamp: now(),
                uuid,
                sn: wanted.sn.as_str(),
                claim: mark,
                reason: reason.as_str(),
            });
        self.insert(rows).await?;
        let refs: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut marks: HashMap<String, Vec<u64>> = HashMap::new();
        for claim in uuid_ledger::claims(&self.db, &refs).await? {
            marks.entry(claim.uuid).or_default().push(claim.claim);
        }
        let asked: Vec<Wanted<'_>> = claims.iter().map(|(_, _, wanted)| *wanted).collect();
        let others = self.others(&asked).await?;
        let mut lost = 0_u64;
        let fates = claims.iter().zip(&texts).map(|((uuid, at, wanted), text)| {
            let fate = if others.contains(wanted.sn.as_str()) {
                Fate::OthersTurn
            } else if marks.get(text).is_some_and(|found| *found == [mark]) {
                Fate::Ours(*uuid)
            } else {
                lost += 1;
                Fate::Lost
            };
            (*at, fate)
        });
        let fates = fates.collect();
        if lost > 0 {
            warn!(lost, "uuids were claimed twice and are given up");
            metrics::counter!("register_uuid_conflicts_total").increment(lost);
        }
        Ok(fates)
    }

    /// The serial numbers for which another process has claimed a uuid too, not long ago.
    async fn others(&self, wanted: &[Wanted<'_>]) -> Result<HashSet<String>, LedgerError> {
        let asked = wanted.iter().filter(|wanted| wanted.since < i64::MAX);
        let since: HashMap<&str, i64> = asked.map(|wanted| (wanted.sn.as_str(), wanted.since)).collect();
        let Some(earliest) = since.values().min() else {
            return Ok(HashSet::new());
        };
        let sns: Vec<&str> = since.keys().copied().collect();
        let reason = AllocationReason::Registration.as_str();
        let found = uuid_ledger::recent_of(&self.db, &sns, reason, *earliest).await?;
        let foreign = found.into_iter().filter(|claim| {
            let recent = since
                .get(claim.sn.as_str())
                .is_some_and(|since| claim.timestamp >= *since);
            recent && !self.marks.is_ours(claim.claim)
        });
        Ok(foreign.map(|claim| claim.sn).collect())
    }
}

/// Who wants a uuid, and from when on somebody else's claim for the same TCU matters, Unix ms.
#[derive(Debug, Clone, Copy)]
struct Wanted<'a> {
    sn: &'a Serial,
    since: i64,
}

/// What came of a claim.
enum Fate {
    /// Nobody else has it.
    Ours(Uuid),
    /// Somebody else has it too: nobody uses it.
    Lost,
    /// Another process registers the same TCU.
    OthersTurn,
}

/// The marks of one process: random in the upper half, counted in the lower. Its own earlier claims are done with
/// when it makes another, so it recognizes them.
pub(super) struct Marks {
    process: u32,
    next: AtomicU32,
}

impl Marks {
    pub(super) fn new() -> Self {
        Self {
            process: rand::random_range(1..=u32::MAX),
            next: AtomicU32::new(0),
        }
    }

    fn next(&self) -> u64 {
        (u64::from(self.process) << 32) | u64::from(self.next.fetch_add(1, Ordering::Relaxed))
    }

    fn is_ours(&self, mark: u64) -> bool {
        mark >> 32 == u64::from(self.process)
    }
}
