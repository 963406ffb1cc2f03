//! Firmware that signs in as anonymous whatever it is told.

use ftp::{Client, ClientError, Credentials};
use protocol::Password;

use crate::raw::Raw;
use crate::world::{Order, QUOTA, UUID, World};

fn as_anonymous(order: &Order) -> Order {
    let mut order = order.clone();
    order.target.account = Credentials {
        user: "anonymous".into(),
        password: Password::new(""),
    };
    order
}

#[tokio::test]
async fn anonymous_reaches_what_is_granted_to_somebody_and_nothing_else() {
    let world = World::embedded_with(|options| options.open = true).await;
    let fetch = as_anonymous(&world.offer(UUID, "a.bin", 7, b"abc"));
    let bring = as_anonymous(&world.want(UUID, "a.log"));
    assert_eq!(fetch.download().await, b"abc");
    bring.upload(b"log").await;
    assert_eq!(world.brought(&bring).unwrap(), b"log");
    let mut client = fetch.client().await;
    for path in [
        "/ops/AAAAALFX/download/a.bin",
        "/ops/AAAAALFW/download/b.bin",
        "/etc/passwd",
        "/a",
        &bring.path,
    ] {
        let error = client
            .download(path, 0, QUOTA, &mut Vec::new())
            .await
            .unwrap_err();
        assert!(
            matches!(error, ClientError::Refused { code: 550, .. }),
            "{path}: {error}"
        );
    }
    let mut raw = Raw::sign_in(&bring).await;
    assert_eq!(raw.fetches("NLST /ops").await.1, "");
    assert!(raw.says("CWD /ops/AAAAALFW/upload/log").await.starts_with("250"));
    assert!(raw.brings("STOR a.log", b"again").await.starts_with("226"));
    world.book().grants.lock().unwrap().clear();
    assert!(raw.brings("STOR a.log", b"late").await.starts_with("550"));
    assert_eq!(world.brought(&bring).unwrap(), b"again");
}

#[tokio::test]
async fn a_closed_server_knows_no_anonymous() {
    let world = World::embedded().await;
    let order = as_anonymous(&world.offer(UUID, "a.bin", 7, b"abc"));
    Client::connect(&order.target).await.unwrap_err();
}
