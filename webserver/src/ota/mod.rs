//! `ota`: firmware packages, and the campaigns that bring them to piles. Packages lie in ClickHouse; a campaign is
//! prepared here and carried out by the connector, which is asked by events.

mod campaign;
mod firmware;

use utoipa_axum::router::OpenApiRouter;

use crate::ground::Ground;

pub use firmware::TrustedKeys;

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    firmware::routes().merge(campaign::routes())
}
