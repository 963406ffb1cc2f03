//! What staff look at.

use store::table::open_access_daily::{self, Access};
use store::table::registration;
use store::table::registration_allow_list::Entry;

use super::{OperationError, Operations, View};
use crate::model::{Registration, Serial, State};

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub number: u64,
    /// Rows on each.
    pub size: u64,
}

impl Page {
    fn offset(self) -> u64 {
        self.number.saturating_sub(1).saturating_mul(self.size)
    }
}

/// What a list of registrations is limited to; what is empty does not limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// The state.
    pub state: Option<State>,
    /// Part of the serial number.
    pub sn: String,
    /// The uuid, now or until a change is carried out.
    pub uuid: String,
    /// The model.
    pub model: String,
    /// The contract number.
    pub contract_num: String,
}

impl Operations {
    /// One page of the registrations, and how many there are.
    ///
    /// # Errors
    /// [`OperationError::Ledger`].
    pub async fn registrations(
        &self,
        search: &Search,
        page: Page,
    ) -> Result<(u64, Vec<View>), OperationError> {
        let filter = registration::Filter {
            state: search.state.map_or("", State::as_str),
            sn: &search.sn,
            uuid: &search.uuid,
            model: &search.model,
            contract_num: &search.contract_num,
        };
        let db = self.ledger().db();
        let (total, rows) = registration::page(db, &filter, page.size, page.offset()).await?;
        let views = rows
            .into_iter()
            .map(|row| Ok(View::from(&Registration::from_stored(row)?)));
        Ok((total, views.collect::<Result<_, OperationError>>()?))
    }

    /// One registration.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn detail(&self, sn: &Serial) -> Result<View, OperationError> {
        Ok(View::from(&self.registration(sn).await?))
    }

    /// The models and contracts that register without approval.
    ///
    /// # Errors
    /// [`OperationError::Ledger`].
    pub async fn allow_list(&self) -> Result<Vec<Entry>, OperationError> {
        Ok(self.ledger().allow_list().await?)
    }

    /// Who connects without a password, by day.
    ///
    /// # Errors
    /// [`OperationError::Ledger`].
    pub async fn open_access(
        &self,
        day: &str,
        uuid: &str,
        page: Page,
    ) -> Result<(u64, Vec<Access>), OperationError> {
        let db = self.ledger().db();
        Ok(open_access_daily::page(db, day, uuid, page.size, page.offset()).await?)
    }
}
