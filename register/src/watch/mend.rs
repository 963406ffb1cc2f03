//! Completes what was cut short between two tables: an asset is to bear the uuid of its registration.

use store::table::registration::{self, Misnamed};

use crate::ledger::now;
use crate::model::Serial;
use crate::operations::{OperationError, Operations, assets};

impl Operations {
    /// Renames every asset that does not bear the uuid of its registration; gives how many.
    ///
    /// # Errors
    /// ClickHouse or Redis is away.
    pub(super) async fn mend(&self) -> Result<usize, OperationError> {
        let mut mended = 0;
        for wrong in registration::misnamed(self.ledger().db()).await? {
            mended += self.mend_one(&wrong).await?;
        }
        Ok(mended)
    }

    async fn mend_one(&self, wrong: &Misnamed) -> Result<usize, OperationError> {
        let Ok(sn) = Serial::parse(&wrong.sn) else {
            return Ok(0);
        };
        let locks = self.ledger().lock(&[&sn]).await?;
        if !locks.has(&sn) {
            // Whoever works on it is about to write the asset.
            return Ok(0);
        }
        let mended = self.renamed_under_lock(&sn).await;
        locks.release().await;
        mended
    }

    async fn renamed_under_lock(&self, sn: &Serial) -> Result<usize, OperationError> {
        let registration = self.registration(sn).await?;
        let (Some(uuid), true) = (registration.uuid, registration.device_id != 0) else {
            return Ok(0);
        };
        let devices = [registration.device_id];
        let rows = assets::read(self.ledger().db(), &devices, &[uuid]).await?;
        let changed = match assets::named(&rows, registration.device_id, uuid, now()) {
            Ok(changed) => changed,
            Err(conflict) => {
                tracing::warn!(%sn, %uuid, ?conflict, "an asset cannot be given its uuid; staff must decide");
                return Ok(0);
            }
        };
        assets::write(self.ledger(), &changed).await?;
        tracing::info!(%sn, %uuid, "an asset was given the uuid of its registration");
        Ok(changed.len())
    }
}
