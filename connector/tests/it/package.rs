//! Packages: from ClickHouse over FTP to many piles, checked on the way, signed.

use std::collections::BTreeMap;
use std::sync::Arc;

use common::config::load;
use connector::Config;
use connector::files::Files;
use connector::package::{self, PackageError, Signer};
use ftp::{Client, Target};
use md5::{Digest as _, Md5};
use protocol::Uuid;
use protocol::downlink::Download;
use store::redis_keys::RedisKeys;
use store::schema::{self, SchemaOptions};
use store::table::firmware_chunk;
use store::table::firmware_package::{self, FirmwarePackage};
use store::versioned::now;
use store::{Clickhouse, ClickhouseOptions, Record as _};
use testkit::Stack;
use tokio::task::JoinSet;

use crate::ftp_site::Site;
use crate::world::{LATER, SOON, until};

const PACKAGE: u64 = 9;

struct World {
    db: Clickhouse,
    files: Files,
    _server: Option<ftp::Server>,
    site: Site,
    _stack: Stack,
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    std::array::from_fn(|at| digest.as_ref()[at])
}

fn firmware(length: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    (0..length).map(next).collect()
}

fn described(bytes: &[u8]) -> FirmwarePackage {
    FirmwarePackage {
        timestamp: now(),
        package_id: PACKAGE,
        name: "一月版".into(),
        file_type: firmware_package::PROGRAM.into(),
        version: "1.0.8".into(),
        file_name: "actest108.bin".into(),
        bytes: bytes.len() as u64,
        chunks: firmware_chunk::chunks_of(bytes.len() as u64),
        md5: hex::encode(Md5::digest(bytes)),
        sha256: hex::encode(sha256(bytes)),
        ..FirmwarePackage::default()
    }
}

impl World {
    async fn start(site: Site) -> anyhow::Result<Self> {
        let stack = Stack::start().await?;
        let db = Clickhouse::new(&ClickhouseOptions {
            url: stack.clickhouse_url(),
            database: stack.database().to_owned(),
            user: String::new(),
            password: String::new(),
            connect_timeout: SOON,
            request_timeout: SOON,
            compression: false,
        });
        schema::apply(&db, &SchemaOptions::default()).await?;
        let file = site.folder.path().join("connector.toml");
        let redis = format!("[redis]\nurl = \"{}\"\n", stack.redis_url());
        std::fs::write(&file, format!("{}{redis}", site.settings))?;
        let config: Config = load(connector::DEFAULTS, Some(&file), "NONE").map_err(anyhow::Error::msg)?;
        let config = Arc::new(config);
        let files = Files::new(
            config.clone(),
            db.clone(),
            config.redis.open()?,
            RedisKeys::default(),
        );
        let server = match config.ftp.embedded {
            true => Some(files.serve().await?),
            false => None,
        };
        Ok(Self {
            db,
            files,
            _server: server,
            site,
            _stack: stack,
        })
    }

    /// As the web server does it: the chunks, then the row.
    async fn upload(&self, package: &FirmwarePackage, bytes: &[u8]) -> anyhow::Result<()> {
        firmware_chunk::write(&self.db, package.package_id, 0, bytes).await?;
        let mut row = Vec::new();
        package.encode(&mut row);
        let token = format!("{:x}", rand::random::<u128>());
        Ok(self
            .db
            .insert_rows(FirmwarePackage::TABLE, row.into(), &token)
            .await?)
    }

    async fn order(&self, uuid: Uuid, mark: &str) -> Result<Download, PackageError> {
        let until = now() + LATER.as_millis() as i64;
        package::order(&self.files, PACKAGE, uuid, mark, until).await
    }
}

async fn fetch(order: &Download) -> anyhow::Result<Vec<u8>> {
    let mut target = Target::new(&order.server, order.port, &order.user, order.password.clone());
    target.timeouts.control = LATER;
    target.timeouts.connect = LATER;
    target.timeouts.stalled = LATER;
    let mut client = Client::connect(&target).await?;
    let mut bytes = Vec::new();
    client.download(&order.path, 0, order.bytes, &mut bytes).await?;
    client.quit().await;
    Ok(bytes)
}

fn pile(n: u64) -> Uuid {
    Uuid::from_counter(n).unwrap_or_else(|| unreachable!("a small number"))
}

