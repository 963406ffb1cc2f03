//! The plugin's accounts while the broker runs: granted, changed, shut out, let in, removed.

use protocol::Uuid;
use register::access;
use register::broker::{Broker, NewAccount};
use register::config::Mode;
use testkit::wait_until;

use crate::client::{Client, MANNERS, Visitor};
use crate::house::{A, B, House, SOON, password, topics};

const NEW: &str = "AAAAABCD";

fn account(uuid: &str) -> NewAccount {
    NewAccount {
        username: uuid.to_owned(),
        password: password(uuid),
        rules: access::pile(&topics(), Uuid::parse(uuid).unwrap(), None),
    }
}

#[tokio::test]
async fn a_grant_works_at_once_and_a_new_password_ends_the_old_one() -> anyhow::Result<()> {
    let house = House::open(Mode::Closed).await?;
    let broker = Broker::new(&house.config())?;
    let manner = MANNERS[0];
    assert!(
        Client::connect(&house, manner, Visitor::named(NEW))
            .await
            .is_err()
    );
    let many: Vec<_> = (0..40_u64)
        .map(|n| account(&Uuid::from_counter(100_000 + n).unwrap().to_string()))
        .chain([account(NEW)])
        .collect();
    for granted in broker.grant(&many).await {
        granted?;
    }
    for account in &many {
        let mut pile = Client::connect(&house, manner, Visitor::named(&account.username)).await?;
        assert!(
            pile.subscribe(&format!("/xjdy/ops/v1/TCU/{}/cmd", account.username))
                .await?
        );
    }
    let mut before = Client::connect(&house, manner, Visitor::named(NEW)).await?;
    let again = NewAccount {
        password: "another".into(),
        ..account(NEW)
    };
    for granted in broker.grant(&[again]).await {
        granted?;
    }
    before.dropped().await?;
    assert!(
        Client::connect(&house, manner, Visitor::named(NEW))
            .await
            .is_err()
    );
    Ok(())
}

#[tokio::test]
async fn a_disabled_pile_is_dropped_and_stays_out_until_it_is_enabled() -> anyhow::Result<()> {
    let house = House::open(Mode::Closed).await?;
    let broker = Broker::new(&house.config())?;
    for manner in MANNERS {
        let mut a = Client::connect(&house, manner, Visitor::named(A)).await?;
        let mut b = Client::connect(&house, manner, Visitor::named(B)).await?;
        broker.shut_out(A).await?;
        a.dropped().await?;
        assert!(Client::connect(&house, manner, Visitor::named(A)).await.is_err());
        // The others notice nothing.
        assert!(b.subscribe("/xjdy/ops/v1/TCU/AAAAAAAB/cmd").await?);
        broker.shut_out(A).await?;
        broker.let_in(A).await?;
        let mut a = Client::connect(&house, manner, Visitor::named(A)).await?;
        assert!(a.subscribe("/xjdy/ops/v1/TCU/AAAAALFW/cmd").await?);
    }
    broker.remove(A).await?;
    assert!(
        Client::connect(&house, MANNERS[0], Visitor::named(A))
            .await
            .is_err()
    );
    broker.remove(A).await?;
    broker.shut_out(A).await?;
    assert!(broker.let_in(A).await.is_err());
    Ok(())
}

#[tokio::test]
async fn new_rules_hold_at_once_and_over_a_restart() -> anyhow::Result<()> {
    let mut house = House::open(Mode::Closed).await?;
    let broker = Broker::new(&house.config())?;
    let manner = MANNERS[0];
    let mut before = Client::connect(&house, manner, Visitor::named(A)).await?;
    let (new, former) = (Uuid::parse(NEW)?, Uuid::parse(A)?);
    broker
        .set_rules(A, &access::pile(&topics(), new, Some(former)))
        .await?;
    before.dropped().await?;
    house.mosquitto.kill().await?;
    house.mosquitto.restart().await?;
    let mut a = Client::connect(&house, manner, Visitor::named(A)).await?;
    for own in [A, NEW] {
        assert!(a.subscribe(&format!("/xjdy/ops/v1/TCU/{own}/cmd")).await?);
    }
    assert!(!a.subscribe("/xjdy/ops/v1/TCU/AAAAAAAB/cmd").await?);
    // The connection to the broker heals by itself.
    let rules = access::pile(&topics(), new, None);
    wait_until(SOON, async || broker.set_rules(A, &rules).await.is_ok()).await?;
    let mut a = Client::connect(&house, manner, Visitor::named(A)).await?;
    assert!(!a.subscribe(&format!("/xjdy/ops/v1/TCU/{A}/cmd")).await?);
    Ok(())
}

#[tokio::test]
async fn a_broker_that_is_away_is_said_to_be_away() -> anyhow::Result<()> {
    let mut house = House::open(Mode::Closed).await?;
    let broker = Broker::new(&house.config())?;
    house.mosquitto.kill().await?;
    let outcomes = broker.grant(&[account(NEW), account(A)]).await;
    assert_eq!(outcomes.len(), 2);
    assert!(
        outcomes
            .iter()
            .all(|o| o.as_ref().is_err_and(|e| e.is_temporary()))
    );
    Ok(())
}

#[tokio::test]
async fn nobody_but_register_manages_accounts() -> anyhow::Result<()> {
    let house = House::open(Mode::Closed).await?;
    let command =
        r#"{"commands":[{"command":"setClientPassword","username":"AAAAAAAB","password":"stolen"}]}"#;
    let stolen = Visitor {
        credentials: Some((B.to_owned(), "stolen".to_owned())),
        ..Visitor::default()
    };
    let named = [
        A,
        "staff",
        "operator",
        "engineer",
        "ops_tcu",
        "webserver",
        "connector",
    ]
    .map(Visitor::named);
    for manner in MANNERS {
        for visitor in named.iter().cloned().chain([Visitor::default()]) {
            let mut client = Client::connect(&house, manner, visitor.clone()).await?;
            client.publish("$CONTROL/dynamic-security/v1", command).await?;
            let thief = Client::connect(&house, manner, stolen.clone()).await;
            assert!(thief.is_err(), "{manner:?} {visitor:?}");
        }
        Client::connect(&house, manner, Visitor::named(B)).await?;
    }
    Ok(())
}
