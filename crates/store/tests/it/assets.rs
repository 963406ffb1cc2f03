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
    assert_eq!(
        loaded,
        [(1, 5, "AAAAAAAB".into(), 0), (3, 5, "AAAAAAAD".into(), 0)]
    );
    Ok(())
}

#[tokio::test]
async fn changes_include_what_was_deleted() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    store_versions(&db).await?;
    let changed = all(asset::changed_since(&db, 10)?).await?;
    assert_eq!(
        changed,
        [(2, 5, "AAAAAAAC".into(), 1), (3, 5, "AAAAAAAD".into(), 0)]
    );
    Ok(())
}
