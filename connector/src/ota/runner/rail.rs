//! The safety rail at work: when it samples, when it looks, and what it looks at.

use std::collections::HashMap;

use store::ota::{Arm, CampaignState, EventKind, Measure, Phase, PileState, Verdict};
use store::table::ota_campaign_figure::OtaCampaignFigure;
use store::table::ota_campaign_pile::OtaCampaignPile;
use store::{Conditions, StoreError, versioned};
use tracing::warn;

use super::book::Book;
use super::measures::{self, Usual, days, next_day, slots};
use super::sights::live;
use crate::ota::model::campaign::RailSays;
use crate::ota::model::rail::{self, Cell, Look, Occasion, Side, Subject, capped, in_words, spread};

/// How long a restart may keep a pile offline before that counts, ms.
const RESTART: i64 = 10 * 60_000;
/// What the test takes of a pile's bytes: no more than this quantile of the day.
const TRAFFIC_QUANTILE: f64 = 0.98;

impl Book {
    /// Samples and looks where it is time.
    pub(super) async fn watch_rail(&mut self) -> Result<(), StoreError> {
        if !self.plan.rail.enabled {
            self.says = RailSays::Fine;
            return Ok(());
        }
        let watched = matches!(self.state(), CampaignState::Running | CampaignState::Paused);
        if !watched || !self.piles.iter().any(|pile| pile.update_time > 0) {
            return Ok(());
        }
        let now = versioned::now();
        if now >= self.sampled + i64::from(self.plan.rail.sample_s) * 1000 {
            self.sample(now).await?;
        }
        if self.look_is_due(now) {
            self.look(now).await?;
        }
        Ok(())
    }

    /// Writes down who is offline.
    async fn sample(&mut self, now: i64) -> Result<(), StoreError> {
        let uuids: Vec<_> = self.piles.iter().map(|pile| pile.uuid.clone()).collect();
        let live = match live(&self.ground, &uuids).await {
            Ok(live) => live,
            Err(error) => {
                warn!(%error, "states of piles cannot be read; this sample is left out");
                return Ok(());
            }
        };
        let is_online = |pile: &OtaCampaignPile| live.get(&pile.uuid).is_some_and(|live| live.online);
        let offline = self.piles.iter().filter(|pile| !is_online(pile));
        let figure = OtaCampaignFigure {
            measure: Measure::Presence.as_str().to_owned(),
            piles: offline.map(|pile| pile.device_id).collect(),
            ..self.figure(now)
        };
        self.write(&[figure]).await?;
        self.sampled = now;
        Ok(())
    }

    /// Looks are spread evenly over a soak; the last one is behind its end.
    fn look_is_due(&self, now: i64) -> bool {
        let soak = self.plan.soak_ms(self.campaign.stage);
        let pause = (soak / i64::from(self.plan.rail.looks_per_soak)).max(1000);
        let soaked = self.campaign.soak_since + soak;
        let is_last = self.campaign.soak_since > 0 && now >= soaked && self.looked < soaked;
        is_last || now >= self.looked.max(self.campaign.stage_since) + pause
    }

    async fn look(&mut self, now: i64) -> Result<(), StoreError> {
        let looks = self.looks(now).await?;
        self.looked = now;
        if looks.iter().all(|look| look.verdict == Verdict::NoData) {
            self.says = RailSays::Waiting("尚无可比较的数据".to_owned());
            return Ok(());
        }
        let figures: Vec<_> = looks.iter().map(|look| self.figure_of(look, now)).collect();
        self.write(&figures).await?;
        self.count(&looks);
        let mut next = self.campaign.clone();
        next.looks += 1;
        self.put_campaign(next).await?;
        self.says = rail::says(&self.plan, &looks);
        let action = match self.says {
            RailSays::Worse(..) => Verdict::Worse,
            RailSays::Fine => Verdict::Fine,
            RailSays::Waiting(_) => Verdict::NoData,
        };
        let event = self.event(EventKind::Rail, action.as_str(), in_words(&looks), String::new());
        self.write(&[event]).await
    }

