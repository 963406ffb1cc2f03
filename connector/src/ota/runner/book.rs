//! One campaign as this connector holds it: its rows, and what it has done about them in this term.

use std::collections::{HashMap, HashSet};

use store::ota::{CampaignState, PileState, Plan};
use store::table::ota_campaign::OtaCampaign;
use store::table::ota_campaign_event::OtaCampaignEvent;
use store::table::ota_campaign_pile::OtaCampaignPile;
use store::{Conditions, Record, StoreError, Versioned, versioned};
use tracing::warn;

use super::News;
use super::measures::Usual;
use crate::ground::Ground;
use crate::ota::model::campaign::{RailSays, tally, tick};
use crate::ota::model::pile::{abandon, resumed, step, turn_back};

/// A campaign makes at most so many steps in one turn.
const STEPS: usize = 4;

pub(super) struct Book {
    pub(super) ground: Ground,
    pub(super) campaign: OtaCampaign,
    pub(super) plan: Plan,
    pub(super) piles: Vec<OtaCampaignPile>,
    /// Marks that were asked for in this term, or found in `command_record`.
    pub(super) asked: HashSet<String>,
    /// When it was last looked who has not been heard of, Unix ms.
    pub(super) searched: i64,
    /// The last look of the safety rail, Unix ms; 0 = none in this stage.
    pub(super) looked: i64,
    /// How many looks of this stage spent of the error probability, by measure.
    pub(super) counted: HashMap<&'static str, u32>,
    /// The last sample of who is offline, Unix ms.
    pub(super) sampled: i64,
    /// What the safety rail said last.
    pub(super) says: RailSays,
    /// What the piles usually have, read once.
    pub(super) usual: Option<Usual>,
    events: u64,
    distrusted: bool,
}

impl Book {
    /// Reads the rows; none if the plan cannot be read, which a person must mend.
    pub(super) async fn open(ground: &Ground, campaign: OtaCampaign) -> Result<Option<Self>, StoreError> {
        let plan = match Plan::from_json(&campaign.plan) {
            Ok(plan) => plan,
            Err(error) => {
                warn!(campaign = campaign.campaign_id, %error, "its plan cannot be read; it is left alone");
                return Ok(None);
            }
        };
        let these = Conditions::new().and("campaign_id = ?", [campaign.campaign_id.into()]);
        let piles = versioned::present::<OtaCampaignPile>(&ground.db, &these).await?;
        let mut book = Self {
            ground: ground.clone(),
            plan,
            piles,
            asked: HashSet::new(),
            searched: 0,
            looked: 0,
            counted: HashMap::new(),
            sampled: 0,
            says: RailSays::Waiting("尚未检验".to_owned()),
            usual: None,
            events: 0,
            distrusted: false,
            campaign,
        };
        book.recall_looks().await?;
        Ok(Some(book))
    }

    pub(super) fn state(&self) -> CampaignState {
        CampaignState::parse(&self.campaign.state).unwrap_or(CampaignState::Draft)
    }

    /// Something could not be read or written: what is in memory may not be what is in the rows.
    pub(super) fn distrust(&mut self) {
        self.distrusted = true;
    }

    pub(super) fn is_distrusted(&self) -> bool {
        self.distrusted
    }

    /// Whether nothing happens any more unless somebody asks.
    pub(super) fn is_closed(&self) -> bool {
        !self.distrusted && (self.campaign.finished_time > 0 || self.state() == CampaignState::Draft)
    }

    /// The marks of commands that something may still be heard of.
    pub(super) fn marks(&self) -> impl Iterator<Item = &str> {
        self.piles
            .iter()
            .map(|pile| pile.mark.as_str())
            .filter(|mark| !mark.is_empty())
    }

    /// All that is to be done now.
    pub(super) async fn turn(
        &mut self,
        requests: &[OtaCampaignEvent],
        news: &mut News,
    ) -> Result<(), StoreError> {
        for request in requests {
            self.carry_out(request).await?;
        }
        if self.state() == CampaignState::Draft {
            return Ok(());
        }
        self.look_for_news(news).await?;
        self.move_piles(news).await?;
        self.ask_for_commands(news).await;
        self.watch_rail().await?;
        for _ in 0..STEPS {
            let tally = tally(&self.campaign, &self.piles);
            let now = versioned::now();
            let Some((next, deed)) = tick(&self.campaign, &self.plan, &tally, &self.says, now) else {
                break;
            };
            self.decided(next, deed).await?;
        }
        Ok(())
    }

