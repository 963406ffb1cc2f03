//! A pile is in one campaign at a time. The web server says so to who asks; two who ask at once it may let through.

use clickhouse::Row;
use serde::Deserialize;
use store::ota::{PileState, Request};
use store::{Conditions, StoreError, Value, versioned};

use super::book::Book;
use crate::ota::model::campaign::Refusal;
use crate::ota::model::pile::turn_back;

/// Of the piles in question, those that other campaigns have, and one such campaign.
const BUSY: &str =
    "SELECT uniqExact(device_id) AS piles, any(campaign_id) AS other FROM ota_campaign_pile FINAL";
/// Campaigns that are not at their end.
const UNDER_WAY: &str = "campaign_id IN (SELECT campaign_id FROM ota_campaign FINAL \
                         WHERE flag_del = 0 AND state != 'draft' AND finished_time = 0)";

#[derive(Row, Deserialize)]
struct Busy {
    piles: u64,
    other: u64,
}

impl Book {
    /// Why a request that would begin piles is refused: another campaign is at work on some, or holds them back for
    /// its comparison.
    pub(super) async fn at_work_elsewhere(&self, asked: Request) -> Result<Option<Refusal>, StoreError> {
        let piles = self.begun_by(asked);
        if piles.is_empty() {
            return Ok(None);
        }
        let over = PileState::ALL
            .iter()
            .filter(|state| state.is_final() && **state != PileState::Control);
        let over = over.map(|state| state.as_str().to_owned()).collect();
        let these = Conditions::new()
            .and("flag_del = 0", [])
            .and("campaign_id != ?", [self.campaign.campaign_id.into()])
            .and("state NOT IN ?", [Value::TextList(over)])
            .and("device_id IN ?", [Value::UnsignedList(piles)])
            .and(UNDER_WAY, []);
        let db = &self.ground.db;
        let found: Vec<Busy> = db.rows("piles of other campaigns", these.query(db, BUSY)).await?;
        let busy = found.into_iter().find(|busy| busy.piles > 0);
        Ok(busy.map(|Busy { piles, other }| {
            Refusal(format!(
                "有{piles}桩正在其他任务中（如{other}），须待其结束或先将其中止"
            ))
        }))
    }

    /// The piles that a request begins.
    fn begun_by(&self, asked: Request) -> Vec<u64> {
        let now = versioned::now();
        let begins = |pile: &&_| match asked {
            Request::Start => true,
            Request::Rollback => turn_back(pile, &self.plan, now).is_some_and(|next| next.finished_time == 0),
            Request::Pause | Request::Resume | Request::Abort => false,
        };
        let piles = self.piles.iter().filter(begins);
        piles.map(|pile| pile.device_id).collect()
    }
}
