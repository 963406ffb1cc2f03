//! Which asset speaks under which uuid. Rows are written whole, with only what has changed.

use std::collections::HashSet;

use protocol::Uuid;
use store::table::asset::{self, AssetVersion};
use store::{Clickhouse, StoreError};

use super::{Conflict, OperationError, Operations};
use crate::ledger::{Ledger, OfAsset, now};
use crate::model::next_version;

/// The audit status of an asset that ops_tcu made when a pile spoke that nobody had entered.
const ADOPTED: &str = "待接入";

/// The rows of the piles with these ids, and of those with these names.
pub(crate) async fn read(
    db: &Clickhouse,
    devices: &[u64],
    names: &[Uuid],
) -> Result<Vec<AssetVersion>, StoreError> {
    let names: Vec<String> = names.iter().map(Uuid::to_string).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    asset::whole(db, devices, &names).await
}

/// What became of a change.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    /// Rows written.
    pub(crate) written: usize,
    /// Somebody else changes these right now; they are as they were.
    pub(crate) busy: HashSet<u64>,
    /// Of the piles asked for, those without an asset.
    pub(crate) absent: HashSet<u64>,
}

/// How rows are written that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whole {
    /// All, or none if one is busy.
    Together,
    /// Each that is not busy.
    Each,
}

/// Changes the assets of these piles, and those of these names, as `decide` says of their rows. Rows are written whole,
/// so it is done under the locks that the web servers take for it: otherwise who has just given a pile its station
/// would find it without one.
///
/// # Errors
/// What `decide` says; ClickHouse or Redis is away.
pub(crate) async fn change(
    ledger: &Ledger,
    devices: &[u64],
    names: &[Uuid],
    whole: Whole,
    decide: impl Fn(&[AssetVersion]) -> Result<Vec<AssetVersion>, Conflict>,
) -> Result<Changed, OperationError> {
    let seen = read(ledger.db(), devices, names).await?;
    let there: HashSet<u64> = seen.iter().map(|row| row.device_id).collect();
    let absent = devices.iter().filter(|id| !there.contains(id)).copied().collect();
    let wanted = decide(&seen).map_err(OperationError::Conflict)?;
    if wanted.is_empty() {
        return Ok(Changed {
            absent,
            ..Changed::default()
        });
    }
    let piles = wanted.iter().map(|row| OfAsset::Pile(row.device_id));
    let which: Vec<OfAsset> = piles
        .chain(names.iter().map(|name| OfAsset::Name(*name)))
        .collect();
    let locks = ledger.lock(&which.iter().collect::<Vec<_>>()).await?;
    let changed = async {
        let rows = read(ledger.db(), devices, names).await?;
        let wanted = decide(&rows).map_err(OperationError::Conflict)?;
        let held = locks.still_held().await?;
        let named = names.iter().all(|name| held.contains(&OfAsset::Name(*name)));
        let (mut free, mut busy): (Vec<_>, Vec<_>) = wanted
            .into_iter()
            .partition(|row| named && held.contains(&OfAsset::Pile(row.device_id)));
        if whole == Whole::Together && !busy.is_empty() {
            busy.append(&mut free);
        }
        if !free.is_empty() {
            ledger.insert(free.iter()).await?;
        }
        Ok(Changed {
            written: free.len(),
            busy: busy.iter().map(|row| row.device_id).collect(),
            absent,
        })
    }
    .await;
    locks.release().await;
    changed
}

impl Operations {
    /// Gives the pile's asset this uuid; one that was only adopted for it goes.
    ///
    /// # Errors
    /// [`Conflict::OnAnotherPile`]; ClickHouse or Redis is away.
    pub(crate) async fn name(&self, device_id: u64, uuid: Uuid) -> Result<Changed, OperationError> {
        let decide = |rows: &[AssetVersion]| named(rows, device_id, uuid, now());
        change(self.ledger(), &[device_id], &[uuid], Whole::Together, decide).await
    }
}

