//! What a choice of piles means, asked by those who may see them and those who may not.

use serde_json::json;

use crate::{
    asset::set_state,
    piles::{PILE, SECOND, SECOND_UUID, THEIRS, UUID, furnish},
    world::{ACCOUNTS, EAST, FOREIGN, STRANGER, World},
};

#[tokio::test]
async fn a_choice_is_counted_by_what_its_piles_are_doing() -> anyhow::Result<()> {
    let world = World::start().await?;
    furnish(&world).await?;
    set_state(&world, UUID, PILE, &["充电", "空闲"]).await?;
    // 只读 may ask: nothing is changed.
    let (reader, stranger) = (world.client(ACCOUNTS[3]).await?, world.client(STRANGER).await?);
    let of_station = json!({ "sta_ids": [2001] });
    let counted = reader.post("/asset/count", &of_station).await?.data();
    assert_eq!(
        counted,
        json!({ "total": 2, "charging": 1, "idle": 0, "fault": 0, "offline": 0, "unknown": 1 })
    );
    for (selection, total) in [
        (json!({ "all": true }), 2),
        (json!({ "uuids": [SECOND_UUID] }), 1),
        (json!({ "device_ids": [PILE, SECOND], "model": "DC-60" }), 0),
        (json!({ "organization_id": EAST, "model": "DC-120" }), 2),
        (json!({ "software_version": "9.9" }), 0),
        (json!({ "sta_ids": [2002] }), 0),
    ] {
        let counted = reader.post("/asset/count", &selection).await?.data();
        assert_eq!(counted["total"], total, "{selection}");
    }
    let counted = stranger
        .post("/asset/count", &json!({ "all": true }))
        .await?
        .data();
    assert_eq!((&counted["total"], &counted["unknown"]), (&json!(1), &json!(1)));
    for (selection, status) in [
        (json!({}), 422),
        (json!({ "model": " " }), 422),
        (json!({ "device_ids": [PILE, THEIRS] }), 404),
        (json!({ "organization_id": FOREIGN }), 404),
    ] {
        let reply = reader.post("/asset/count", &selection).await?;
        assert_eq!(reply.status, status, "{selection}: {}", reply.text);
    }
    Ok(())
}
