//! Servers that hang, refuse, drop or talk nonsense: an error that says which step, and never a wait without end.

use std::time::Duration;

use ftp::{Client, ClientError, Target};
use protocol::Password;
use testkit::FaultProxy;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::world::{QUOTA, UUID, World, noise};

const SOON: Duration = Duration::from_secs(60);

fn target(port: u16, patience: Duration) -> Target {
    let mut target = Target::new("127.0.0.1", port, "a", Password::new("b"));
    target.timeouts.control = patience;
    target
}

#[tokio::test]
async fn a_server_that_says_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = target(listener.local_addr().unwrap().port(), Duration::from_millis(300));
    let error = timeout(SOON, Client::connect(&target))
        .await
        .unwrap()
        .unwrap_err();
    assert!(
        matches!(error, ClientError::Silent { step: "greeting", .. }),
        "{error}"
    );
    assert!(error.is_temporary());
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = target(listener.local_addr().unwrap().port(), SOON);
    drop(listener);
    let error = timeout(SOON, Client::connect(&target))
        .await
        .unwrap()
        .unwrap_err();
    assert!(
        matches!(error, ClientError::Broken { step: "connect", .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_is_something_else() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = target(listener.local_addr().unwrap().port(), SOON);
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n").await.unwrap();
        // Until the client has had enough.
        let _ = stream.read(&mut [0; 16]).await;
    });
    let error = timeout(SOON, Client::connect(&target))
        .await
        .unwrap()
        .unwrap_err();
    assert!(
        matches!(error, ClientError::Nonsense { step: "greeting", .. }),
        "{error}"
    );
    assert!(!error.is_temporary());
    serving.await.unwrap();
}

#[tokio::test]
async fn a_server_that_falls_silent_in_the_middle() {
    let world = World::embedded().await;
    let proxy = FaultProxy::start(world.port()).await.unwrap();
    let mut order = world.offer(UUID, "a.bin", 7, b"abc");
    order.target.port = proxy.port();
    order.target.timeouts.control = Duration::from_secs(5);
    let mut client = order.client().await;
    client.size(&order.path).await.unwrap();
    proxy.stall();
    let error = timeout(SOON, client.size(&order.path))
        .await
        .unwrap()
        .unwrap_err();
    assert!(
        matches!(error, ClientError::Silent { step: "SIZE", .. }),
        "{error}"
    );
    proxy.cut();
    let error = timeout(SOON, client.size(&order.path))
        .await
        .unwrap()
        .unwrap_err();
    assert!(error.is_temporary(), "{error}");
}

#[tokio::test]
async fn a_server_that_ends_in_the_middle_of_a_delivery() {
    let world = World::embedded().await;
    let order = world.want(UUID, "a.log");
    let mut client = order.client().await;
    let (mut source, mut from) = duplex(1 << 16);
    let path = order.path.clone();
    let delivering = tokio::spawn(async move { client.upload(&path, 0, &mut from).await });
    source.write_all(&noise(100_000)).await.unwrap();
    testkit::wait_until(SOON, async || {
        world.brought(&order).is_some_and(|log| log.len() > 1000)
    })
    .await
    .unwrap();
    world.stop().await;
    // What is still to be sent finds nobody.
    let more = async { while source.write_all(&noise(10_000)).await.is_ok() {} };
    let (ended, ()) = timeout(SOON, async { tokio::join!(delivering, more) })
        .await
        .unwrap();
    let error = ended.unwrap().unwrap_err();
    assert!(error.is_temporary(), "{error}");
}

#[tokio::test]
async fn a_server_that_ends_in_the_middle_of_a_fetch() {
    let world = World::embedded().await;
    let order = world.offer(UUID, "a.bin", 7, &noise(15 << 20));
    let mut client = order.client().await;
    // Takes little, so that the rest is still to come.
    let (mut to, mut sink) = duplex(1 << 10);
    let path = order.path.clone();
    let fetching = tokio::spawn(async move { client.download(&path, 0, QUOTA, &mut to).await });
    sink.read_exact(&mut [0; 5_000]).await.unwrap();
    world.stop().await;
    let drained = async {
        let mut block = vec![0; 1 << 16];
        while let Ok(1..) = sink.read(&mut block).await {}
    };
    let (ended, ()) = timeout(SOON, async { tokio::join!(fetching, drained) })
        .await
        .unwrap();
    let error = ended.unwrap().unwrap_err();
    assert!(error.is_temporary(), "{error}");
}
