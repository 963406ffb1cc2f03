//! Which piles: the choice that commands, logs, campaigns and schedules have in common.

use serde::{Deserialize, Serialize};
use store::selection::{self, Chosen, Selection};
use utoipa::ToSchema;

use super::{Caller, Ground, error::ApiError, language::Text, scope::Scope};

/// Ids that one choice may list.
const MOST_LISTED: usize = 10_000;

/// 选桩: 各条件须同时满足, 列表中满足其一即可; 至少给出一项 A choice of piles: all that is given must hold, of a list any one; at least one thing is given
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PileSelection {
    /// 全部可见的桩, 其余条件仍须满足 Every pile that the caller sees, as far as the rest allows
    #[serde(default)]
    pub(crate) all: bool,
    /// 桩编号 These piles; one that is not there, or not seen, is a 404
    #[serde(default)]
    pub(crate) device_ids: Vec<u64>,
    /// 通信编号 These uuids; one that is not there, or not seen, is a 404
    #[serde(default)]
    pub(crate) uuids: Vec<String>,
    /// 场站编号 Piles of these stations
    #[serde(default)]
    pub(crate) sta_ids: Vec<u64>,
    /// 该组织及其下级的桩 Piles of this organization and of those below
    pub(crate) organization_id: Option<u64>,
    /// 型号 Piles of this model
    pub(crate) model: Option<String>,
    /// 最近登录的软件版本 Piles whose last login had this software version
    pub(crate) software_version: Option<String>,
    /// 合同号 Piles of this contract
    pub(crate) contract_num: Option<String>,
}

impl PileSelection {
    /// As it is kept, within what the caller sees. Conditions alone are not enough for what is looked up later, by a
    /// service that knows no caller: see [`Self::kept`].
    ///
    /// # Errors
    /// 404 for an organization that the caller does not see, 422.
    fn checked(&self, scope: &Scope) -> Result<Selection, ApiError> {
        let lists = [self.device_ids.len(), self.uuids.len(), self.sta_ids.len()];
        if lists.into_iter().any(|length| length > MOST_LISTED) {
            return Err(ApiError::invalid(
                "selection",
                "每个列表最多1万项，更多请用其他条件",
                "a list has at most 10,000 entries, use other conditions for more",
            ));
        }
        if let Some(organization_id) = self.organization_id {
            scope.require_organization(organization_id)?;
        }
        let text = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let selection = Selection {
            all: self.all,
            device_ids: self.device_ids.clone(),
            uuids: self.uuids.clone(),
            sta_ids: self.sta_ids.clone(),
            organization_id: self.organization_id,
            model: text(&self.model),
            software_version: text(&self.software_version),
            contract_num: text(&self.contract_num),
        };
        if selection.is_empty() {
            return Err(ApiError::invalid(
                "selection",
                "至少给出一个条件；全部桩须写明 all",
                "names no condition; say `all` for every pile",
            ));
        }
        Ok(selection)
    }

    /// The piles that it means now, also none, as far as the caller sees them.
    ///
    /// # Errors
    /// 404 for a pile that is named and not seen; 422.
    pub(crate) async fn meant(&self, ground: &Ground, scope: &Scope) -> Result<Vec<Chosen>, ApiError> {
        let selection = self.checked(scope)?;
        let piles = selection::resolve(&ground.db, scope.stations(selection.conditions())).await?;
        self.require_named(&piles)?;
        Ok(piles)
    }

    /// The piles that it means now, 1 to `most`, as far as the caller sees them.
    ///
    /// # Errors
    /// 404 for a pile that is named and not seen; 422 for none, or too many.
    pub(crate) async fn piles(
        &self,
        ground: &Ground,
        scope: &Scope,
        most: usize,
    ) -> Result<Vec<Chosen>, ApiError> {
        let piles = self.meant(ground, scope).await?;
        if piles.is_empty() {
            return Err(ApiError::invalid(
                "selection",
                "没有符合条件的桩",
                "there are no such piles",
            ));
        }
        if piles.len() > most {
            return Err(ApiError::Invalid {
                field: "selection".into(),
                rule: Text::of(
                    format!("选中{}桩，最多{most}桩", piles.len()),
                    format!("means {} piles, at most {most} are allowed", piles.len()),
                ),
            });
        }
        Ok(piles)
    }

