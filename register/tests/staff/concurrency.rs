//! Several registers, one TCU: operations follow one another.

use futures_util::future::join_all;
use serde_json::json;

use super::world::World;

/// Whoever is told 'done' has changed something, and nothing else has: the records of a TCU form one chain.
#[tokio::test]
async fn conflicting_operations_in_two_registers_lose_nothing() -> anyhow::Result<()> {
    let world = World::start().await?;
    let registers = [world.register("r1").await?, world.register("r2").await?];
    world.allow("DC-120").await?;
    world.ask("SN1", "DC-120").await?;
    let words = ["disable", "enable", "change_uuid"];
    let tasks = (0..60).map(|n| {
        let register = &registers[n % 2];
        async move {
            let path = format!("/registration/{}", words[n % words.len()]);
            register
                .post(&path, &json!({"sn": "SN1", "reason": n.to_string()}))
                .await
        }
    });
    let replies: Vec<_> = join_all(tasks).await.into_iter().collect::<Result<_, _>>()?;
    let done = replies.iter().filter(|reply| reply.status == 200).count();
    assert!(
        done > 0 && replies.iter().all(|reply| [200, 409].contains(&reply.status)),
        "{replies:?}"
    );

    // Every record begins where the one before ended.
    let broken = "SELECT count() FROM (SELECT JSONExtractInt(before, 'timestamp') AS began, \
        lagInFrame(JSONExtractInt(after, 'timestamp')) OVER (ORDER BY JSONExtractInt(after, 'timestamp') \
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS ended \
        FROM operation_record FINAL WHERE result = '成功') WHERE ended != 0 AND began != ended";
    assert_eq!(world.number(broken).await?, 0);
    let last = "SELECT max(JSONExtractInt(after, 'timestamp')) FROM operation_record FINAL";
    let truth = "SELECT timestamp FROM registration FINAL WHERE sn = 'SN1'";
    assert_eq!(world.number(last).await?, world.number(truth).await?);
    let records = world
        .number("SELECT count() FROM operation_record FINAL WHERE result = '成功'")
        .await?;
    // A repeated change of uuid is done, and changes nothing.
    assert!(records <= done as u64);
    let versions = world
        .number("SELECT uniqExact(timestamp) FROM registration WHERE sn = 'SN1'")
        .await?;
    assert!(versions <= records + 1, "{versions} versions, {records} records");
    Ok(())
}

/// An approval in two registers at once gives one uuid.
#[tokio::test]
async fn one_of_two_approvals_counts() -> anyhow::Result<()> {
    let world = World::start().await?;
    let registers = [world.register("r1").await?, world.register("r2").await?];
    for sn in ["SN1", "SN2", "SN3"] {
        world.ask(sn, "X").await?;
        let body = json!({ "sn": sn });
        let both = registers
            .iter()
            .map(|register| register.post("/registration/approve", &body));
        let replies: Vec<_> = join_all(both).await.into_iter().collect::<Result<_, _>>()?;
        let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{replies:?}");
    }
    let uuids = "SELECT uniqExact(uuid) FROM registration FINAL WHERE uuid != ''";
    assert_eq!(world.number(uuids).await?, 3);
    Ok(())
}
