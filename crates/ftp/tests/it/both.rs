//! What holds with either server.

use ftp::{Client, ClientError};
use protocol::Password;

use crate::world::{QUOTA, UUID, World, noise};

macro_rules! with_both {
    ($($name:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::World::embedded().await).await;
            })+
        }
        mod vsftpd {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::World::vsftpd().await).await;
            })+
        }
    };
}

with_both! {
    a_file_is_fetched_whole,
    a_fetch_goes_on_where_it_ended,
    a_file_is_brought_whole,
    a_delivery_goes_on_where_it_ended,
    a_second_delivery_replaces_the_first,
    a_file_that_is_not_there_is_said_so,
    a_wrong_password_is_refused,
    more_than_allowed_is_not_fetched,
    an_empty_file_is_a_file,
    names_may_be_chinese,
}

async fn a_file_is_fetched_whole(world: World) {
    let file = noise(1_000_003);
    let order = world.offer(UUID, "actest108.bin", 7, &file);
    let mut client = order.client().await;
    assert_eq!(client.size(&order.path).await.unwrap(), Some(1_000_003));
    assert!(order.download().await == file);
    world.stop().await;
}

async fn a_fetch_goes_on_where_it_ended(world: World) {
    let file = noise(300_000);
    let order = world.offer(UUID, "a.bin", 7, &file);
    let mut rest = Vec::new();
    let mut client = order.client().await;
    let came = client
        .download(&order.path, 123_457, QUOTA, &mut rest)
        .await
        .unwrap();
    assert_eq!(came, 300_000 - 123_457);
    assert!(rest == file[123_457..]);
    // And the same connection once more, from the beginning.
    rest.clear();
    client.download(&order.path, 0, QUOTA, &mut rest).await.unwrap();
    assert!(rest == file);
}

async fn a_file_is_brought_whole(world: World) {
    let log = noise(700_001);
    let order = world.want(UUID, "BillingGun1.0.log");
    order.upload(&log).await;
    assert!(world.brought(&order).unwrap() == log);
}

async fn a_delivery_goes_on_where_it_ended(world: World) {
    let log = noise(500_000);
    let order = world.want(UUID, "a.log");
    order.upload(&log[..200_001]).await;
    let mut client = order.client().await;
    let have = client.size(&order.path).await.unwrap().unwrap();
    assert_eq!(have, 200_001);
    client
        .upload(&order.path, have, &mut &log[200_001..])
        .await
        .unwrap();
    assert!(world.brought(&order).unwrap() == log);
}

async fn a_second_delivery_replaces_the_first(world: World) {
    let order = world.want(UUID, "a.log");
    order.upload(&noise(100_000)).await;
    let second = noise(50_000);
    order.upload(&second).await;
    assert!(world.brought(&order).unwrap() == second);
}

async fn a_file_that_is_not_there_is_said_so(world: World) {
    let order = world.offer(UUID, "a.bin", 7, b"abc");
    let mut client = order.client().await;
    let other = order.path.replace("a.bin", "b.bin");
    assert_eq!(client.size(&other).await.unwrap(), None);
    let error = client
        .download(&other, 0, QUOTA, &mut Vec::new())
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Refused { code: 550, .. }), "{error}");
    assert!(!error.is_temporary());
}

async fn a_wrong_password_is_refused(world: World) {
    let mut order = world.offer(UUID, "a.bin", 7, b"abc");
    order.target.account.password = Password::new("wrong");
    let error = Client::connect(&order.target).await.unwrap_err();
    assert!(matches!(error, ClientError::Refused { code: 530, .. }), "{error}");
    assert!(!error.to_string().contains("wrong"), "{error}");
}

async fn more_than_allowed_is_not_fetched(world: World) {
    let order = world.offer(UUID, "a.bin", 7, &noise(200_000));
    let mut client = order.client().await;
    let error = client
        .download(&order.path, 0, 100_000, &mut Vec::new())
        .await
        .unwrap_err();
    assert!(
        matches!(error, ClientError::TooLarge { most: 100_000 }),
        "{error}"
    );
}

async fn an_empty_file_is_a_file(world: World) {
    let order = world.offer(UUID, "a.bin", 7, b"");
    assert_eq!(order.download().await, b"");
    let order = world.want(UUID, "a.log");
    order.upload(b"").await;
    assert_eq!(world.brought(&order).unwrap(), b"");
}

async fn names_may_be_chinese(world: World) {
    let order = world.want(UUID, "充电日志 1.log");
    order.upload(b"abc").await;
    assert_eq!(world.brought(&order).unwrap(), b"abc");
}