    /// For what is looked up again and again later: bound to `organization_id`, to which it belongs and which the caller
    /// sees (0: everything, for who sees all).
    ///
    /// # Errors
    /// 404, 422.
    pub(crate) fn kept(&self, scope: &Scope, organization_id: u64) -> Result<Selection, ApiError> {
        let mut selection = self.checked(scope)?;
        if *scope != Scope::All && selection.organization_id.is_none() {
            selection.organization_id = Some(organization_id);
        }
        Ok(selection)
    }

    /// Alone with the other conditions a pile may fail to be meant; alone in its list it may not.
    fn require_named(&self, piles: &[Chosen]) -> Result<(), ApiError> {
        let only_named = Self {
            device_ids: self.device_ids.clone(),
            uuids: self.uuids.clone(),
            all: self.all,
            ..Self::default()
        };
        if *self != only_named {
            return Ok(());
        }
        let missing = self
            .device_ids
            .iter()
            .any(|id| piles.iter().all(|pile| pile.device_id != *id))
            || self
                .uuids
                .iter()
                .any(|uuid| piles.iter().all(|pile| pile.uuid != *uuid));
        if missing { Err(ApiError::NotFound) } else { Ok(()) }
    }
}

impl From<Selection> for PileSelection {
    fn from(kept: Selection) -> Self {
        Self {
            all: kept.all,
            device_ids: kept.device_ids,
            uuids: kept.uuids,
            sta_ids: kept.sta_ids,
            organization_id: kept.organization_id,
            model: kept.model,
            software_version: kept.software_version,
            contract_num: kept.contract_num,
        }
    }
}

/// To which organization something belongs that the caller makes: the one that he names, or his own (the oldest, if he
/// has several); 0 for who sees all.
///
/// # Errors
/// 404 for one that he does not see.
pub(crate) fn owner(caller: &Caller, named: Option<u64>) -> Result<u64, ApiError> {
    if let Some(organization_id) = named.filter(|id| *id != 0) {
        caller.scope.require_organization(organization_id)?;
        if !caller.directory.organizations.contains_key(&organization_id) {
            return Err(ApiError::NotFound);
        }
        return Ok(organization_id);
    }
    match &caller.scope {
        Scope::All => Ok(0),
        Scope::Within { own, .. } => own.iter().min().copied().ok_or(ApiError::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Arc};

    use super::*;

    fn within() -> Scope {
        Scope::Within {
            own: Arc::new(vec![1000]),
            organizations: Arc::new(HashSet::from([1000, 1001])),
            stations: Arc::default(),
        }
    }

    #[test]
    fn what_is_kept_never_means_more_than_its_maker_sees() {
        let model = PileSelection {
            model: Some(" DC-120 ".into()),
            ..PileSelection::default()
        };
        let kept = model.kept(&within(), 1000).unwrap();
        assert_eq!(
            (kept.organization_id, kept.model.as_deref()),
            (Some(1000), Some("DC-120"))
        );
        assert_eq!(model.kept(&Scope::All, 0).unwrap().organization_id, None);
        let foreign = PileSelection {
            organization_id: Some(2000),
            ..PileSelection::default()
        };
        assert!(matches!(foreign.kept(&within(), 1000), Err(ApiError::NotFound)));
    }

    #[test]
    fn a_choice_says_something() {
        let blank = PileSelection {
            model: Some(" ".into()),
            ..PileSelection::default()
        };
        assert!(blank.kept(&Scope::All, 0).is_err());
        let endless = PileSelection {
            device_ids: (0..=MOST_LISTED as u64).collect(),
            ..PileSelection::default()
        };
        assert!(endless.kept(&Scope::All, 0).is_err());
    }

    #[test]
    fn a_pile_that_is_named_must_be_there() {
        let chosen = |device_id| Chosen {
            device_id,
            uuid: "AAAAAAAB".into(),
            sta_id: 1,
            model: String::new(),
        };
        let named = |ids: &[u64]| PileSelection {
            device_ids: ids.to_vec(),
            ..PileSelection::default()
        };
        assert!(named(&[1, 2]).require_named(&[chosen(1), chosen(2)]).is_ok());
        assert!(named(&[1, 2]).require_named(&[chosen(1)]).is_err());
        let narrowed = PileSelection {
            model: Some("DC".into()),
            ..named(&[1, 2])
        };
        assert!(narrowed.require_named(&[chosen(1)]).is_ok());
    }
}
