//! The ledger over real Redis and ClickHouse: uuids while the counter is lost, rewound or nonsense, and locks that
//! Redis forgets.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use protocol::Uuid;
use redis::aio::ConnectionManager;
use register::Ledger;
use register::ledger::AllocationReason;
use register::model::Serial;
use store::redis_keys::RedisKeys;
use store::schema::{self, SchemaOptions};
use store::{Clickhouse, ClickhouseOptions};
use testkit::Stack;

use crate::world::place;

const LOCK: Duration = Duration::from_secs(60);

fn sn(text: &str) -> Serial {
    Serial::parse(text).unwrap()
}

async fn database(stack: &Stack) -> anyhow::Result<Clickhouse> {
    let db = Clickhouse::new(&ClickhouseOptions {
        url: stack.clickhouse_url(),
        database: stack.database().to_owned(),
        user: String::new(),
        password: String::new(),
        connect_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(60),
        compression: false,
    });
    schema::apply(&db, &SchemaOptions::default()).await?;
    Ok(db)
}

/// A ledger as another process has it.
async fn ledger(stack: &Stack, db: &Clickhouse, lock: Duration) -> anyhow::Result<Ledger> {
    let redis = ConnectionManager::new(redis::Client::open(stack.redis_url())?).await?;
    Ok(Ledger::new(db.clone(), redis, RedisKeys::default(), lock))
}

async fn set_counter(stack: &Stack, value: &str) -> anyhow::Result<()> {
    let mut redis = stack.redis_connection().await?;
    Ok(redis::cmd("SET")
        .arg("uuid")
        .arg(value)
        .query_async(&mut redis)
        .await?)
}

async fn flush(stack: &Stack) -> anyhow::Result<()> {
    let mut redis = stack.redis_connection().await?;
    Ok(redis::cmd("FLUSHALL").query_async(&mut redis).await?)
}

async fn one(ledger: &Ledger, text: &str) -> anyhow::Result<String> {
    let uuids = ledger
        .allocate(&[&sn(text)], AllocationReason::Registration)
        .await?;
    Ok(uuids[0].to_string())
}

