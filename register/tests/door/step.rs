//! The broker's accounts follow ClickHouse: written before it starts, compared while it runs.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use common::config::Secret;
use common::shutdown::Shutdown;
use protocol::Uuid;
use register::access;
use register::broker::{Broker, NewAccount, keep_in_step};
use register::config::Config;
use register::model::{Credential, Registration, Serial, State};
use register::provision::{ProvisionArgs, provision};
use store::schema::{self, SchemaOptions};
use store::{Clickhouse, ClickhouseOptions, Record as _, Table};
use tempfile::TempDir;
use testkit::{Stack, wait_until};

use crate::client::{Client, MANNERS, Visitor};
use crate::house::{A, B, DISABLED, House, SOON, password, topics};

const RETIRED: &str = "AAAAAAAD";

fn registration(uuid: &str, state: State, version: i64) -> Registration {
    Registration {
        version,
        sn: Serial::parse(&format!("SN of {uuid}").replace(' ', "-")).unwrap(),
        uuid: Some(Uuid::parse(uuid).unwrap()),
        former_uuid: None,
        state,
        model: "DC-120".to_owned(),
        contract: String::new(),
        software_version: String::new(),
        sim: String::new(),
        device_id: 0,
        username: uuid.to_owned(),
        credential: Some(Credential::of(&password(uuid))),
        credential_time: 1,
        request_time: 1,
        login_time: 0,
        decided_by: String::new(),
        reason: String::new(),
    }
}

async fn save(db: &Clickhouse, registrations: &[Registration]) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for registration in registrations {
        registration.with_row(|row| row.encode(&mut rows));
    }
    let token = format!("{:032x}", rand::random::<u128>());
    Ok(db
        .insert_rows(Table::Registration, Bytes::from(rows), &token)
        .await?)
}

struct Scene {
    stack: Stack,
    db: Clickhouse,
    house: House,
    config: Config,
}

impl Scene {
    /// A and B are registered, one pile is disabled and one retired.
    async fn open() -> anyhow::Result<Self> {
        let stack = Stack::start().await?;
        let db = Clickhouse::new(&ClickhouseOptions {
            url: stack.clickhouse_url(),
            database: stack.database().to_owned(),
            user: String::new(),
            password: String::new(),
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(60),
            compression: false,
        });
        schema::apply(&db, &SchemaOptions::default()).await?;
        let all = [
            registration(A, State::InService, 1),
            registration(B, State::Registered, 1),
            registration(DISABLED, State::Disabled, 1),
            registration(RETIRED, State::Retired, 1),
        ];
        save(&db, &all).await?;
        let folder = tempfile::tempdir()?;
        let mut config = common::config::load(register::DEFAULTS, None, "NO_SUCH_PREFIX")?;
        let file = provide(&folder, &stack, &mut config).await?;
        let house = House::around(folder, file).await?;
        config.mqtt.brokers = house.config().mqtt.brokers;
        Ok(Self {
            stack,
            db,
            house,
            config,
        })
    }

    async fn gets_in(&self, visitor: Visitor) -> bool {
        Client::connect(&self.house, MANNERS[0], visitor).await.is_ok()
    }
}

/// Provides twice, which must change nothing the second time.
async fn provide(folder: &TempDir, stack: &Stack, config: &mut Config) -> anyhow::Result<std::path::PathBuf> {
    config.clickhouse.url = stack.clickhouse_url();
    config.clickhouse.database = stack.database().to_owned();
    let args = ProvisionArgs {
        accounts: folder.path().join("passwords.json"),
        dynsec_file: folder.path().join("accounts.json"),
        allow: vec!["DC-120:".parse().map_err(anyhow::Error::msg)?],
    };
    provision(&args, config).await?;
    let first = (std::fs::read(&args.accounts)?, std::fs::read(&args.dynsec_file)?);
    let accounts = provision(&args, config).await?;
    let second = (std::fs::read(&args.accounts)?, std::fs::read(&args.dynsec_file)?);
    assert!(first == second, "a second time changes nothing");
    // Four services, the engineer, A, B and the disabled pile.
    assert_eq!(accounts, 8);
    config.mqtt.password = Secret::new(service_password(folder.path(), "register")?);
    Ok(args.dynsec_file)
}

