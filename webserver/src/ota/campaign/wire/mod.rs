//! What is on the wire of `/ota/campaign`, by list.

mod asked;
mod event;
mod figure;
mod item;
mod pile;

pub(super) use asked::{
    AskedCampaign, CampaignRequested, DeletedCampaign, EditedCampaign, NewCampaign, Which,
};
pub(super) use event::{CampaignEvent, EventFilter};
pub(super) use figure::{CampaignFigure, FigureFilter};
pub(super) use item::{CampaignDetail, CampaignItem, Filter};
pub(super) use pile::{CampaignPile, PileFilter};
