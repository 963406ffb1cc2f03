//! What a pile cannot do with the embedded server.

use ftp::{Client, ClientError};

use crate::raw::Raw;
use crate::world::{QUOTA, UUID, World, noise};

fn code(error: &ClientError) -> u32 {
    match error {
        ClientError::Refused { code, .. } => *code,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_grant_is_for_one_file_one_pile_and_one_direction() {
    let world = World::embedded().await;
    let order = world.offer(UUID, "a.bin", 7, b"abc");
    world.offer(UUID, "b.bin", 8, b"other");
    world.offer("AAAAALFX", "a.bin", 9, b"other");
    let mut client = order.client().await;
    for path in [
        "/ops/AAAAALFW/download/b.bin",
        "/ops/AAAAALFX/download/a.bin",
        "/ops/AAAAALFW/upload/log/a.bin",
        "/ops/AAAAALFW/download",
        "/etc/passwd",
        "/",
    ] {
        let error = client
            .download(path, 0, QUOTA, &mut Vec::new())
            .await
            .unwrap_err();
        assert_eq!(code(&error), 550, "{path}");
    }
    for path in [order.path.as_str(), "/ops/AAAAALFW/upload/log/a.log", "/a"] {
        let error = client.upload(path, 0, &mut &b"mine"[..]).await.unwrap_err();
        assert_eq!(code(&error), 550, "{path}");
    }
    assert_eq!(order.download().await, b"abc");
    let wanted = world.want(UUID, "a.log");
    wanted.upload(b"log").await;
    let mut client = wanted.client().await;
    let error = client
        .download(&wanted.path, 0, QUOTA, &mut Vec::new())
        .await
        .unwrap_err();
    assert_eq!(code(&error), 550);
}

#[tokio::test]
async fn tricks_with_paths_lead_nowhere() {
    let world = World::embedded().await;
    let order = world.want(UUID, "a.log");
    let mut raw = Raw::sign_in(&order).await;
    let deep = "a/".repeat(2_000);
    let long = "a".repeat(5_000);
    for path in [
        "../../../../etc/passwd",
        "/ops/AAAAALFW/upload/log/../../../../a",
        "/ops/AAAAALFW/upload/log/..",
        "..\\..\\a",
        "/ops\\AAAAALFW",
        "/ops/AAAAALFW/upload/log/a.log/b",
        "%2e%2e/%2e%2e/a",
        "/ops/AAAAALFW/upload/log/%61.log",
        "/ops/AAAAALFW/upload/log/a.log%00.txt",
        "~",
        "~root/a",
        "/ops/AAAAALFW/upload/log/a.log ",
        "/ops/AAAAALFW/upload/log/\u{ff41}.log",
        "-la",
        "|id",
        "`id`",
        &deep,
        &long,
    ] {
        let answer = raw.brings(&format!("STOR {path}"), b"mine").await;
        assert!(answer.starts_with("55"), "{path}: {answer}");
    }
    for bytes in [
        &b"STOR /ops/AAAAALFW/upload/log/a\0.log\r\n"[..],
        b"SIZE /ops/\xff\xfe\r\n",
        b"SIZE \x1b[2J\r\n",
    ] {
        raw.send(bytes).await;
        let answer = raw.answer().await.unwrap();
        assert!(!answer.starts_with('2'), "{answer}");
    }
    assert_eq!(world.brought(&order), None);
    assert!(
        raw.brings("STOR /ops/./AAAAALFW//upload/log/a.log", b"yes")
            .await
            .starts_with("226")
    );
    assert_eq!(world.brought(&order).unwrap(), b"yes");
}

#[tokio::test]
async fn a_pile_may_walk_to_its_file_and_sees_nothing_else() {
    let world = World::embedded().await;
    world.offer("AAAAALFX", "secret.bin", 9, b"other");
    let order = world.offer(UUID, "a.bin", 7, b"abc");
    let mut raw = Raw::sign_in(&order).await;
    let (_, listed) = raw.fetches("NLST").await;
    assert_eq!(listed, "ops\r\n");
    assert!(raw.says("CWD ops").await.starts_with("250"));
    assert_eq!(raw.fetches("NLST").await.1, "AAAAALFW\r\n");
    assert!(raw.says("CWD AAAAALFX").await.starts_with("550"));
    assert!(raw.says("CWD AAAAALFW/download").await.starts_with("250"));
    let (_, listed) = raw.fetches("LIST").await;
    assert!(
        listed.contains("a.bin") && listed.lines().count() == 1,
        "{listed}"
    );
    assert_eq!(raw.fetches("RETR a.bin").await.1, "abc");
    assert!(raw.says("CDUP").await.starts_with("250"));
    assert!(raw.says("CWD /etc").await.starts_with("550"));
}

#[tokio::test]
async fn nothing_is_made_renamed_or_removed() {
    let world = World::embedded().await;
    let order = world.want(UUID, "a.log");
    order.upload(b"log").await;
    let mut raw = Raw::sign_in(&order).await;
    for command in [
        "MKD /ops/AAAAALFW/upload/x",
        "RMD /ops",
        "DELE /ops/AAAAALFW/upload/log/a.log",
        "SITE CHMOD 777 /",
        "SITE MD5 a",
    ] {
        let answer = raw.says(command).await;
        assert!(answer.starts_with('5'), "{command}: {answer}");
    }
    raw.says("RNFR /ops/AAAAALFW/upload/log/a.log").await;
    assert!(
        !raw.says("RNTO /ops/AAAAALFW/upload/log/b.log")
            .await
            .starts_with('2')
    );
    assert_eq!(world.brought(&order).unwrap(), b"log");
}

#[tokio::test]
async fn nobody_comes_in_without_a_grant() {
    let world = World::embedded().await;
    let order = world.offer(UUID, "a.bin", 7, b"abc");
    for user in ["anonymous", "ftp", "root", "", "AAAAALFW", "a\u{0}b"] {
        let mut target = order.target.clone();
        target.account.user = user.to_owned();
        Client::connect(&target).await.unwrap_err();
    }
    let mut raw = Raw::connect(world.port()).await;
    raw.answer().await;
    for command in [
        "RETR /ops/AAAAALFW/download/a.bin",
        "PASV",
        "LIST",
        "SIZE a",
        "MLST /",
    ] {
        let answer = raw.says(command).await;
        assert!(answer.starts_with('5'), "{command}: {answer}");
    }
}

#[tokio::test]
async fn a_grant_that_is_over_or_taken_back_is_gone_at_once() {
    let world = World::embedded().await;
    let order = world.offer(UUID, "a.bin", 7, b"abc");
    let user = order.target.account.user.clone();
    let mut client = order.client().await;
    client
        .download(&order.path, 0, QUOTA, &mut Vec::new())
        .await
        .unwrap();
    world
        .book()
        .change(&user, |grant| grant.expires = crate::world::now());
    let error = client
        .download(&order.path, 0, QUOTA, &mut Vec::new())
        .await
        .unwrap_err();
    assert_eq!(code(&error), 550);
    Client::connect(&order.target).await.unwrap_err();
    let order = world.want(UUID, "a.log");
    let mut client = order.client().await;
    world.book().grants.lock().unwrap().clear();
    let error = client
        .upload(&order.path, 0, &mut &b"late"[..])
        .await
        .unwrap_err();
    assert_eq!(code(&error), 550);
    assert_eq!(world.brought(&order), None);
}

#[tokio::test]
async fn an_account_that_guesses_is_barred_although_it_guesses_right_at_last() {
    let world = World::embedded().await;
    let order = world.offer(UUID, "a.bin", 7, &noise(10));
    let mut wrong = order.target.clone();
    wrong.account.password = protocol::Password::new("wrong");
    for _ in 0..5 {
        Client::connect(&wrong).await.unwrap_err();
    }
    assert_eq!(code(&Client::connect(&order.target).await.unwrap_err()), 530);
    // Others at the same address are not.
    let other = world.offer(UUID, "b.bin", 8, b"abc");
    assert_eq!(other.download().await, b"abc");
}
