//! What people ask and what the campaign decides, written down.

use store::StoreError;
use store::ota::{CampaignState, EventKind, Request};
use store::table::ota_campaign::OtaCampaign;
use store::table::ota_campaign_event::{DONE, OtaCampaignEvent, REFUSED};
use store::versioned;
use tracing::info;

use super::book::Book;
use crate::ota::model::campaign::{Deed, Refusal, ask, tally};

/// Who decides without being asked.
const CONNECTOR: &str = "connector";

impl Book {
    /// Carries a request out and writes its outcome. One that was carried out before a crash, and whose outcome was
    /// not written, is done.
    pub(super) async fn carry_out(&mut self, request: &OtaCampaignEvent) -> Result<(), StoreError> {
        let outcome = match Request::parse(&request.action) {
            None => Err(Refusal(format!("不认识的请求{}", request.action))),
            Some(asked) if self.has_done(asked, request) => Ok(None),
            Some(asked) => {
                let elsewhere = self.at_work_elsewhere(asked).await?;
                let tally = tally(&self.campaign, &self.piles);
                let now = versioned::now();
                ask(&self.campaign, &self.plan, asked, &request.source, &tally, now)
                    .and_then(|next| elsewhere.map_or(Ok(Some((asked, next))), Err))
            }
        };
        let mut event = request.clone();
        match outcome {
            Ok(done) => {
                if let Some((asked, next)) = done {
                    self.obey(asked, next).await?;
                }
                DONE.clone_into(&mut event.outcome);
            }
            Err(Refusal(why)) => {
                REFUSED.clone_into(&mut event.outcome);
                event.text = why;
            }
        }
        info!(
            campaign = self.campaign.campaign_id,
            action = event.action,
            outcome = event.outcome,
            "asked by people"
        );
        self.ground.renew(&mut event);
        self.write(&[event]).await
    }

    /// Whether the campaign is where the request wants it because of it.
    fn has_done(&self, asked: Request, request: &OtaCampaignEvent) -> bool {
        let wanted = match asked {
            Request::Start | Request::Resume => CampaignState::Running,
            Request::Pause => CampaignState::Paused,
            Request::Abort => CampaignState::Aborted,
            Request::Rollback => CampaignState::RollingBack,
        };
        self.state() == wanted
            && self.campaign.timestamp >= request.event_time
            && self.campaign.reason == format!("{}{}", request.source, asked.chinese())
    }

    async fn obey(&mut self, asked: Request, next: OtaCampaign) -> Result<(), StoreError> {
        if asked == Request::Start {
            self.draw_lots(next.deadline).await?;
        }
        self.put_campaign(next).await?;
        if matches!(asked, Request::Resume) {
            self.resume_piles().await?;
        }
        self.note(Deed::State(self.state())).await
    }

    /// Holds and writes what the campaign decided.
    pub(super) async fn decided(&mut self, next: OtaCampaign, deed: Deed) -> Result<(), StoreError> {
        self.put_campaign(next).await?;
        self.note(deed).await
    }

    async fn note(&mut self, deed: Deed) -> Result<(), StoreError> {
        let campaign = &self.campaign;
        let stage = |stage: u8| match stage {
            0 => "金丝雀".to_owned(),
            stage => format!("第{stage}阶段"),
        };
        let (kind, action, text) = match deed {
            Deed::State(state) => (EventKind::State, state.as_str(), campaign.reason.clone()),
            Deed::Stage(nth) => (EventKind::Stage, "stage", format!("{}开始", stage(nth))),
            Deed::Soak(nth) => (
                EventKind::Stage,
                "soak",
                format!("{}升级完毕，观察期开始", stage(nth)),
            ),
        };
        info!(
            campaign = campaign.campaign_id,
            action, text, "the campaign goes on"
        );
        let data = campaign.figures.clone();
        let event = self.event(kind, action, text, data);
        self.write(&[event]).await
    }

    /// An event of now.
    pub(super) fn event(
        &mut self,
        kind: EventKind,
        action: &str,
        text: String,
        data: String,
    ) -> OtaCampaignEvent {
        let now = versioned::now();
        OtaCampaignEvent {
            timestamp: now,
            campaign_id: self.campaign.campaign_id,
            event_id: self.event_id(),
            event_time: now,
            kind: kind.as_str().to_owned(),
            action: action.to_owned(),
            source: CONNECTOR.to_owned(),
            text,
            data,
            ..OtaCampaignEvent::default()
        }
    }
}
