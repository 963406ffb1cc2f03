//! Which piles a choice means, and which of them differ from a template.

use store::selection::Selection;
use store::table::asset::AssetVersion;
use store::table::login_record::LoginRecord;
use store::table::organization::Organization;
use store::table::organization_station::OrganizationStation;
use store::table::pile_parameter::PileParameter;
use store::template::Template;
use store::{Clickhouse, table::command_batch_pile};

use crate::{insert, started};

async fn fleet(db: &Clickhouse) -> anyhow::Result<()> {
    let asset = |device_id: u64, sta_id, model: &str, contract: &str, flag_del| AssetVersion {
        timestamp: 1,
        flag_del,
        device_id,
        sta_id,
        model: model.into(),
        contract_num: contract.into(),
        name: format!("AAAAAAA{}", char::from(b'A' + device_id as u8)),
        ..AssetVersion::default()
    };
    let assets = [
        asset(1, 10, "DC-120", "HT-1", 0),
        asset(2, 10, "DC-60", "HT-1", 0),
        asset(3, 11, "DC-120", "HT-2", 0),
        asset(4, 12, "DC-120", "HT-2", 0),
        asset(5, 10, "DC-120", "HT-1", 1),
    ];
    insert(db, &assets, "").await?;
    let organization = |organization_id, parent_id, flag_del| Organization {
        timestamp: 1,
        flag_del,
        organization_id,
        parent_id,
        ..Organization::default()
    };
    let tree = [
        organization(100, 0, 0),
        organization(101, 100, 0),
        organization(102, 101, 0),
        organization(103, 100, 1),
    ];
    insert(db, &tree, "").await?;
    let has = |organization_id, sta_id| OrganizationStation {
        timestamp: 1,
        organization_id,
        sta_id,
        ..OrganizationStation::default()
    };
    insert(db, &[has(100, 10), has(102, 11), has(103, 12)], "").await?;
    let login = |timestamp, device_id, software_version| LoginRecord {
        timestamp,
        device_id,
        software_version,
        ..LoginRecord::default()
    };
    insert(
        db,
        &[login(1, 1, "1.0.7"), login(2, 1, "1.0.8"), login(1, 2, "1.0.7")],
        "",
    )
    .await?;
    Ok(())
}

async fn chosen(db: &Clickhouse, json: &str) -> anyhow::Result<Vec<u64>> {
    let selection: Selection = serde_json::from_str(json)?;
    let piles = selection.resolve(db).await?;
    Ok(piles.into_iter().map(|pile| pile.device_id).collect())
}

#[tokio::test]
async fn what_is_given_must_all_hold() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    fleet(&db).await?;
    for (json, piles) in [
        ("{}", &[][..]),
        (r#"{"all":true}"#, &[1, 2, 3, 4]),
        (r#"{"device_ids":[2,4,5,9]}"#, &[2, 4]),
        (r#"{"uuids":["AAAAAAAB","') OR 1 --"]}"#, &[1]),
        (r#"{"sta_ids":[10,12],"model":"DC-120"}"#, &[1, 4]),
        (r#"{"organization_id":100}"#, &[1, 2, 3]),
        (r#"{"organization_id":101}"#, &[3]),
        (r#"{"organization_id":999}"#, &[]),
        (r#"{"software_version":"1.0.7"}"#, &[2]),
        (r#"{"software_version":"1.0.8","contract_num":"HT-1"}"#, &[1]),
        (r#"{"all":true,"contract_num":"HT-2"}"#, &[3, 4]),
    ] {
        assert_eq!(chosen(&db, json).await?, piles, "{json}");
    }
    let all: Selection = serde_json::from_str(r#"{"all":true}"#)?;
    for (organization_id, count) in [(0, 4), (101, 1), (999, 0)] {
        let within = store::selection::resolve(&db, all.within(organization_id)).await?;
        assert_eq!(within.len(), count, "{organization_id}");
    }
    let one: Selection = serde_json::from_str(r#"{"device_ids":[3]}"#)?;
    let pile = &one.resolve(&db).await?[0];
    assert_eq!(
        (pile.uuid.as_str(), pile.sta_id, pile.model.as_str()),
        ("AAAAAAAD", 11, "DC-120")
    );
    Ok(())
}

#[tokio::test]
async fn progress_counts_the_newest_state_of_each_pile() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let pile = |timestamp, batch_id, device_id, state: &str| command_batch_pile::CommandBatchPile {
        timestamp,
        batch_id,
        device_id,
        state: state.into(),
        ..Default::default()
    };
    let rows = [
        pile(1, 7, 1, "waiting"),
        pile(1, 7, 2, "waiting"),
        pile(1, 8, 1, "failed"),
    ];
    insert(&db, &rows, "a").await?;
    insert(&db, &[pile(2, 7, 2, "answered")], "b").await?;
    let progress = command_batch_pile::progress(&db, vec![7, 9]).await?;
    let counts: Vec<_> = progress
        .iter()
        .map(|p| (p.batch_id, p.state.as_str(), p.piles))
        .collect();
    assert_eq!(counts, [(7, "answered", 1), (7, "waiting", 1)]);
    Ok(())
}

#[tokio::test]
async fn piles_are_compared_with_a_template() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    fleet(&db).await?;
    let has = |device_id, name: &str, value: &str, read_time| PileParameter {
        timestamp: read_time,
        device_id,
        name: name.into(),
        value: value.into(),
        read_time,
        ..PileParameter::default()
    };
    let rows = [
        has(1, "a", "1", 5),
        has(1, "b", "x", 9),
        has(2, "a", "1", 5),
        has(3, "a", "1", 5),
        has(1, "c", "9", 1),
    ];
    insert(&db, &rows, "a").await?;
    insert(&db, &[has(2, "a", "2", 7)], "b").await?;
    let template = Template::parse(r#"{"a":1,"b":"x"}"#)?;
    let all: Selection = serde_json::from_str(r#"{"all":true,"contract_num":"HT-1"}"#)?;
    let fits = template.compare(&db, all.conditions()).await?;
    let told: Vec<_> = fits
        .iter()
        .map(|fit| {
            (
                fit.pile.device_id,
                fit.differs(),
                fit.differences.len(),
                fit.read_time,
            )
        })
        .collect();
    assert_eq!(told, [(1, false, 0, 5), (2, true, 2, 7)]);
    assert!(
        template
            .compare(&db, Selection::default().conditions())
            .await?
            .is_empty()
    );
    Ok(())
}
