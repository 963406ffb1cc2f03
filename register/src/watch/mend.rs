//! Completes what was cut short between two tables: an asset is to bear the uuid of its registration.

use store::table::registration::{self, Misnamed};

use super::Fresh;
use crate::model::{Registration, Serial};
use crate::operations::{OperationError, Operations};

impl Operations {
    /// Renames every asset that does not bear the uuid of its registration; gives how many. Each of `hopeless` is told
    /// once.
    ///
    /// # Errors
    /// ClickHouse or Redis is away.
    pub(super) async fn mend(&self, hopeless: &mut Fresh) -> Result<usize, OperationError> {
        let mut mended = 0;
        for wrong in registration::misnamed(self.ledger().db()).await? {
            mended += self.mend_one(&wrong, hopeless).await?;
        }
        Ok(mended)
    }

    async fn mend_one(&self, wrong: &Misnamed, hopeless: &mut Fresh) -> Result<usize, OperationError> {
        let Ok(sn) = Serial::parse(&wrong.sn) else {
            return Ok(0);
        };
        let locks = self.ledger().lock(&[&sn]).await?;
        if !locks.has(&sn) {
            // Whoever works on it is about to write the asset.
            return Ok(0);
        }
        let mended = self.renamed_under_lock(&sn, hopeless).await;
        locks.release().await;
        mended
    }

    async fn renamed_under_lock(&self, sn: &Serial, hopeless: &mut Fresh) -> Result<usize, OperationError> {
        let registration = self.registration(sn).await?;
        match registration.former_uuid {
            None => self.agree(&registration, hopeless).await,
            Some(_) => Ok(0),
        }
    }

    /// Gives the registration's pile its name, and takes it from assets that were only adopted; for the holder of the
    /// lock. Gives how many assets have changed.
    pub(super) async fn agree(
        &self,
        registration: &Registration,
        hopeless: &mut Fresh,
    ) -> Result<usize, OperationError> {
        let sn = &registration.sn;
        let (Some(uuid), true) = (registration.uuid, registration.device_id != 0) else {
            return Ok(0);
        };
        let device_id = registration.device_id;
        let changed = match self.name(device_id, uuid).await {
            Err(OperationError::Conflict(conflict)) => {
                if hopeless.is_new(&(sn, uuid)) {
                    tracing::warn!(%sn, %uuid, ?conflict, "two assets have one uuid; staff must decide");
                }
                return Ok(0);
            }
            changed => changed?.written,
        };
        if changed > 0 {
            tracing::info!(%sn, %uuid, device_id, "the asset bears the uuid of its registration");
        }
        Ok(changed)
    }
}
