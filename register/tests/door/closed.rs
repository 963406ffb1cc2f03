//! Who is let in at all.

use register::config::Mode;

use crate::client::{Client, MANNERS, Visitor, will_on};
use crate::house::{A, B, DISABLED, House, OBSERVER};

#[tokio::test]
async fn a_wrong_password_or_none_with_a_name_is_refused() -> anyhow::Result<()> {
    let house = House::open(Mode::Closed).await?;
    let named = |username: &str, password: &str| Visitor {
        credentials: Some((username.to_owned(), password.to_owned())),
        ..Visitor::default()
    };
    let refused = [
        named(A, "wrong"),
        named(A, ""),
        named(A, "password of AAAAAAAB"),
        named("AAAAZZZZ", "any"),
        named("AAAAZZZZ", ""),
        named("newcomers", ""),
        Visitor::named(DISABLED),
    ];
    for manner in MANNERS {
        for visitor in &refused {
            let refused = Client::connect(&house, manner, visitor.clone()).await;
            assert!(refused.is_err(), "{manner:?} {visitor:?}");
        }
        Client::connect(&house, manner, Visitor::named(A)).await?;
    }
    Ok(())
}

/// The broker judges a will when it is due, not when the client connects.
#[tokio::test]
async fn a_will_is_carried_out_on_ones_own_status_only() -> anyhow::Result<()> {
    let house = House::open(Mode::Closed).await?;
    let status = |uuid: &str| format!("/xjdy/ops/v1/TCU/{uuid}/status");
    for (n, manner) in MANNERS.into_iter().enumerate() {
        let mut observer = Client::connect(&house, manner, Visitor::named(OBSERVER)).await?;
        assert!(observer.subscribe("/xjdy/#").await?);
        let lasting = |who: Visitor, of: Option<&str>| Visitor {
            will: of.map(status),
            client_id: format!("lasting {n}"),
            ..who
        };
        // Each takes the place of the one before, whose will is then due.
        for visitor in [
            lasting(Visitor::named(A), Some(B)),
            lasting(Visitor::default(), Some(B)),
            lasting(Visitor::named("staff"), Some(B)),
            lasting(Visitor::named(A), Some(A)),
            lasting(Visitor::named(A), None),
        ] {
            Client::connect(&house, manner, visitor).await?;
        }
        observer.message(&will_on(&status(A))).await?;
        assert!(!observer.came(&will_on(&status(B))), "{manner:?}");
        // What was kept of the will is not in the way of the next one.
        observer.publish(&status(A), "").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_client_that_trusts_another_ca_stays_away() -> anyhow::Result<()> {
    let house = House::open(Mode::Closed).await?;
    for manner in MANNERS.into_iter().filter(|manner| manner.tls) {
        let wary = Visitor {
            ca_file: Some(house.folder.path().join("other-ca.pem")),
            ..Visitor::named(A)
        };
        assert!(Client::connect(&house, manner, wary).await.is_err(), "{manner:?}");
    }
    Ok(())
}
