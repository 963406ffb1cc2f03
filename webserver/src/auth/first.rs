//! The first start on an empty database: the four roles, and `admin` with a password that is told once.

use std::{
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    time::Duration,
};

use store::{
    Conditions, Record,
    table::{
        role::Role,
        user::{ENABLED, User},
    },
    versioned,
};

use crate::ground::{
    ApiError, Ground,
    lock::Locks,
    password,
    permission::{SEEDS, SUPER_ROLE},
};

const ACCOUNT: &str = "admin";
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Makes what a new database needs; tries until ClickHouse and Redis are there, and the tables.
pub(crate) async fn first_start(ground: Ground) {
    let mut told = false;
    while let Err(error) = attempt(&ground).await {
        if !told {
            tracing::warn!(%error, "waiting for the database, to see whether it has people");
            told = true;
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

async fn attempt(ground: &Ground) -> Result<(), ApiError> {
    let locks = Locks::take(ground, &["first start".to_owned()]).await?;
    let done = make(ground).await;
    locks.release().await;
    done
}

async fn make(ground: &Ground) -> Result<(), ApiError> {
    let all = Conditions::new();
    if versioned::newest::<Role>(&ground.db, &all).await?.is_empty() {
        insert(ground, &SEEDS.iter().map(role).collect::<Vec<_>>()).await?;
    }
    if versioned::newest::<User>(&ground.db, &all).await?.is_empty() {
        let password = password::generate();
        let user = admin(ground, &password).await?;
        // Told first: an account whose password nobody knows would be there for ever.
        tell(&ground.auth.first_admin_file, &password).map_err(|error| {
            tracing::error!(%error, "the first password cannot be written to auth.first_admin_file");
            ApiError::Internal
        })?;
        insert(ground, &[user]).await?;
    }
    Ok(())
}

fn role(seed: &crate::Seed) -> Role {
    Role {
        timestamp: versioned::now(),
        flag_del: 0,
        role_id: seed.role_id,
        role_name: seed.role_name.to_owned(),
        permissions: seed.permissions.iter().map(ToString::to_string).collect(),
        description: seed.description.to_owned(),
    }
}

async fn admin(ground: &Ground, password: &str) -> Result<User, ApiError> {
    let now = versioned::now();
    Ok(User {
        timestamp: now,
        user_id: ground.new_id().await?,
        account: ACCOUNT.to_owned(),
        user_name: "超级管理员".to_owned(),
        password_hash: ground.passwords.hash(password.to_owned()).await?,
        role_id: SUPER_ROLE,
        state: ENABLED.to_owned(),
        password_time: now,
        must_change_password: 1,
        ..User::default()
    })
}

async fn insert<R: Record>(ground: &Ground, rows: &[R]) -> Result<(), ApiError> {
    let mut bytes = Vec::new();
    rows.iter().for_each(|row| row.encode(&mut bytes));
    let token = format!("{:032x}", rand::random::<u128>());
    ground.db.insert_rows(R::TABLE, bytes.into(), &token).await?;
    ground.directory_changed([R::TABLE]).await
}

/// Into the file if there is one, else to standard output: never to the log, which is collected and kept.
fn tell(file: &Path, password: &str) -> io::Result<()> {
    if file.as_os_str().is_empty() {
        return writeln!(
            io::stdout(),
            "first start: account {ACCOUNT}, password {password} (to be changed at first sign-in)"
        );
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    writeln!(options.open(file)?, "{ACCOUNT} {password}")?;
    let file = file.display();
    writeln!(
        io::stdout(),
        "first start: account {ACCOUNT}, its password is in {file} (to be changed at first sign-in)"
    )
}
