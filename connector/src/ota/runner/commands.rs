//! Commands of a campaign: asked for under the marks in its rows, looked for where nothing was heard.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use protocol::Uuid;
use protocol::downlink::{Downlink, UpdateAndRestart};
use proxy::{Ask, ProxyError, State};
use store::ota::{Phase, PileState};
use store::table::ota_campaign_pile::OtaCampaignPile;
use store::{StoreError, versioned};
use tracing::{debug, warn};

use super::News;
use super::book::Book;
use crate::ground::Ground;
use crate::ota::model::pile::Command;
use crate::package;

/// Commands on their way to the broker at once.
const IN_HAND: usize = 64;
/// How long one may take to get there; then it is asked for again in the next turn, under the same mark.
const ASK_WITHIN: Duration = Duration::from_secs(20);
/// How often it is looked who has not been heard of, ms.
const SEARCH_EVERY: i64 = 5_000;
/// An account lets a pile in for this much longer than its command counts, ms.
const GRACE: i64 = 60_000;

/// What a state of a command means for a campaign.
pub(super) fn meaning(state: State, reason: &str, progress: u8) -> Command {
    let because = |otherwise: &str| {
        let reason = if reason.is_empty() { otherwise } else { reason };
        Command::Failed(reason.to_owned())
    };
    match state {
        State::Queued | State::Sent => Command::Pending(progress),
        State::Answered => Command::Answered,
        State::Failed => because("桩回答失败"),
        State::Refused => because("命令未被受理"),
        State::Cancelled => because("命令被撤销"),
        State::TimedOut => Command::TimedOut,
    }
}

/// What became of asking.
enum Asked {
    Gone,
    Never(String),
    Later,
}

impl Book {
    /// Looks in `command_record` for marks of which nothing final was heard, and first of all for those of which it
    /// is not known whether they were asked for.
    pub(super) async fn look_for_news(&mut self, news: &mut News) -> Result<(), StoreError> {
        let now = versioned::now();
        let marked = self.piles.iter().filter(|pile| !pile.mark.is_empty());
        let unsure = marked.clone().any(|pile| !self.asked.contains(&pile.mark));
        if !unsure && now < self.searched + SEARCH_EVERY {
            return Ok(());
        }
        let open: Vec<_> = marked.filter(|pile| is_open(news.get(&pile.mark))).collect();
        let marks: Vec<_> = open
            .iter()
            .map(|pile| (pile.device_id, pile.mark.as_str()))
            .collect();
        let Some(since) = open.iter().map(|pile| pile.state_since).min() else {
            return Ok(());
        };
        let found = self.ground.dispatch.standings(&marks, since - GRACE).await?;
        for ((_, mark), standing) in found {
            news.insert(
                mark.clone(),
                meaning(standing.state, &standing.reason, standing.progress),
            );
            self.asked.insert(mark);
        }
        self.searched = now;
        Ok(())
    }

    /// Asks for the commands whose marks stand in the rows and have not been asked for in this term.
    pub(super) async fn ask_for_commands(&mut self, news: &mut News) {
        let wanted = self.piles.iter();
        let wanted = wanted.filter(|pile| !pile.mark.is_empty() && !self.asked.contains(&pile.mark));
        let asking: Vec<BoxFuture<'static, (String, Asked)>> =
            wanted.map(|pile| Box::pin(ask(self.order(pile))) as _).collect();
        let asking = futures_util::stream::iter(asking).buffer_unordered(IN_HAND);
        let asked: Vec<_> = asking.collect().await;
        for (mark, asked) in asked {
            match asked {
                Asked::Gone => {
                    self.asked.insert(mark);
                }
                Asked::Never(why) => {
                    news.insert(mark.clone(), Command::Failed(why));
                    self.asked.insert(mark);
                }
                Asked::Later => {}
            }
        }
    }

    fn order(&self, pile: &OtaCampaignPile) -> Order {
        let download = pile.state == PileState::Downloading.as_str();
        Order {
            ground: self.ground.clone(),
            uuid: pile.uuid.clone(),
            mark: pile.mark.clone(),
            deadline: pile.deadline,
            package_id: download.then(|| self.package_of(pile)),
        }
    }

    /// Ends the accounts of downloads that are over. One that is forgotten ends by itself.
    pub(super) fn end_downloads(&self, over: Vec<OtaCampaignPile>) {
        for pile in over {
            let Ok(uuid) = Uuid::parse(&pile.uuid) else {
                continue;
            };
            let (files, package_id) = (self.ground.files.clone(), self.package_of(&pile));
            tokio::spawn(async move {
                if let Err(error) = package::done(&files, package_id, uuid, &pile.mark).await {
                    debug!(%error, "an account ends by itself");
                }
            });
        }
    }

    fn package_of(&self, pile: &OtaCampaignPile) -> u64 {
        if pile.phase == Phase::Rollback.as_str() {
            self.campaign.rollback_package_id
        } else {
            self.campaign.package_id
        }
    }

    /// Withdraws commands. Their outcomes matter to nobody any more.
    pub(super) fn withdraw(&self, withdrawn: Vec<(String, String)>) {
        for (uuid, mark) in withdrawn {
            let Ok(uuid) = Uuid::parse(&uuid) else {
                continue;
            };
            let dispatch = self.ground.dispatch.clone();
            tokio::spawn(async move {
                let _ = tokio::time::timeout(ASK_WITHIN, dispatch.cancel(uuid, &mark)).await;
            });
        }
    }
}

/// Whether something final may still be heard of a command.
fn is_open(heard: Option<&Command>) -> bool {
    matches!(heard, None | Some(Command::Pending(_) | Command::Unknown))
}

/// One command to be asked for: 下载 of a package, or 更新程序并重启.
struct Order {
    ground: Ground,
    uuid: String,
    mark: String,
    deadline: i64,
    package_id: Option<u64>,
}

async fn ask(order: Order) -> (String, Asked) {
    let asked = tokio::time::timeout(ASK_WITHIN, order.ask()).await;
    (order.mark, asked.unwrap_or(Asked::Later))
}

impl Order {
    async fn ask(&self) -> Asked {
        let Ok(uuid) = Uuid::parse(&self.uuid) else {
            return Asked::Never("通信编号无效，未下达".to_owned());
        };
        let command = match self.command(uuid).await {
            Ok(command) => command,
            Err(asked) => return asked,
        };
        let left = u64::try_from(self.deadline - versioned::now()).unwrap_or_default();
        let timeout = Duration::from_secs((left / 1000).max(1));
        let ask = Ask::new(&self.mark, &command)
            .source("connector:ota")
            .timeout(timeout);
        match self.ground.dispatch.ask(uuid, &ask).await {
            Ok(()) => Asked::Gone,
            Err(ProxyError::Ask(error)) => Asked::Never(format!("命令有误，未下达：{error}")),
            Err(error) => {
                debug!(%error, "asked again later");
                Asked::Later
            }
        }
    }

    async fn command(&self, uuid: Uuid) -> Result<Downlink, Asked> {
        let Some(package_id) = self.package_id else {
            return Ok(Downlink::UpdateAndRestart(UpdateAndRestart::default()));
        };
        let until = self.deadline + GRACE;
        match package::order(&self.ground.files, package_id, uuid, &self.mark, until).await {
            Ok(download) => Ok(Downlink::Download(download)),
            Err(error) if error.is_temporary() => {
                warn!(uuid = self.uuid, %error, "the package cannot be offered yet");
                Err(Asked::Later)
            }
            Err(error) => Err(Asked::Never(error.to_string())),
        }
    }
}
