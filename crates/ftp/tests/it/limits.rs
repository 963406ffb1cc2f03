//! How much, how many and how long.

use std::time::Duration;

use ftp::{Client, ClientError};
use testkit::wait_until;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::raw::Raw;
use crate::world::{QUOTA, UUID, World, noise};

const SOON: Duration = Duration::from_secs(60);

#[tokio::test]
async fn more_than_the_quota_is_refused_and_removed() {
    let world = World::embedded().await;
    let order = world.want(UUID, "a.log");
    world
        .book()
        .change(&order.target.account.user, |grant| grant.quota_bytes = 100_000);
    order.upload(&noise(100_000)).await;
    assert_eq!(world.brought(&order).unwrap().len(), 100_000);
    let mut raw = Raw::sign_in(&order).await;
    let answer = raw.brings(&format!("APPE {}", order.path), b"x").await;
    assert!(answer.starts_with("552"), "{answer}");
    assert_eq!(world.brought(&order), None);
    let answer = raw.brings(&format!("STOR {}", order.path), &noise(300_000)).await;
    assert!(answer.starts_with("552"), "{answer}");
    assert_eq!(world.brought(&order), None);
}

#[tokio::test]
async fn a_delivery_cannot_begin_behind_the_end() {
    let world = World::embedded().await;
    let order = world.want(UUID, "a.log");
    order.upload(b"abc").await;
    let mut client = order.client().await;
    let error = client
        .upload(&order.path, 1_000, &mut &b"later"[..])
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Refused { code: 550, .. }), "{error}");
    assert_eq!(world.brought(&order).unwrap(), b"abc");
    let package = world.offer(UUID, "a.bin", 7, b"abc");
    let mut client = package.client().await;
    let error = client
        .download(&package.path, 4, QUOTA, &mut Vec::new())
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Refused { code: 550, .. }), "{error}");
}

#[tokio::test]
async fn too_many_connections_are_told_to_come_again() {
    let world = World::embedded_with(|options| options.most_connections = 3).await;
    let order = world.offer(UUID, "a.bin", 7, b"abc");
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut raw = Raw::connect(world.port()).await;
        assert!(raw.answer().await.unwrap().starts_with("220"));
        held.push(raw);
    }
    let mut fourth = Raw::connect(world.port()).await;
    assert!(fourth.answer().await.unwrap().starts_with("421"));
    assert_eq!(fourth.answer().await, None);
    held.clear();
    wait_until(SOON, async || Client::connect(&order.target).await.is_ok())
        .await
        .unwrap();
}

#[tokio::test]
async fn an_account_has_so_many_connections_and_no_more() {
    let world = World::embedded_with(|options| options.most_per_user = 2).await;
    let order = world.offer(UUID, "a.bin", 7, b"abc");
    let (first, _second) = (order.client().await, order.client().await);
    Client::connect(&order.target).await.unwrap_err();
    let other = world.offer(UUID, "b.bin", 8, b"abc");
    other.client().await;
    drop(first);
    wait_until(SOON, async || Client::connect(&order.target).await.is_ok())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_silent_connection_ends() {
    let world = World::embedded_with(|options| options.idle = Duration::from_secs(1)).await;
    let mut raw = Raw::connect(world.port()).await;
    assert!(raw.answer().await.unwrap().starts_with("220"));
    assert!(raw.answer().await.unwrap().starts_with("221"));
    assert_eq!(raw.answer().await, None);
}

#[tokio::test]
async fn who_does_not_sign_in_is_shown_out_though_he_talks_all_the_time() {
    let world = World::embedded_with(|options| options.sign_in = Duration::from_secs(8)).await;
    let order = world.offer(UUID, "a.bin", 7, b"abc");
    let mut pile = Raw::sign_in(&order).await;
    let mut talker = TcpStream::connect(("127.0.0.1", world.port())).await.unwrap();
    let talks = async {
        while talker.write_all(&[b'A'; 64]).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(SOON, talks).await.unwrap();
    // Who has signed in before him is still there.
    assert!(pile.says("NOOP").await.starts_with("200"));
}

#[tokio::test]
async fn a_delivery_that_stands_still_ends_and_what_came_stays() {
    let world = World::embedded_with(|options| options.stalled = Duration::from_secs(1)).await;
    let order = world.want(UUID, "a.log");
    let mut raw = Raw::sign_in(&order).await;
    let answer = raw.says("EPSV").await;
    let port: u16 = answer.split('|').nth(3).unwrap().parse().unwrap();
    let mut data = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    assert!(raw.says(&format!("STOR {}", order.path)).await.starts_with("150"));
    data.write_all(b"half of").await.unwrap();
    assert!(raw.answer().await.unwrap().starts_with("426"));
    assert_eq!(world.brought(&order).unwrap(), b"half of");
    order.upload(b"all of it").await;
    assert_eq!(world.brought(&order).unwrap(), b"all of it");
}

#[tokio::test]
async fn a_grant_that_ends_ends_a_transfer() {
    let world = World::embedded().await;
    let order = world.want(UUID, "a.log");
    let mut raw = Raw::sign_in(&order).await;
    let answer = raw.says("EPSV").await;
    let port: u16 = answer.split('|').nth(3).unwrap().parse().unwrap();
    let _data = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    world.book().change(&order.target.account.user, |grant| {
        grant.expires = crate::world::now() + 2_000
    });
    assert!(raw.says(&format!("STOR {}", order.path)).await.starts_with("150"));
    assert!(raw.answer().await.unwrap().starts_with("550"));
}

#[tokio::test]
async fn who_comes_last_writes() {
    let world = World::embedded().await;
    let order = world.want(UUID, "a.log");
    let mut hangs = Raw::sign_in(&order).await;
    let answer = hangs.says("EPSV").await;
    let port: u16 = answer.split('|').nth(3).unwrap().parse().unwrap();
    let mut data = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    assert!(
        hangs
            .says(&format!("STOR {}", order.path))
            .await
            .starts_with("150")
    );
    data.write_all(b"from the first").await.unwrap();
    wait_until(SOON, async || {
        world.brought(&order).is_some_and(|bytes| !bytes.is_empty())
    })
    .await
    .unwrap();
    order.upload(b"from the second").await;
    data.write_all(b" and more of the first").await.unwrap();
    drop(data);
    assert!(hangs.answer().await.unwrap().starts_with("426"));
    assert_eq!(world.brought(&order).unwrap(), b"from the second");
    assert_eq!(*world.book().stored.lock().unwrap(), [(order.path.clone(), 15)]);
}