    /// Notes which of them spend of the error probability.
    fn count<'a>(&mut self, looks: impl IntoIterator<Item = &'a Look>) {
        for look in looks.into_iter().filter(|look| look.verdict != Verdict::NoData) {
            *self.counted.entry(look.measure.as_str()).or_default() += 1;
        }
    }

    /// What it says now of each measure.
    async fn looks(&mut self, now: i64) -> Result<Vec<Look>, StoreError> {
        let (since, slot) = (self.campaign.stage_since, i64::from(self.plan.rail.slot_s) * 1000);
        let span = (since, now);
        let ids: Vec<u64> = self.piles.iter().map(|pile| pile.device_id).collect();
        let usual = match self.usual.take() {
            Some(usual) => usual,
            None => measures::read_usual(&self.ground.db, &ids, self.campaign.started_time).await?,
        };
        let occasion = Occasion {
            campaign_id: self.campaign.campaign_id,
            stage: self.campaign.stage,
            look: self.campaign.looks + 1,
        };
        let db = &self.ground.db;
        let logged_in = |pile: &OtaCampaignPile| (pile.login_time > 0).then_some(pile.login_time);
        let subjects = |measure| self.subjects(&usual, measure, since, &logged_in);
        let by_start = subjects(Measure::BootFailures);
        let places = by_device(&by_start);
        let starts = measures::start_cells(db, &places, &ids, span, slot).await?;
        let warned = subjects(Measure::Warnings);
        let warnings = measures::warning_counts(db, &ids, span, slot).await?;
        let hours = slot as f64 / 3_600_000.0;
        let warnings = spread(&warned, &slots(span, slot), hours, &warnings);
        let back = |pile: &OtaCampaignPile| (pile.update_time > 0).then_some(pile.update_time + RESTART);
        let present = self.subjects(&usual, Measure::Offline, since, &back);
        let samples = measures::presence(db, occasion.campaign_id, occasion.stage, since).await?;
        let samples = sample_cells(&present, &samples, slot);
        let next = |pile: &OtaCampaignPile| (pile.login_time > 0).then(|| next_day(pile.login_time));
        let first_day = next_day(since);
        let talking = self.subjects(&usual, Measure::Traffic, first_day, &next);
        let bytes = measures::traffic_counts(db, &ids, (first_day, now)).await?;
        let bytes = capped(
            &talking,
            spread(&talking, &days((first_day, now)), 1.0, &bytes),
            TRAFFIC_QUANTILE,
        );
        let looks = [
            (Measure::BootFailures, &by_start, &starts),
            (Measure::Offline, &present, &samples),
            (Measure::Warnings, &warned, &warnings),
            (Measure::Traffic, &talking, &bytes),
        ]
        .map(|(measure, subjects, cells)| {
            let nth = self
                .counted
                .get(measure.as_str())
                .map_or(1, |counted| counted + 1);
            rail::look(occasion, nth, &self.plan, measure, subjects, cells)
        });
        self.usual = Some(usual);
        Ok(looks.into())
    }

    /// The updated piles, each since `from` says, and those drawn by the same lot and not begun.
    fn subjects(
        &self,
        usual: &Usual,
        measure: Measure,
        since: i64,
        from: &dyn Fn(&OtaCampaignPile) -> Option<i64>,
    ) -> Vec<Subject> {
        let subject = |pile: &OtaCampaignPile| {
            let held = pile.arm == Arm::Control.as_str() || pile.state == PileState::Waiting.as_str();
            let from = match held {
                true => since,
                false if pile.phase == Phase::Update.as_str() => from(pile)?.max(since),
                false => return None,
            };
            Some(Subject {
                device_id: pile.device_id,
                block: pile.block,
                updated: !held,
                since: from,
                usual: usual.of(measure, pile.device_id),
            })
        };
        self.piles.iter().filter_map(subject).collect()
    }

    /// A figure of now, of this stage.
    fn figure(&self, now: i64) -> OtaCampaignFigure {
        OtaCampaignFigure {
            timestamp: now,
            campaign_id: self.campaign.campaign_id,
            stage: self.campaign.stage,
            look_time: now,
            look: self.campaign.looks + 1,
            since: self.campaign.stage_since,
            ..OtaCampaignFigure::default()
        }
    }

    fn figure_of(&self, look: &Look, now: i64) -> OtaCampaignFigure {
        OtaCampaignFigure {
            measure: look.measure.as_str().to_owned(),
            updated_piles: look.updated.piles,
            updated_events: look.updated.events,
            updated_exposure: look.updated.exposure,
            control_piles: look.control.piles,
            control_events: look.control.events,
            control_exposure: look.control.exposure,
            excess: look.excess,
            p_value: look.p_value,
            bound: look.bound,
            verdict: look.verdict.as_str().to_owned(),
            ..self.figure(now)
        }
    }

    /// What the rail said before this term: when it looked last, and whether it had something to say that the
    /// campaign has not heard.
    pub(super) async fn recall_looks(&mut self) -> Result<(), StoreError> {
        let these = Conditions::new()
            .and("campaign_id = ?", [self.campaign.campaign_id.into()])
            .and("stage = ?", [self.campaign.stage.into()])
            .and("look_time >= ?", [self.campaign.stage_since.into()]);
        let figures = versioned::present::<OtaCampaignFigure>(&self.ground.db, &these).await?;
        let (samples, looks): (Vec<_>, Vec<_>) = figures
            .into_iter()
            .partition(|figure| figure.measure == Measure::Presence.as_str());
        self.sampled = samples
            .iter()
            .map(|sample| sample.look_time)
            .max()
            .unwrap_or_default();
        self.looked = looks.iter().map(|look| look.look_time).max().unwrap_or_default();
        let seen: Vec<_> = looks.iter().filter_map(look_of).collect();
        self.count(&seen);
        let last = looks.iter().filter(|look| look.look_time == self.looked);
        let last: Vec<_> = last.filter_map(look_of).collect();
        if !last.is_empty() {
            self.campaign.looks = self
                .campaign
                .looks
                .max(looks.iter().map(|look| look.look).max().unwrap_or_default());
            self.says = rail::says(&self.plan, &last);
        }
        Ok(())
    }
}

