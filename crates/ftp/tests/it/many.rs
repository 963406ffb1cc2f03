//! Many piles at once: the bytes are right for each of them.

use md5::{Digest as _, Md5};
use protocol::Uuid;
use tokio::task::JoinSet;

use crate::world::{World, noise};

const PILES: u64 = 60;
const BYTES: usize = 1 << 20;

async fn fetch_and_bring(world: World) {
    let file = noise(BYTES);
    let sum = Md5::digest(&file);
    let mut piles = JoinSet::new();
    let mut logs = Vec::new();
    for counter in 0..PILES {
        let uuid = Uuid::from_counter(counter).unwrap().to_string();
        let fetch = world.offer(&uuid, "a.bin", 7, &file);
        let bring = world.want(&uuid, "a.log");
        logs.push(bring.clone());
        piles.spawn(async move {
            let (fetched, ()) = tokio::join!(fetch.download(), async {
                bring.upload(uuid.repeat(5_000).as_bytes()).await
            });
            assert_eq!(Md5::digest(&fetched), sum);
        });
    }
    while let Some(pile) = piles.join_next().await {
        pile.unwrap();
    }
    for (counter, log) in (0..PILES).zip(logs) {
        let uuid = Uuid::from_counter(counter).unwrap().to_string();
        assert!(
            world.brought(&log).unwrap() == uuid.repeat(5_000).as_bytes(),
            "{uuid}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_server_serves_many_piles_at_once() {
    fetch_and_bring(World::embedded().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vsftpd_serves_many_piles_at_once() {
    fetch_and_bring(World::vsftpd().await).await;
}
