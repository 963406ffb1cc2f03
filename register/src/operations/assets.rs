//! Which asset speaks under which uuid. Rows are written whole, with only what has changed.

use protocol::Uuid;
use store::table::asset::{self, AssetVersion};
use store::{Clickhouse, StoreError};

use super::Conflict;
use crate::ledger::{Ledger, LedgerError};
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

/// Writes them, as one block.
pub(crate) async fn write(ledger: &Ledger, rows: &[AssetVersion]) -> Result<(), LedgerError> {
    ledger.insert(rows.iter()).await
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