async fn goes_to_many(site: Site) -> anyhow::Result<()> {
    let world = Arc::new(World::start(site).await?);
    let bytes = firmware(1_300_001);
    world.upload(&described(&bytes), &bytes).await?;
    let mut piles = JoinSet::new();
    for n in 0..40 {
        let world = world.clone();
        piles.spawn(async move {
            let mark = format!("o1-{n}");
            let order = world.order(pile(n), &mark).await?;
            let fetched = fetch(&order).await?;
            anyhow::ensure!(hex::encode(Md5::digest(&fetched)) == order.md5);
            anyhow::ensure!(fetched.len() as u64 == order.bytes);
            package::done(&world.files, PACKAGE, pile(n), &mark).await?;
            anyhow::ensure!(fetch(&order).await.is_err(), "it is over");
            anyhow::Ok((n, order))
        });
    }
    let mut orders = BTreeMap::new();
    while let Some(order) = piles.join_next().await {
        let (n, order) = order??;
        orders.insert(n, order);
    }
    let order = &orders[&3];
    assert_eq!(order.path, format!("/ops/{}/download/actest108.bin", pile(3)));
    assert_eq!((order.version.as_str(), order.bytes), ("1.0.8", 1_300_001));
    assert_eq!(order.signature, orders[&4].signature);
    // Anybody with the public key can check it.
    let own = world.files.folder().join("signing.pub");
    let public = hex::decode(std::fs::read_to_string(own)?.trim())?;
    let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public);
    assert!(
        key.verify(&sha256(&bytes), &hex::decode(&order.signature)?)
            .is_ok()
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_goes_to_many_piles_by_the_embedded_server() -> anyhow::Result<()> {
    goes_to_many(Site::embedded()?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_goes_to_many_piles_by_vsftpd() -> anyhow::Result<()> {
    goes_to_many(Site::vsftpd().await?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_mark_is_the_same_account() -> anyhow::Result<()> {
    let world = World::start(Site::embedded()?).await?;
    let bytes = firmware(1_000);
    world.upload(&described(&bytes), &bytes).await?;
    let (first, again) = (
        world.order(pile(1), "o1-1").await?,
        world.order(pile(1), "o1-1").await?,
    );
    assert_eq!(first, again);
    let other = world.order(pile(1), "o1-1-2").await?;
    assert_ne!(
        (&first.user, first.password.reveal()),
        (&other.user, other.password.reveal())
    );
    for order in [first, again, other] {
        assert!(fetch(&order).await? == bytes);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_unknown_or_badly_signed_does_not_go_out() -> anyhow::Result<()> {
    let world = World::start(Site::embedded()?).await?;
    let bytes = firmware(600_000);
    let told = async |package: FirmwarePackage, part: &[u8]| -> anyhow::Result<String> {
        world.upload(&package, part).await?;
        let until = now() + LATER.as_millis() as i64;
        let error = package::order(&world.files, package.package_id, pile(1), "m", until).await;
        let error = error.err().ok_or_else(|| anyhow::anyhow!("it went out"))?;
        anyhow::ensure!(!error.is_temporary(), "{error}");
        Ok(error.to_string())
    };
    let good = |package_id| FirmwarePackage {
        package_id,
        ..described(&bytes)
    };
    let wrong_md5 = FirmwarePackage {
        md5: "0".repeat(32),
        ..good(1)
    };
    assert!(told(wrong_md5, &bytes).await?.contains("MD5"));
    assert!(told(good(2), &bytes[..300_000]).await?.contains("字节数"));
    let mut other = bytes.clone();
    other[5] ^= 1;
    let swapped = FirmwarePackage {
        md5: hex::encode(Md5::digest(&other)),
        ..good(3)
    };
    assert!(told(swapped, &other).await?.contains("SHA-256"));
    let odd = FirmwarePackage {
        file_name: "../a.bin".into(),
        ..good(4)
    };
    assert!(told(odd, &bytes).await?.contains("文件名"));
    let stranger = Signer::open(&world.site.folder.path().join("stranger.pk8"), &[])?;
    let badly_signed = FirmwarePackage {
        signature: stranger.sign(&sha256(&bytes)),
        ..good(5)
    };
    assert!(told(badly_signed, &bytes).await?.contains("数字签名"));
    let error = world
        .order(pile(1), "m")
        .await
        .err()
        .map(|error| error.to_string());
    assert!(error.is_some_and(|error| error.contains("不存在")));
    // The wrong one that is mended goes out.
    world
        .upload(
            &FirmwarePackage {
                timestamp: now() + 1,
                ..good(1)
            },
            &bytes,
        )
        .await?;
    let until = now() + LATER.as_millis() as i64;
    let order = package::order(&world.files, 1, pile(1), "m", until).await?;
    assert!(fetch(&order).await? == bytes);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_on_the_server_is_not_believed_by_its_length() -> anyhow::Result<()> {
    let world = World::start(Site::vsftpd().await?).await?;
    let bytes = firmware(60_000);
    world.upload(&described(&bytes), &bytes).await?;
    let order = world.order(pile(1), "o1-1-d-1").await?;
    let root = world.site.folder.path().join("vsftpd/root");
    let file = root.join(order.path.trim_start_matches('/'));
    // As long as before, and nothing in it.
    std::fs::write(&file, vec![0; bytes.len()])?;
    assert!(fetch(&order).await? != bytes);
    world.order(pile(1), "o1-1-d-2").await?;
    assert!(
        fetch(&order).await? == bytes,
        "the next attempt has the right one"
    );
    // Under the same mark it is put there again where it is gone, and left alone where it is there.
    let put_at = std::fs::metadata(&file)?.modified()?;
    world.order(pile(1), "o1-1-d-2").await?;
    assert_eq!(std::fs::metadata(&file)?.modified()?, put_at);
    std::fs::remove_file(&file)?;
    world.order(pile(1), "o1-1-d-2").await?;
    assert!(fetch(&order).await? == bytes);
    let beside = std::fs::read_dir(file.parent().unwrap_or(&root))?.count();
    assert_eq!(beside, 1, "nothing is left aside");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ftp_server_that_is_away_is_a_reason_to_try_again() -> anyhow::Result<()> {
    let mut world = World::start(Site::vsftpd().await?).await?;
    let bytes = firmware(1_000);
    world.upload(&described(&bytes), &bytes).await?;
    let vsftpd = world
        .site
        .vsftpd
        .as_mut()
        .ok_or_else(|| anyhow::anyhow!("it is vsftpd"))?;
    vsftpd.kill().await?;
    let error = world
        .order(pile(1), "m")
        .await
        .err()
        .ok_or_else(|| anyhow::anyhow!("it went out"))?;
    assert!(error.is_temporary(), "{error}");
    let vsftpd = world
        .site
        .vsftpd
        .as_mut()
        .ok_or_else(|| anyhow::anyhow!("it is vsftpd"))?;
    vsftpd.restart().await?;
    until("it goes out", SOON, async || {
        match world.order(pile(1), "m").await {
            Ok(order) => fetch(&order).await.is_ok_and(|fetched| fetched == bytes),
            Err(_) => false,
        }
    })
    .await
}