/// The rows to write so that the pile `device_id` speaks under `uuid`, and nobody else does. An asset that was
/// only adopted for that uuid goes.
///
/// # Errors
/// [`Conflict::OnAnotherPile`] when the uuid is that of an asset which staff have taken into use.
pub(crate) fn named(
    rows: &[AssetVersion],
    device_id: u64,
    uuid: Uuid,
    now: i64,
) -> Result<Vec<AssetVersion>, Conflict> {
    let uuid = uuid.to_string();
    let mut changed = Vec::new();
    for row in rows {
        let mut row = row.clone();
        if row.device_id == device_id && row.name != uuid {
            row.name.clone_from(&uuid);
        } else if row.device_id != device_id && row.name == uuid {
            if !is_adopted(&row) {
                return Err(Conflict::OnAnotherPile);
            }
            row.flag_del = 1;
        } else {
            continue;
        }
        row.timestamp = next_version(row.timestamp, now);
        changed.push(row);
    }
    Ok(changed)
}

/// The row with what the TCU says of itself, where it is empty; nothing if that changes nothing.
pub(crate) fn filled(
    row: &AssetVersion,
    model: &str,
    contract: &str,
    sim: &str,
    now: i64,
) -> Option<AssetVersion> {
    let mut row = row.clone();
    let mut changed = false;
    for (field, value) in [
        (&mut row.model, model),
        (&mut row.contract_num, contract),
        (&mut row.sim, sim),
    ] {
        if field.is_empty() && !value.is_empty() {
            value.clone_into(field);
            changed = true;
        }
    }
    row.timestamp = next_version(row.timestamp, now);
    changed.then_some(row)
}

fn is_adopted(row: &AssetVersion) -> bool {
    row.audit_status == ADOPTED && row.sta_id == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000_000;

    fn asset(device_id: u64, name: &str, audit_status: &str) -> AssetVersion {
        AssetVersion {
            timestamp: 5,
            flag_del: 0,
            device_id,
            sta_id: 0,
            dt_id: 0,
            model: String::new(),
            contract_num: String::new(),
            manufacture_date: 0,
            mvno: String::new(),
            mvno_code: String::new(),
            sim: String::new(),
            audit_status: audit_status.to_owned(),
            maintecance_status: String::new(),
            guarantee_period: String::new(),
            guarantee_start: 0,
            guarantee_end: 0,
            maintecance_organization: String::new(),
            responsible: "王".to_owned(),
            contact_information: String::new(),
            name: name.to_owned(),
            ass_name: "1号桩".to_owned(),
            commissioning_date: 0,
        }
    }

    fn uuid(text: &str) -> Uuid {
        Uuid::parse(text).unwrap()
    }

    #[test]
    fn the_pile_is_renamed_and_what_was_adopted_goes() {
        let rows = [
            asset(1, "AAAAAAAB", "已审核"),
            asset(2, "AAAAAAAC", ADOPTED),
            asset(3, "AAAAAAAD", ""),
        ];
        let changed = named(&rows, 1, uuid("AAAAAAAC"), NOW).unwrap();
        let renamed = AssetVersion {
            timestamp: NOW,
            name: "AAAAAAAC".to_owned(),
            ..rows[0].clone()
        };
        let gone = AssetVersion {
            timestamp: NOW,
            flag_del: 1,
            ..rows[1].clone()
        };
        assert_eq!(changed, [renamed.clone(), gone]);
        assert_eq!(named(&[renamed], 1, uuid("AAAAAAAC"), NOW), Ok(vec![]));
    }

    #[test]
    fn a_uuid_of_a_pile_in_use_is_not_taken_away() {
        let mut other = asset(2, "AAAAAAAC", ADOPTED);
        other.sta_id = 7;
        for other in [other, asset(2, "AAAAAAAC", "已审核")] {
            let rows = [asset(1, "AAAAAAAB", ""), other];
            assert_eq!(
                named(&rows, 1, uuid("AAAAAAAC"), NOW),
                Err(Conflict::OnAnotherPile)
            );
        }
    }

    #[test]
    fn only_what_is_empty_is_filled() {
        let mut row = asset(1, "AAAAAAAB", "");
        row.model = "DC-60".to_owned();
        let full = filled(&row, "DC-120", "HT1", "8986", NOW).unwrap();
        assert_eq!(
            (full.model.as_str(), full.contract_num.as_str(), full.sim.as_str()),
            ("DC-60", "HT1", "8986")
        );
        assert_eq!((full.timestamp, full.responsible.as_str()), (NOW, "王"));
        assert_eq!(filled(&full, "DC-120", "HT2", "", NOW), None);
    }
}