fn service_password(folder: &Path, username: &str) -> anyhow::Result<String> {
    let text = std::fs::read(folder.join("passwords.json"))?;
    let all: std::collections::BTreeMap<String, String> = serde_json::from_slice(&text)?;
    Ok(all[username].clone())
}

#[tokio::test]
async fn who_is_registered_gets_in_from_the_first_moment() -> anyhow::Result<()> {
    let scene = Scene::open().await?;
    assert!(scene.gets_in(Visitor::named(A)).await);
    assert!(scene.gets_in(Visitor::named(B)).await);
    assert!(!scene.gets_in(Visitor::named(DISABLED)).await);
    assert!(!scene.gets_in(Visitor::named(RETIRED)).await);
    for service in ["ops_tcu", "register", "webserver", "connector", "engineer"] {
        let password = service_password(scene.house.folder.path(), service)?;
        let visitor = Visitor {
            credentials: Some((service.to_owned(), password)),
            ..Visitor::default()
        };
        assert!(scene.gets_in(visitor).await, "{service}");
    }
    let allowed: u64 = scene
        .stack
        .clickhouse()
        .query("SELECT count() FROM registration_allow_list")
        .fetch_one()
        .await?;
    assert_eq!(allowed, 1);
    Ok(())
}

#[tokio::test]
async fn the_running_broker_follows_what_is_written() -> anyhow::Result<()> {
    let scene = Scene::open().await?;
    let broker = Broker::new(&scene.config)?;
    let stop = Shutdown::new();
    let (every, db) = (Duration::from_millis(200), scene.db.clone());
    let keeping = tokio::spawn(keep_in_step(broker.clone(), db, topics(), every, stop.clone()));

    // Disabled and enabled behind the broker's back.
    let mut a = Client::connect(&scene.house, MANNERS[0], Visitor::named(A)).await?;
    save(&scene.db, &[registration(A, State::Disabled, 2)]).await?;
    a.dropped().await?;
    assert!(!scene.gets_in(Visitor::named(A)).await);
    let enabled = [
        registration(A, State::InService, 3),
        registration(DISABLED, State::InService, 3),
    ];
    save(&scene.db, &enabled).await?;
    for back in [A, DISABLED] {
        wait_until(SOON, async || scene.gets_in(Visitor::named(back)).await).await?;
    }

    // Another uuid under the same account.
    let mut changed = registration(A, State::InService, 4);
    (changed.uuid, changed.former_uuid) = (Some(Uuid::parse("AAAAABCD")?), changed.uuid);
    save(&scene.db, &[changed]).await?;
    wait_until(SOON, async || {
        let client = Client::connect(&scene.house, MANNERS[0], Visitor::named(A)).await;
        let Ok(mut client) = client else { return false };
        let allowed = client.subscribe("/xjdy/ops/v1/TCU/AAAAABCD/cmd").await;
        allowed.unwrap_or(false)
    })
    .await?;

    // Somebody whom nobody registered.
    let stranger = NewAccount {
        username: RETIRED.to_owned(),
        password: password(RETIRED),
        rules: access::pile(&topics(), Uuid::parse(RETIRED)?, None),
    };
    for granted in broker.grant(&[stranger]).await {
        granted?;
    }
    wait_until(SOON, async || !scene.gets_in(Visitor::named(RETIRED)).await).await?;
    assert!(scene.gets_in(Visitor::named(B)).await);

    stop.trigger();
    keeping.await?;
    Ok(())
}

#[tokio::test]
async fn a_broker_that_comes_back_is_compared_at_once() -> anyhow::Result<()> {
    let mut scene = Scene::open().await?;
    let broker = Broker::new(&scene.config)?;
    let stop = Shutdown::new();
    let (never, db) = (Duration::from_secs(3600), scene.db.clone());
    let keeping = tokio::spawn(keep_in_step(broker.clone(), db, topics(), never, stop.clone()));
    // Once it answers, the first comparison has been done or is under way.
    wait_until(SOON, async || broker.let_in(B).await.is_ok()).await?;
    scene.house.mosquitto.kill().await?;
    save(&scene.db, &[registration(A, State::Disabled, 2)]).await?;
    scene.house.mosquitto.restart().await?;
    wait_until(SOON, async || !scene.gets_in(Visitor::named(A)).await).await?;
    assert!(scene.gets_in(Visitor::named(B)).await);
    stop.trigger();
    keeping.await?;
    Ok(())
}
