//! Which events a table already holds.

use store::table::{boot_failed_record, key_component_action_count, trade_record};

use crate::{insert, started};

const T: i64 = 1_741_778_206_000;
const DAY: i64 = 86_400_000;

#[tokio::test]
async fn trade_numbers_are_found_with_all_their_contents() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let row = |device_id, trade_id, content_hash, timestamp| trade_record::TradeRecord {
        device_id,
        trade_id,
        content_hash,
        timestamp,
        ..Default::default()
    };
    let quoted = r"a'b\";
    let stored = [
        row(1, "n1", 10, T),
        row(1, "n1", 11, T + 40 * DAY),
        row(2, "n1", 12, T),
        row(1, quoted, 13, T),
    ];
    insert(&db, &stored, "a").await?;
    insert(&db, &stored[..1], "b").await?;

    let mut numbers = vec![(1, "n1"), (1, quoted), (3, "n1"), (2, "other")];
    // More than one query's worth.
    numbers.extend((100..2100).map(|device_id| (device_id, "n1")));
    let mut found: Vec<_> = trade_record::existing(&db, &numbers)
        .await?
        .into_iter()
        .map(|row| (row.device_id, row.trade_id, row.content_hash))
        .collect();
    found.sort();
    let expected = [(1, quoted, 13), (1, "n1", 10), (1, "n1", 11)];
    assert_eq!(
        found,
        expected.map(|(pile, number, hash)| (pile, number.to_owned(), hash))
    );
    assert!(trade_record::existing(&db, &[]).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn component_counts_are_found_by_the_piles_own_time() -> anyhow::Result<()> {
    use key_component_action_count::{Identity, KeyComponentActionCount, existing};
    let (_engine, db) = started().await?;
    let row = |pile_time, timestamp, clock_skew| KeyComponentActionCount {
        timestamp,
        pile_time,
        clock_skew,
        device_id: 7,
        device_zone: "1枪数据",
        key_component_name: "交流接触器",
        ..Default::default()
    };
    let straight = row(T, T, 0);
    let skewed = row(T - 400 * DAY, T, 1);
    let without_time = row(0, T, 0);
    insert(
        &db,
        &[straight.clone(), skewed.clone(), without_time.clone()],
        "a",
    )
    .await?;

    let known = |row| Identity::from(row);
    let asked = [
        known(&straight),
        known(&skewed),
        known(&without_time),
        Identity {
            device_id: 8,
            ..known(&straight)
        },
        Identity {
            device_zone: "2枪数据",
            ..known(&straight)
        },
        Identity {
            key_component_name: "熔断器",
            ..known(&skewed)
        },
        Identity {
            pile_time: T + 1000,
            ..known(&straight)
        },
    ];
    assert_eq!(
        existing(&db, &asked).await?,
        [true, true, false, false, false, false, false]
    );
    Ok(())
}

#[tokio::test]
async fn failed_starts_are_found_by_the_piles_own_time() -> anyhow::Result<()> {
    use boot_failed_record::{BootFailedRecord, Identity, existing};
    let (_engine, db) = started().await?;
    let row = |pile_time, timestamp, clock_skew| BootFailedRecord {
        timestamp,
        pile_time,
        clock_skew,
        device_id: 7,
        trade_id: "n1",
        device_zone: "1枪数据",
        failed_code: "0X68:车辆原因-BRM报文接收超时",
        ..Default::default()
    };
    let (straight, skewed) = (row(T, T, 0), row(T + 400 * DAY, T, 1));
    insert(&db, &[straight.clone(), skewed.clone()], "a").await?;
    let asked = [
        Identity::from(&straight),
        Identity::from(&skewed),
        Identity {
            trade_id: "n2",
            ..Identity::from(&straight)
        },
        Identity {
            failed_code: "0X69",
            ..Identity::from(&skewed)
        },
    ];
    assert_eq!(existing(&db, &asked).await?, [true, true, false, false]);
    Ok(())
}
