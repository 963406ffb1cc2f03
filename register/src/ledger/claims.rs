//! How a uuid becomes somebody's: the counter proposes, ClickHouse decides.

use std::collections::{HashMap, HashSet};

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
        let mut granted: Vec<Option<Uuid>> = vec![None; sns.len()];
        for _ in 0..ROUNDS {
            let open: Vec<usize> = (0..sns.len()).filter(|at| granted[*at].is_none()).collect();
            if open.is_empty() {
                break;
            }
            let candidates = self.free_candidates(open.len()).await?;
            let wanted: Vec<_> = candidates
                .into_iter()
                .zip(open)
                .map(|(uuid, at)| (uuid, at, sns[at]))
                .collect();
            for (uuid, at) in self.claim(&wanted, reason).await? {
                granted[at] = Some(uuid);
            }
        }
        let granted: Option<Vec<_>> = granted.into_iter().collect();
        granted.ok_or(LedgerError::Contended)
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

    /// Claims them; gives those that are this call's alone.
    async fn claim(
        &self,
        wanted: &[(Uuid, usize, &Serial)],
        reason: AllocationReason,
    ) -> Result<Vec<(Uuid, usize)>, LedgerError> {
        let mark: u64 = rand::random_range(1..u64::MAX);
        let texts: Vec<String> = wanted.iter().map(|(uuid, ..)| uuid.to_string()).collect();
        let rows = wanted.iter().zip(&texts).map(|((_, _, sn), uuid)| UuidLedger {
            timestamp: now(),
            uuid,
            sn: sn.as_str(),
            claim: mark,
            reason: reason.as_str(),
        });
        self.insert(rows).await?;
        let refs: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut marks: HashMap<String, Vec<u64>> = HashMap::new();
        for claim in uuid_ledger::claims(&self.db, &refs).await? {
            marks.entry(claim.uuid).or_default().push(claim.claim);
        }
        let mine = |text: &String| marks.get(text).is_some_and(|found| *found == [mark]);
        let alone = wanted.iter().zip(&texts).filter(|(_, text)| mine(text));
        let alone: Vec<_> = alone.map(|((uuid, at, _), _)| (*uuid, *at)).collect();
        let lost = wanted.len() - alone.len();
        if lost > 0 {
            warn!(lost, "uuids were claimed twice and are given up");
            metrics::counter!("register_uuid_conflicts_total").increment(lost as u64);
        }
        Ok(alone)
    }
}