fn by_device(subjects: &[Subject]) -> HashMap<u64, usize> {
    let places = subjects.iter().enumerate();
    places
        .map(|(place, subject)| (subject.device_id, place))
        .collect()
}

/// A look as it was written.
fn look_of(figure: &OtaCampaignFigure) -> Option<Look> {
    let parse = |words: &[Measure]| {
        words
            .iter()
            .copied()
            .find(|measure| measure.as_str() == figure.measure)
    };
    Some(Look {
        measure: parse(&rail::MEASURES)?,
        updated: Side {
            piles: figure.updated_piles,
            events: figure.updated_events,
            exposure: figure.updated_exposure,
        },
        control: Side {
            piles: figure.control_piles,
            events: figure.control_events,
            exposure: figure.control_exposure,
        },
        excess: figure.excess,
        p_value: figure.p_value,
        bound: figure.bound,
        verdict: Verdict::ALL
            .iter()
            .copied()
            .find(|verdict| verdict.as_str() == figure.verdict)?,
    })
}

/// Samples as cells: per pile and slot, how many samples there were and in how many it was offline.
fn sample_cells(subjects: &[Subject], samples: &[OtaCampaignFigure], slot: i64) -> Vec<Cell> {
    let places = by_device(subjects);
    let mut counts: HashMap<i64, f64> = HashMap::new();
    let mut offline: HashMap<(u64, i64), f64> = HashMap::new();
    for sample in samples {
        let slot = sample.look_time.div_euclid(slot) * slot;
        *counts.entry(slot).or_default() += 1.0;
        for pile in sample.piles.iter().filter(|pile| places.contains_key(pile)) {
            *offline.entry((*pile, slot)).or_default() += 1.0;
        }
    }
    counts
        .into_iter()
        .flat_map(|(slot, samples)| spread(subjects, &[slot], samples, &offline))
        .collect()
}
