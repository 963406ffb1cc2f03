//! Which piles: what people choose by, as it comes over the API and lies in schedules and campaigns, and the piles
//! that it means now.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use crate::{Clickhouse, Conditions, StoreError};

/// A choice of piles. Everything that is given must hold; of a list, any one. Nothing given chooses nothing: whoever
/// wants every pile says `all`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Selection {
    /// Every pile, as far as the rest allows.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    /// These piles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub device_ids: Vec<u64>,
    /// These uuids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uuids: Vec<String>,
    /// Piles of these stations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sta_ids: Vec<u64>,
    /// Piles of the stations of this organization and of those below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<u64>,
    /// Piles of this model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Piles whose last login had this 软件版本.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    /// Piles of this contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_num: Option<String>,
}

/// A chosen pile.
#[derive(Debug, Clone, PartialEq, Eq, Row, Serialize, Deserialize)]
pub struct Chosen {
    /// The pile.
    pub device_id: u64,
    /// The uuid with which it speaks.
    pub uuid: String,
    /// Its station; 0 = none.
    pub sta_id: u64,
    /// Its model, as the asset has it.
    pub model: String,
}

/// Stations of an organization and of everything below it. ClickHouse walks the tree.
const BELOW: &str = "sta_id IN (
    WITH RECURSIVE below AS (
        SELECT toUInt64(?) AS organization_id
        UNION ALL
        SELECT o.organization_id FROM (SELECT organization_id, parent_id FROM organization FINAL WHERE flag_del = 0) AS o
        INNER JOIN below ON o.parent_id = below.organization_id
    )
    SELECT sta_id FROM organization_station FINAL
    WHERE flag_del = 0 AND organization_id IN (SELECT organization_id FROM below))";

/// Piles by the 软件版本 of their last login.
const RUNNING: &str = "device_id IN (
    SELECT device_id FROM login_record GROUP BY device_id HAVING argMax(software_version, timestamp) = ?)";

impl Selection {
    /// Whether nothing is chosen.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Conditions over `asset FINAL`. The caller adds what it may see, and `flag_del = 0`.
    pub fn conditions(&self) -> Conditions {
        if self.is_empty() {
            return Conditions::new().and("0", []);
        }
        let list = |ids: &Vec<u64>| (!ids.is_empty()).then(|| ids.clone());
        let uuids = (!self.uuids.is_empty()).then(|| self.uuids.clone());
        Conditions::new()
            .and_if("device_id IN ?", list(&self.device_ids))
            .and_if("name IN ?", uuids)
            .and_if("sta_id IN ?", list(&self.sta_ids))
            .and_if(BELOW, self.organization_id)
            .and_if("model = ?", self.model.clone())
            .and_if(RUNNING, self.software_version.clone())
            .and_if("contract_num = ?", self.contract_num.clone())
    }

    /// The same, of the piles of one organization and those below it only; 0 = of all.
    pub fn within(&self, organization_id: u64) -> Conditions {
        self.conditions()
            .and_if(BELOW, (organization_id > 0).then_some(organization_id))
    }

    /// The piles that it means now, in the order of device ids.
    ///
    /// # Errors
    /// [`StoreError::Query`].
    pub async fn resolve(&self, db: &Clickhouse) -> Result<Vec<Chosen>, StoreError> {
        resolve(db, self.conditions()).await
    }
}

/// The piles that meet conditions over `asset`: those of [`Selection::conditions`] and whatever the caller adds.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn resolve(db: &Clickhouse, conditions: Conditions) -> Result<Vec<Chosen>, StoreError> {
    let sql = "SELECT device_id, name AS uuid, sta_id, model FROM asset FINAL";
    let query = conditions
        .and("flag_del = 0 AND name != ''", [])
        .query_with(db, sql, " ORDER BY device_id");
    db.rows("the chosen piles", query).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_given_is_nothing_chosen_and_says_so() {
        let none: Selection = serde_json::from_str("{}").unwrap();
        assert!(none.is_empty());
        assert_eq!(none.conditions(), Conditions::new().and("0", []));
        let all: Selection = serde_json::from_str(r#"{"all":true}"#).unwrap();
        assert_eq!(all.conditions(), Conditions::new());
        assert!(
            serde_json::from_str::<Selection>(r#"{"modle":"x"}"#).is_err(),
            "a slip must not widen the choice"
        );
    }

    #[test]
    fn it_is_kept_as_short_json() {
        let some = Selection {
            device_ids: vec![7],
            model: Some("DC-120".into()),
            ..Selection::default()
        };
        let text = serde_json::to_string(&some).unwrap();
        assert_eq!(text, r#"{"device_ids":[7],"model":"DC-120"}"#);
        assert_eq!(serde_json::from_str::<Selection>(&text).unwrap(), some);
    }
}
