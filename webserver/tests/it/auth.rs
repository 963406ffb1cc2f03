//! Signing in: the first start, tokens, sessions, guessing.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use serde_json::json;
use store::schema::SchemaOptions;
use testkit::{Stack, WorkspaceProcess, wait_until};

use crate::server::{Server, config};
use crate::world::{ACCOUNTS, Client, PASSWORD, World, store_of};

/// Whatever a program does once it has started, on a busy machine.
const LONG: Duration = Duration::from_secs(120);

#[tokio::test]
async fn the_first_start_makes_an_admin_who_must_change_his_password() -> anyhow::Result<()> {
    let stack = Stack::start().await?;
    let file = stack.folder().join("first-admin");
    let mut config = config(&stack)?;
    config.auth.first_admin_file = file.clone();
    // Two web servers at once, before the tables are there: one admin.
    let server = Server::start_as(config.clone()).await?;
    let other = Server::start_as(config).await?;
    let db = store_of(&stack);
    store::schema::apply(&db, &SchemaOptions::default()).await?;
    let made = async || {
        let count = db
            .client()
            .query("SELECT count() FROM user FINAL")
            .fetch_one::<u64>();
        count.await.is_ok_and(|count| count == 1)
    };
    wait_until(LONG, made).await?;
    assert_eq!(std::fs::metadata(&file)?.permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&file)?;
    let (account, password) = text.trim().split_once(' ').unwrap();

    let admin = Client::sign_in(server.base(), account, password).await?;
    assert_eq!(admin.get("/auth/me").await?.data()["must_change_password"], true);
    let (status, reason) = admin.get("/user/list").await?.failure();
    assert_eq!((status, reason.as_str()), (403, "请先修改密码"));
    let change = |new: &str| json!({ "old_password": password, "new_password": new });
    assert_eq!(
        admin
            .post("/auth/password", &change("short-1"))
            .await?
            .failure()
            .0,
        422
    );
    assert_eq!(
        admin
            .post("/auth/password", &change("admin-of-all-1"))
            .await?
            .failure()
            .0,
        422
    );
    assert_eq!(
        admin.post("/auth/password", &change(password)).await?.failure().0,
        422
    );
    let changed = admin.post("/auth/password", &change(PASSWORD)).await?.data();
    assert_eq!(admin.get("/auth/me").await?.status, 401);
    let admin = admin.with(&changed).at(&other);
    assert_eq!(admin.get("/user/list").await?.data()["total"], 1);
    let hash = "SELECT count() FROM operation_record WHERE position(after, 'argon2') > 0 OR position(before, 'argon2') > 0";
    assert_eq!(db.client().query(hash).fetch_one::<u64>().await?, 0);
    Ok(())
}

#[tokio::test]
async fn the_first_password_is_printed_once_where_no_file_is_named() -> anyhow::Result<()> {
    const TOLD: &str = "account admin, password ";
    let stack = Stack::start().await?;
    let db = store_of(&stack);
    store::schema::apply(&db, &SchemaOptions::default()).await?;
    config(&stack)?;
    let file = stack.folder().join("webserver.toml").display().to_string();
    let log = stack.folder().join("first.log");
    let program = WorkspaceProcess::spawn("webserver", "webserver", ["--config", &file], [], log).await?;
    // It is told before it is written.
    let made = async || {
        let count = db.client().query("SELECT count() FROM user FINAL");
        count.fetch_one::<u64>().await.is_ok_and(|count| count == 1)
    };
    wait_until(LONG, made).await?;
    let server = Server::start(&stack).await?;
    let said = program.output();
    let rest = said.split(TOLD).nth(1).unwrap_or_default();
    let password = rest.split(' ').next().unwrap_or_default();
    assert_eq!(said.matches(password).count(), 1, "{said}");
    let admin = Client::sign_in(server.base(), "admin", password).await?;
    assert_eq!(admin.get("/auth/me").await?.data()["must_change_password"], true);
    Ok(())
}

