//! 200,000 registrations with credentials, as register itself would have left them.

use protocol::{Password, Uuid};
use register::model::{Credential, Registration, Serial, State};
use store::{Clickhouse, ClickhouseOptions, Record as _, Table};
use testkit::Stack;

/// Rows in one insert.
const BLOCK: u64 = 50_000;

/// The uuid of a pile; 0 is handed out to nobody.
pub(super) fn uuid(pile: u64) -> Uuid {
    Uuid::from_counter(pile + 1).expect("far fewer piles than uuids")
}

/// 24 letters, like one that register makes.
pub(super) fn password(pile: u64) -> String {
    format!("password-of-{pile:012}")
}

/// Fills the table.
pub(super) async fn fill(stack: &Stack, piles: u64) -> anyhow::Result<()> {
    let db = Clickhouse::new(&ClickhouseOptions {
        url: stack.clickhouse_url(),
        database: stack.database().to_owned(),
        user: String::new(),
        password: String::new(),
        connect_timeout: std::time::Duration::from_secs(3),
        request_timeout: std::time::Duration::from_secs(60),
        compression: false,
    });
    for from in (0..piles).step_by(BLOCK as usize) {
        let mut rows = Vec::new();
        for pile in from..(from + BLOCK).min(piles) {
            registration(pile)?.with_row(|row| row.encode(&mut rows));
        }
        let token = format!("bench-{from}");
        db.insert_rows(Table::Registration, rows.into(), &token).await?;
    }
    Ok(())
}

fn registration(pile: u64) -> anyhow::Result<Registration> {
    // Registered in the course of a year; what changed in the last minute is read again every second.
    let now = register::ledger::now() - 86_400_000 - i64::try_from(pile)? * 157_000;
    Ok(Registration {
        version: now,
        sn: Serial::parse(&format!("SN2025{pile:08}"))?,
        uuid: Some(uuid(pile)),
        former_uuid: None,
        state: State::InService,
        model: "DC-120".to_owned(),
        contract: "HT2025001".to_owned(),
        software_version: "3.2.1".to_owned(),
        sim: format!("898604{pile:014}"),
        device_id: pile + 1,
        username: uuid(pile).to_string(),
        credential: Some(Credential::of(&Password::new(password(pile)))),
        credential_time: now,
        request_time: now,
        login_time: now,
        decided_by: String::new(),
        reason: String::new(),
    })
}
