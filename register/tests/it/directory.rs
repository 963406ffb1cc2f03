//! What comes after the start: new accounts, disabled ones, ClickHouse away, storms.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use protocol::Uuid;
use register::access::Role;
use register::config::Mode;
use register::directory::Verdict;
use register::ledger::now;
use register::model::State;
use testkit::{FaultProxy, Stack, wait_until};

use crate::door::{self, Door, LONG, SECRET, registration};

#[tokio::test]
async fn others_changes_count_at_once_or_within_the_refresh() {
    let stack = Stack::start().await.unwrap();
    let db = door::database(&stack).await;
    let mut pile = registration(now(), "SN1", "AAAAAAAB", State::Registered);
    door::save(&db, std::slice::from_ref(&pile)).await;
    let door = Door::open(db.clone(), Mode::Closed).await;
    assert_eq!(door.result("AAAAAAAB", SECRET).await, "allow");
    assert_eq!(door.result("AAAAAAAC", SECRET).await, "deny");

    // Another register hands out passwords: a new account, a new password, a new account of staff.
    let fresh = registration(now(), "SN2", "AAAAAAAD", State::Registered);
    door::save(&db, std::slice::from_ref(&fresh)).await;
    assert_eq!(door.result("AAAAAAAD", SECRET).await, "allow");
    pile.version += 1;
    pile.credential = Some(register::model::Credential::of(&"renewed".into()));
    door::save(&db, std::slice::from_ref(&pile)).await;
    assert_eq!(door.result("AAAAAAAB", "renewed").await, "allow");
    assert_eq!(door.result("AAAAAAAB", SECRET).await, "deny");
    door::save_account(&db, "wang", Role::Staff).await;
    assert_eq!(door.result("wang", SECRET).await, "allow");

    pile.version += 1;
    pile.state = State::Disabled;
    door::save(&db, std::slice::from_ref(&pile)).await;
    let refused = async || door.result("AAAAAAAB", "renewed").await == "deny";
    wait_until(LONG, refused).await.unwrap();
}

#[tokio::test]
async fn without_clickhouse_known_accounts_are_judged_and_nobody_else() {
    let stack = Stack::start().await.unwrap();
    let db = door::database(&stack).await;
    door::save(&db, &[registration(now(), "SN1", "AAAAAAAB", State::InService)]).await;
    let proxy = FaultProxy::start(stack.chdbd.port()).await.unwrap();
    let through = door::at(&stack, &format!("http://127.0.0.1:{}", proxy.port()));

    proxy.cut();
    let door = Door::build(through, Mode::Closed).await;
    assert_eq!(
        door.result("AAAAAAAB", SECRET).await,
        "unavailable",
        "nothing is loaded yet"
    );
    // A newcomer needs no account.
    assert_eq!(door.result("", "").await, "allow");
    proxy.heal();
    wait_until(LONG, async || door.directory.is_loaded())
        .await
        .unwrap();

    proxy.cut();
    assert_eq!(door.result("AAAAAAAB", SECRET).await, "allow");
    assert_eq!(door.result("AAAAAAAB", "guess").await, "deny");
    assert_eq!(door.result("AAAAAAAC", SECRET).await, "unavailable");
    proxy.heal();
    let known = async || door.result("AAAAAAAC", SECRET).await == "deny";
    wait_until(LONG, known).await.unwrap();
}

#[tokio::test]
async fn a_storm_of_strangers_is_few_queries() {
    let stack = Stack::start().await.unwrap();
    let db = door::database(&stack).await;
    let door = Door::open(db, Mode::Closed).await;
    let begun = Instant::now();
    let ask = async |n: usize| {
        let name = match n % 2 {
            0 => format!("stranger-{n}"),
            _ => Uuid::from_counter(n as u64).unwrap().to_string(),
        };
        // Not all at the same moment; and each again.
        tokio::time::sleep(Duration::from_millis(n as u64 % 200)).await;
        let first = door.directory.authenticate(&name, SECRET).await;
        (first, door.directory.authenticate(&name, SECRET).await)
    };
    let verdicts = join_all((0..4000).map(ask)).await;
    assert!(verdicts.iter().all(|v| *v == (Verdict::Denied, Verdict::Denied)));
    // One after the other with a pause, whoever asks.
    let most = begun.elapsed().as_millis() / 5 + 2;
    let made = u128::from(door.directory.lookups());
    assert!(made <= most, "{made} look-ups, {most} at most");
}
