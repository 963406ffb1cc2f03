//! Which pile speaks under which name.

use store::Clickhouse;
use store::table::asset::{self, Asset, AssetNames};

use crate::{insert, started};

async fn all(mut names: AssetNames) -> anyhow::Result<Vec<(u64, u64, String, u8)>> {
    let mut found = Vec::new();
    while let Some(asset) = names.next().await? {
        found.push((asset.device_id, asset.dt_id, asset.name, asset.flag_del));
    }
    found.sort();
    Ok(found)
}

async fn store_versions(db: &Clickhouse) -> anyhow::Result<()> {
    let version = |timestamp, device_id, name, flag_del| Asset {
        timestamp,
        device_id,
        name,
        flag_del,
        dt_id: 5,
        ..Asset::default()
    };
    insert(
        db,
        &[
            version(10, 1, "AAAAAAAB", 0),
            version(10, 2, "AAAAAAAC", 0),
            version(10, 4, "", 0),
        ],
        "a",
    )
    .await?;
    insert(
        db,
        &[version(20, 2, "AAAAAAAC", 1), version(20, 3, "AAAAAAAD", 0)],
        "b",
    )
    .await?;
    Ok(())
}

#[tokio::test]
async fn the_newest_version_counts() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    store_versions(&db).await?;
    let loaded = all(asset::load_all(&db)?).await?;
    let expected = [
        (1, 5, "AAAAAAAB".into(), 0),
        (2, 5, "AAAAAAAC".into(), 1),
        (3, 5, "AAAAAAAD".into(), 0),
        (4, 5, String::new(), 0),
    ];
    assert_eq!(loaded, expected);
    Ok(())
}

#[tokio::test]
async fn what_has_changed_is_found_however_far_it_is_dated_back() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    store_versions(&db).await?;
    let before = asset::digests(&db).await?;
    assert!(before.changed_since(&before).is_empty());
    let imported = Asset {
        timestamp: 1,
        device_id: 5,
        name: "AAAAAAAF",
        audit_status: asset::ADOPTED,
        ..Asset::default()
    };
    let older = Asset {
        timestamp: 9,
        device_id: 1,
        name: "AAAAAAZZ",
        ..Asset::default()
    };
    insert(&db, &[imported, older], "c").await?;
    let after = asset::digests(&db).await?;
    let buckets = after.changed_since(&before);
    assert_eq!(buckets.len(), 1, "an older version is no change");
    let mut names = asset::in_buckets(&db, &buckets)?;
    let mut found = Vec::new();
    while let Some(name) = names.next().await? {
        found.push((name.device_id, name.name, name.adopted));
    }
    assert!(found.contains(&(5, "AAAAAAAF".to_owned(), 1)), "{found:?}");
    Ok(())
}