#[tokio::test]
async fn a_session_ends_with_logout_and_with_a_replayed_refresh_token() -> anyhow::Result<()> {
    let world = World::start().await?;
    let client = world.client(ACCOUNTS[3]).await?;
    client.post("/auth/logout", &json!({})).await?.data();
    assert_eq!(client.get("/auth/me").await?.failure().0, 401);
    assert_eq!(
        client.get("/auth/me").await?.header("www-authenticate"),
        Some("Bearer")
    );

    let first = world.client(ACCOUNTS[3]).await?;
    let token = json!({ "refresh_token": first.refresh });
    let reply = first.post("/auth/refresh", &token).await?;
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let second = first.with(&reply.data());
    assert_eq!(second.get("/auth/me").await?.data()["account"], ACCOUNTS[3]);
    // Somebody has a copy of the first: both lose the session.
    assert_eq!(first.post("/auth/refresh", &token).await?.failure().0, 401);
    assert_eq!(second.get("/auth/me").await?.status, 401);
    let token = json!({ "refresh_token": second.refresh });
    assert_eq!(second.post("/auth/refresh", &token).await?.status, 401);
    for nonsense in ["", ".", "x.y", "🙂"] {
        let token = json!({ "refresh_token": nonsense });
        assert_eq!(first.post("/auth/refresh", &token).await?.failure().0, 401);
    }
    Ok(())
}

#[tokio::test]
async fn forged_and_foreign_tokens_are_refused() -> anyhow::Result<()> {
    let world = World::start().await?;
    let client = world.client(ACCOUNTS[3]).await?;
    let parts: Vec<_> = client.token.split('.').collect();
    let other = World::start().await?;
    let foreign = other.client(ACCOUNTS[0]).await?;
    let none = "eyJhbGciOiJub25lIn0";
    for token in [
        format!("{}.{}.{}", parts[0], parts[1], "AAAA"),
        format!("{none}.{}.", parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        foreign.token,
        "🙂".into(),
    ] {
        let headers = [("authorization", format!("Bearer {token}"))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let nobody = Client::nobody(world.server.base());
        let reply = nobody.request("GET", "/auth/me", &headers, "".into()).await?;
        assert_eq!(reply.failure().0, 401, "{token}");
    }
    Ok(())
}

#[tokio::test]
async fn guessing_passwords_becomes_slow_for_an_account_and_for_an_address() -> anyhow::Result<()> {
    let world = World::start().await?;
    let nobody = Client::nobody(world.server.base());
    let guess = async |account: &str, password: &str| {
        let body = json!({ "account": account, "password": password });
        nobody.post("/auth/login", &body).await
    };
    // A known and an unknown account are told the same.
    let known = guess(ACCOUNTS[0], "wrong-password-1").await?.failure();
    assert_eq!(known, guess("nobody-knows", "wrong-password-1").await?.failure());
    assert_eq!(known, (401, "账号或密码错误".into()));
    // Many attempts later, also the right one has to wait, until the wait is over.
    let mut redis = world.stack.redis_connection().await?;
    let counters: Vec<String> = redis::cmd("KEYS")
        .arg("web:login:account:*")
        .query_async(&mut redis)
        .await?;
    for counter in &counters {
        redis::cmd("SET")
            .arg(counter)
            .arg(50)
            .exec_async(&mut redis)
            .await?;
    }
    assert_eq!(guess(ACCOUNTS[0], "wrong-password-1").await?.status, 401);
    let refused = guess(ACCOUNTS[0], PASSWORD).await?;
    assert_eq!(refused.failure().0, 429);
    assert!(refused.header("retry-after").is_some());
    for counter in &counters {
        redis::cmd("DEL")
            .arg(format!("{counter}:wait"))
            .exec_async(&mut redis)
            .await?;
    }
    assert_eq!(guess(ACCOUNTS[0], PASSWORD).await?.status, 200);

    // One password tried on many accounts.
    let mut refused = 0;
    for n in 0..40 {
        refused += u32::from(guess(&format!("account-{n}"), "Spring-2026-x").await?.status == 429);
    }
    assert!(refused > 0, "an address may try as often as it likes");
    Ok(())
}

#[tokio::test]
async fn a_token_runs_out_and_is_renewed() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut config = config(&world.stack)?;
    config.auth.access = Duration::from_secs(2);
    let server = Server::start_as(config).await?;
    let client = Client::sign_in(server.base(), ACCOUNTS[3], PASSWORD).await?;
    let is_over = async || {
        let reply = client.get("/auth/me").await;
        reply.is_ok_and(|reply| reply.status == 401)
    };
    wait_until(LONG, is_over).await?;
    let token = json!({ "refresh_token": client.refresh });
    let renewed = client.post("/auth/refresh", &token).await?.data();
    assert_ne!(renewed["access_token"], client.token.as_str());
    // The session is the old one: it ends with it.
    assert!(
        client
            .with(&renewed)
            .refresh
            .starts_with(client.refresh.split('.').next().unwrap())
    );
    Ok(())
}