    /// Moves every pile that something happened to.
    async fn move_piles(&mut self, news: &News) -> Result<(), StoreError> {
        let sights = self.sights(news).await?;
        let now = versioned::now();
        let state = self.state();
        let mut places = self.free_places();
        let mut moved = Vec::new();
        for (place, pile) in self.piles.iter().enumerate() {
            let turned = match state {
                CampaignState::Aborted => abandon(pile, now, "任务已中止"),
                CampaignState::RollingBack => turn_back(pile, &self.plan, now),
                _ => None,
            };
            let pile = turned.as_ref().unwrap_or(pile);
            let situation = self.situation(pile, now, places > 0);
            let stepped = step(pile, &situation, &sights.of(pile));
            let Some(next) = stepped.or_else(|| turned.clone()) else {
                continue;
            };
            let began = next.state == PileState::Downloading.as_str() && pile.state != next.state;
            places -= usize::from(began);
            moved.push((place, next));
        }
        self.replace(moved).await
    }

    /// Gives the piles that had to wait their whole time again.
    pub(super) async fn resume_piles(&mut self) -> Result<(), StoreError> {
        let now = versioned::now();
        let moved = self.piles.iter().enumerate();
        let moved = moved.filter_map(|(place, pile)| Some((place, resumed(pile, &self.plan, now)?)));
        let moved = moved.collect();
        self.replace(moved).await
    }

    /// Writes new versions of piles, then holds them; withdraws what they gave up.
    pub(super) async fn replace(&mut self, moved: Vec<(usize, OtaCampaignPile)>) -> Result<(), StoreError> {
        if moved.is_empty() {
            return Ok(());
        }
        let mut rows = Vec::with_capacity(moved.len());
        for (place, mut next) in moved {
            self.ground.renew(&mut next);
            rows.push((place, next));
        }
        let written: Vec<_> = rows.iter().map(|(_, row)| row.clone()).collect();
        self.write(&written).await?;
        let (mut withdrawn, mut over) = (Vec::new(), Vec::new());
        for (place, next) in rows {
            let old = std::mem::replace(&mut self.piles[place], next);
            let next = &self.piles[place];
            let fetched = old.state == PileState::Downloading.as_str() && old.mark != next.mark;
            if fetched && next.state == PileState::Skipped.as_str() {
                withdrawn.push((old.uuid.clone(), old.mark.clone()));
            }
            // On somebody else's server the next attempt puts its file where this one's is: taking that away might
            // come too late.
            if self.ground.files.is_embedded() {
                if fetched {
                    over.push(old);
                }
            } else if old.attempt > 0 && is_to_fetch(&old) && !is_to_fetch(next) {
                over.push(old);
            }
        }
        self.withdraw(withdrawn);
        self.end_downloads(over);
        Ok(())
    }

    /// Writes a new version of the campaign, then holds it.
    pub(super) async fn put_campaign(&mut self, mut next: OtaCampaign) -> Result<(), StoreError> {
        next.set_version(self.campaign.version());
        self.ground.renew(&mut next);
        self.write(std::slice::from_ref(&next)).await?;
        if next.stage_since != self.campaign.stage_since {
            self.looked = 0;
            self.counted.clear();
            self.says = RailSays::Waiting("尚未检验".to_owned());
        }
        self.campaign = next;
        Ok(())
    }

    /// Inserts rows; once more under the same token where the outcome is unknown.
    pub(super) async fn write<R: Record>(&self, rows: &[R]) -> Result<(), StoreError> {
        let token = self.ground.token();
        match self.ground.insert(rows, &token).await {
            Err(error) if error.failure() == store::Failure::Temporary => {
                warn!(%error, "rows of a campaign are written once more");
                self.ground.insert(rows, &token).await
            }
            written => written,
        }
    }

    /// An id that no other event of this campaign has: the clock, and a number below it.
    pub(super) fn event_id(&mut self) -> u64 {
        self.events += 1;
        (u64::try_from(versioned::now()).unwrap_or_default() << 10) | (self.events & 0x3ff)
    }
}

/// Whether it is fetching its package, or will.
fn is_to_fetch(pile: &OtaCampaignPile) -> bool {
    matches!(
        PileState::parse(&pile.state),
        Some(PileState::Eligible | PileState::Downloading)
    )
}
