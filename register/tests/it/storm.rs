//! No uuid twice, no serial number with two: while a thousand TCUs ask three processes at once, one of which is
//! killed again and again, and Redis loses all it knew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use futures_util::future::{join_all, try_join_all};
use protocol::Outcome;
use register::model::Credential;
use testkit::Stack;

use crate::desk::list_all;
use crate::world::{Register, SOON, Settings, Tcus, place, until};

const CLIENTS: usize = 20;
const EACH: usize = 50;
/// So many of each client's ask while Redis loses its data.
const SOME: usize = 15;
/// A TCU that hears nothing asks again.
const PATIENCE: Duration = Duration::from_secs(4);
const LATER: Duration = Duration::from_secs(180);
const KILLS: usize = 4;

fn sns(client: usize, kind: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{kind}-{client:02}-{n:03}")).collect()
}

/// Every client asks for its serial numbers of these kinds, all at once.
async fn all_register(clients: &mut [Tcus], kinds: &[&str], count: usize) -> anyhow::Result<()> {
    let asking = clients.iter_mut().enumerate().map(|(client, tcus)| {
        let asked: Vec<String> = kinds.iter().flat_map(|kind| sns(client, kind, count)).collect();
        async move { tcus.register_all(&asked, PATIENCE, LATER).await }
    });
    try_join_all(asking).await.map(drop)
}

/// Every answer so far: one uuid per serial number, no uuid for two, and the password of the last answer works, as
/// soon as those who have asked twice have heard twice.
async fn check(stack: &Stack, clients: &mut [Tcus], expected: usize) -> anyhow::Result<()> {
    let mut verdict = Ok(None);
    let heard = until("the last passwords work", SOON, async || {
        verdict = look(stack, clients, expected).await;
        let Ok(Some((client, sn))) = &verdict else {
            return true;
        };
        // Told to ask again, it does.
        if let Err(error) = clients[*client].ask_again_if_told(sn).await {
            verdict = Err(error);
        }
        verdict.is_err()
    });
    heard.await.with_context(|| format!("{verdict:?}"))?;
    verdict.map(drop)
}

/// The client and serial number whose last password is not the one that is stored, if there is one.
async fn look(
    stack: &Stack,
    clients: &mut [Tcus],
    expected: usize,
) -> anyhow::Result<Option<(usize, String)>> {
    let sql = "SELECT sn, uuid, credential FROM registration FINAL";
    let rows: Vec<(String, String, String)> = stack.clickhouse().query(sql).fetch_all().await?;
    let stored: BTreeMap<_, _> = rows
        .into_iter()
        .map(|(sn, uuid, hash)| (sn, (uuid, hash)))
        .collect();
    let (mut owners, mut waits) = (BTreeMap::new(), None);
    for (client, tcus) in clients.iter_mut().enumerate() {
        tcus.listen_on()?;
        for (sn, answers) in &tcus.heard {
            let granted: Vec<_> = answers
                .iter()
                .filter(|answer| answer.result.outcome == Outcome::Success)
                .collect();
            let uuids: BTreeSet<String> = granted.iter().map(|answer| answer.uuid()).collect();
            let (uuid, hash) = &stored[sn];
            anyhow::ensure!(
                uuids.len() == 1 && uuids.contains(uuid),
                "{sn}: {uuids:?}, stored {uuid}"
            );
            if let Some(other) = owners.insert(uuid.clone(), sn.clone()) {
                anyhow::bail!("{uuid} was given to {other} and {sn}");
            }
            let last = granted.last().unwrap().password();
            if !Credential::parse(hash)?.verify(&last) {
                waits = Some((client, sn.clone()));
            }
        }
    }
    anyhow::ensure!(owners.len() == expected, "{} of {expected}", owners.len());
    Ok(waits)
}

/// The dead keep their locks for a short time only, so that this test need not wait for a minute.
fn settings(stack: &Stack, n: u32) -> Settings {
    Settings::of(stack, &format!("register-{n}")).with(&[("REGISTRATION__LOCK", "3s")])
}

async fn killed_again_and_again(register: &mut Register, done: &AtomicBool) -> anyhow::Result<()> {
    let mut kills = 0;
    while kills < KILLS || !done.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(150)).await;
        register.kill().await?;
        register.start_again().await?;
        kills += 1;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_at_once_get_a_thousand_uuids() -> anyhow::Result<()> {
    let _place = place().await?;
    let stack = Stack::start().await?;
    let settings: Vec<_> = (1..=3).map(|n| settings(&stack, n)).collect();
    let mut registers = Vec::new();
    for started in join_all(settings.iter().map(Register::start)).await {
        registers.push(started?);
    }
    list_all(&stack).await?;
    let mut clients = Vec::new();
    for client in 0..CLIENTS {
        let all: Vec<_> = ["A", "B", "C"]
            .iter()
            .flat_map(|kind| sns(client, kind, EACH))
            .collect();
        clients.push(Tcus::connect(&stack, &format!("tcus-{client}"), &all).await?);
    }

    // One of three is killed in the middle, again and again.
    let done = AtomicBool::new(false);
    let (asked, killed) = tokio::join!(
        async {
            let asked = all_register(&mut clients, &["A"], EACH).await;
            done.store(true, Ordering::Relaxed);
            asked
        },
        killed_again_and_again(&mut registers[0], &done),
    );
    asked?;
    killed?;
    registers[0].until_ready().await?;
    check(&stack, &mut clients, CLIENTS * EACH).await?;

    // Redis loses everything, counter and locks, while others register and the same ask again.
    let mut redis = stack.redis_connection().await?;
    let (asked, lost) = tokio::join!(all_register(&mut clients, &["A", "B"], SOME), async {
        for _ in 0..10 {
            redis::cmd("FLUSHALL").query_async::<()>(&mut redis).await?;
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        anyhow::Ok(())
    });
    asked?;
    lost?;
    check(&stack, &mut clients, CLIENTS * (EACH + SOME)).await?;

    // It comes back with a counter of before.
    let (asked, rewound) = tokio::join!(all_register(&mut clients, &["C", "B"], SOME), async {
        for counter in [1, 500, 7, 1500, 0] {
            redis::cmd("SET")
                .arg("uuid")
                .arg(counter)
                .query_async::<()>(&mut redis)
                .await?;
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        anyhow::Ok(())
    });
    asked?;
    rewound?;
    check(&stack, &mut clients, CLIENTS * (EACH + 2 * SOME)).await?;
    for register in &mut registers {
        register.assert_log_is_clean();
        assert_eq!(register.stop(SOON).await?, Some(0));
    }
    Ok(())
}
