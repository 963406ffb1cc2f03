//! The lots of a campaign that starts, written down.

use store::ota::{Arm, PileState};
use store::{StoreError, versioned};

use super::book::Book;
use crate::ota::model::lot::{Entrant, draw};

impl Book {
    /// Draws the lots. Drawn twice, because of a crash, they are the same.
    pub(super) async fn draw_lots(&mut self, deadline: i64) -> Result<(), StoreError> {
        self.piles.sort_by_key(|pile| pile.device_id);
        let entrants: Vec<_> = self
            .piles
            .iter()
            .map(|pile| Entrant {
                device_id: pile.device_id,
                model: pile.model.clone(),
                sta_id: pile.sta_id,
            })
            .collect();
        let lots = draw(self.campaign.campaign_id, &self.plan, &entrants);
        let now = versioned::now();
        let drawn = self
            .piles
            .iter()
            .zip(lots)
            .enumerate()
            .map(|(place, (pile, lot))| {
                let mut pile = pile.clone();
                let state = match lot.arm {
                    Arm::Control => PileState::Control,
                    Arm::Update => PileState::Waiting,
                };
                lot.arm.as_str().clone_into(&mut pile.arm);
                (pile.stage, pile.block) = (lot.stage, lot.block);
                state.as_str().clone_into(&mut pile.state);
                pile.owner = state
                    .owner()
                    .map_or(String::new(), |owner| owner.as_str().to_owned());
                pile.state_since = now;
                (pile.deadline, pile.finished_time) = match lot.arm {
                    Arm::Control => (0, now),
                    Arm::Update => (deadline, 0),
                };
                (place, pile)
            });
        let drawn = drawn.collect();
        self.replace(drawn).await
    }
}