#[tokio::test]
async fn whatever_the_counter_says_no_uuid_in_use_is_handed_out() -> anyhow::Result<()> {
    let _place = place().await?;
    let stack = Stack::start().await?;
    let db = database(&stack).await?;
    let first = ledger(&stack, &db, LOCK).await?;
    assert_eq!(first.raise_counter().await?, 0);
    assert_eq!(one(&first, "SN1").await?, "AAAAAAAB");

    // A pile of the field that never registered, and one that somebody named strangely.
    for (device, name) in [(1, "AAAAAADB"), (2, "ZZZZZZZZ"), (3, "no uuid")] {
        let sql = "INSERT INTO asset (timestamp, device_id, name) VALUES (1, ?, ?)";
        stack
            .clickhouse()
            .query(sql)
            .bind(device)
            .bind(name)
            .execute()
            .await?;
    }
    assert_eq!(first.raise_counter().await?, Uuid::parse("AAAAAADB")?.counter());
    assert_eq!(one(&first, "SN2").await?, "AAAAAADC");

    for value in ["0", "5", "78", "nonsense", "-7", "1e9", "3.5", ""] {
        set_counter(&stack, value).await?;
        one(&first, "SN3").await?;
    }
    flush(&stack).await?;
    one(&first, "SN4").await?;
    // A process that has seen nothing yet finds a counter of before.
    set_counter(&stack, "0").await?;
    let fresh = ledger(&stack, &db, LOCK).await?;
    one(&fresh, "SN5").await?;
    flush(&stack).await?;
    one(&ledger(&stack, &db, LOCK).await?, "SN6").await?;
    let sql = "SELECT uuid, uniqExact(claim) FROM uuid_ledger GROUP BY uuid";
    let claims: Vec<(String, u64)> = stack.clickhouse().query(sql).fetch_all().await?;
    assert_eq!(claims.len(), 13);
    assert!(claims.iter().all(|(_, marks)| *marks == 1), "{claims:?}");

    // At its end there is an error, not a uuid twice; it can be put right.
    set_counter(&stack, "208827064575").await?;
    let error = one(&first, "SN7").await.unwrap_err();
    assert!(error.to_string().contains("no uuids left"), "{error}");
    set_counter(&stack, "1000").await?;
    assert_eq!(
        one(&first, "SN7").await?,
        Uuid::from_counter(1001).unwrap().to_string()
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_are_given_the_same_numbers_do_not_both_use_them() -> anyhow::Result<()> {
    let _place = place().await?;
    let stack = Stack::start().await?;
    let db = database(&stack).await?;
    let workers = (0..6).map(|worker| {
        let (stack, db) = (&stack, &db);
        async move {
            let ledger = ledger(stack, db, LOCK).await?;
            let mut mine = Vec::new();
            for round in 0..15 {
                if (worker + round) % 3 == 0 {
                    set_counter(stack, &round.to_string()).await?;
                }
                let sns: Vec<Serial> = (0..5).map(|n| sn(&format!("{worker}-{round}-{n}"))).collect();
                let refs: Vec<&Serial> = sns.iter().collect();
                mine.extend(ledger.allocate(&refs, AllocationReason::Registration).await?);
            }
            anyhow::Ok(mine)
        }
    });
    let uuids: Vec<Uuid> = try_join_all(workers).await?.into_iter().flatten().collect();
    let distinct: BTreeSet<_> = uuids.iter().collect();
    assert_eq!((distinct.len(), uuids.len()), (450, 450));
    Ok(())
}

#[tokio::test]
async fn of_two_that_register_one_tcu_at_once_only_one_goes_on() -> anyhow::Result<()> {
    let _place = place().await?;
    let stack = Stack::start().await?;
    let db = database(&stack).await?;
    let short = Duration::from_secs(4);
    let (one, other) = (
        ledger(&stack, &db, short).await?,
        ledger(&stack, &db, short).await?,
    );
    let (shared, own) = (sn("SN1"), sn("SN2"));
    let first = one.allocate_first(&[(&shared, 0)]).await?;
    assert!(first[0].is_some());
    // The other process is not told of the lock, as if Redis had forgotten it.
    let second = other.allocate_first(&[(&shared, 0), (&own, 0)]).await?;
    assert_eq!((second[0], second[1].is_some()), (None, true));
    // Its own claims are done with, and a registration that was written since makes older claims history.
    assert!(one.allocate_first(&[(&shared, 0)]).await?[0].is_some());
    let later = register::ledger::now() + 1;
    assert!(other.allocate_first(&[(&shared, later)]).await?[0].is_some());
    Ok(())
}

#[tokio::test]
async fn who_dies_behind_a_claim_holds_its_tcu_up_once_however_many_try() -> anyhow::Result<()> {
    let _place = place().await?;
    let stack = Stack::start().await?;
    let db = database(&stack).await?;
    let lock = Duration::from_secs(3);
    let dead = ledger(&stack, &db, lock).await?;
    let tcu = sn("SN1");
    assert!(dead.allocate_first(&[(&tcu, 0)]).await?[0].is_some());
    // Processes that try in turns, more often than a claim lasts: every one of them a new one, as one that is killed
    // again and again would be.
    let (died, mut tries) = (Instant::now(), 0);
    loop {
        tries += 1;
        let newcomer = ledger(&stack, &db, lock).await?;
        if newcomer.allocate_first(&[(&tcu, 0)]).await?[0].is_some() {
            break;
        }
        assert!(tries < 100, "nobody goes on, {:?} later", died.elapsed());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(
        tries > 1 && died.elapsed() >= lock - Duration::from_millis(500),
        "{tries} tries"
    );
    Ok(())
}

#[tokio::test]
async fn a_lock_is_one_processs_and_is_known_to_be_lost() -> anyhow::Result<()> {
    let _place = place().await?;
    let stack = Stack::start().await?;
    let db = database(&stack).await?;
    let (one, other) = (ledger(&stack, &db, LOCK).await?, ledger(&stack, &db, LOCK).await?);
    let (a, b) = (sn("A"), sn("B"));
    let first = one.lock(&[&a]).await?;
    let second = other.lock(&[&a, &b]).await?;
    assert!(first.has(&a) && !second.has(&a) && second.has(&b));
    second.release().await;
    // What was not got is not released.
    assert!(first.still_held().await?.contains(&a));
    flush(&stack).await?;
    assert!(first.still_held().await?.is_empty());
    let third = other.lock(&[&a]).await?;
    first.release().await;
    assert!(
        third.still_held().await?.contains(&a),
        "released by one who had lost it"
    );
    drop(third);
    crate::world::until(
        "a dropped lock is released",
        Duration::from_secs(10),
        async || one.lock(&[&a]).await.is_ok_and(|locks| locks.has(&a)),
    )
    .await
}
