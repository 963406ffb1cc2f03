//! The room: every campaign that has been started, a turn each, again and again.
//!
//! Nothing but rows is kept: a connector that takes over reads them, looks in `command_record` for the marks they
//! hold, and goes on.

mod book;
mod commands;
mod decisions;
mod elsewhere;
mod lot;
mod measures;
mod rail;
mod sights;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use store::ota::EventKind;
use store::table::ota_campaign::OtaCampaign;
use store::table::ota_campaign_event::{OtaCampaignEvent, REFUSED};
use store::{Conditions, StoreError, versioned};
use tracing::warn;

use crate::dispatch::{Follower, Heard};
use crate::ground::Ground;
use crate::wake::{Sleeper, What};
use book::Book;

use super::model::pile::Command;

/// After something was heard: what comes at the same time is taken together.
const GATHER: Duration = Duration::from_millis(200);

/// What was heard of commands, by mark.
type News = HashMap<String, Command>;

/// The room of one term.
pub(crate) fn start(ground: &Ground) -> impl Future<Output = ()> + Send + use<> {
    let room = Room {
        follower: ground.dispatch.follow("o"),
        sleeper: ground.wake.sleeper(What::Ota),
        books: BTreeMap::new(),
        news: News::new(),
        ground: ground.clone(),
    };
    room.run()
}

struct Room {
    ground: Ground,
    follower: Follower,
    sleeper: Sleeper,
    books: BTreeMap<u64, Book>,
    news: News,
}

impl Room {
    async fn run(mut self) {
        let stop = self.ground.stop.clone();
        tokio::select! {
            () = self.work() => {}
            // A turn that is cut off is done again from the rows: what it asked for has its mark in them.
            () = stop.cancelled() => {}
        }
    }

    async fn work(&mut self) {
        loop {
            if let Err(error) = self.turn().await {
                warn!(%error, "the turn of the campaigns is not finished; again soon");
            }
            tokio::select! {
                Some(heard) = self.follower.next() => {
                    self.hear(heard);
                    tokio::time::sleep(GATHER).await;
                }
                () = self.sleeper.sleep() => {}
            }
            while let Some(heard) = self.follower.try_next() {
                self.hear(heard);
            }
        }
    }

    /// Remembers an outcome. It is acknowledged at once: `command_record` has it for whoever comes after.
    fn hear(&mut self, heard: Heard) {
        let outcome = heard.outcome();
        let command = commands::meaning(outcome.state, &outcome.reason, outcome.progress);
        self.news.insert(outcome.mark.clone(), command);
        heard.done();
    }

    async fn turn(&mut self) -> Result<(), StoreError> {
        let mut requests = self.open_books().await?;
        for (id, book) in &mut self.books {
            let requests = requests.remove(id).unwrap_or_default();
            // One campaign's trouble is not the others'.
            if let Err(error) = book.turn(&requests, &mut self.news).await {
                warn!(campaign = id, %error, "its turn is not finished; again soon");
                book.distrust();
            }
        }
        self.books.retain(|_, book| !book.is_closed());
        let awaited: HashSet<&str> = self.books.values().flat_map(Book::marks).collect();
        self.news.retain(|mark, _| awaited.contains(mark.as_str()));
        Ok(())
    }

    /// Opens what is under way or asked for and not open yet; the requests that nobody has looked at, by campaign.
    async fn open_books(&mut self) -> Result<HashMap<u64, Vec<OtaCampaignEvent>>, StoreError> {
        let asked = Conditions::new()
            .and("kind = ?", [EventKind::Request.as_str().into()])
            .and("outcome = ''", []);
        let mut requests: HashMap<u64, Vec<_>> = HashMap::new();
        for event in versioned::present::<OtaCampaignEvent>(&self.ground.db, &asked).await? {
            requests.entry(event.campaign_id).or_default().push(event);
        }
        let mut ids: Vec<u64> = requests.keys().copied().collect();
        ids.sort_unstable();
        let wanted = Conditions::new().and(
            "(state != 'draft' AND finished_time = 0) OR campaign_id IN ?",
            [ids.into()],
        );
        let campaigns = versioned::present::<OtaCampaign>(&self.ground.db, &wanted).await?;
        let there: HashSet<u64> = campaigns.iter().map(|campaign| campaign.campaign_id).collect();
        self.books
            .retain(|id, book| there.contains(id) || !book.is_distrusted());
        for campaign in campaigns {
            let id = campaign.campaign_id;
            if self.books.get(&id).is_some_and(|book| !book.is_distrusted()) {
                continue;
            }
            match Book::open(&self.ground, campaign).await? {
                Some(book) => {
                    self.books.insert(id, book);
                }
                None => self.refuse(requests.remove(&id).unwrap_or_default()).await?,
            }
        }
        for events in requests.values_mut() {
            events.sort_by_key(|event| (event.event_time, event.event_id));
        }
        Ok(requests)
    }

    /// Refuses what is asked of a campaign whose plan cannot be read.
    async fn refuse(&self, mut requests: Vec<OtaCampaignEvent>) -> Result<(), StoreError> {
        for request in &mut requests {
            REFUSED.clone_into(&mut request.outcome);
            "任务的计划无法读取，请重新编辑".clone_into(&mut request.text);
            self.ground.renew(request);
        }
        if requests.is_empty() {
            return Ok(());
        }
        self.ground.insert(&requests, &self.ground.token()).await
    }
}
