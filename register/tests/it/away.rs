//! Redis and ClickHouse away: a clear refusal, never a guess, and an end to it by itself.

use std::time::Duration;

use protocol::Outcome;
use testkit::{FaultProxy, Stack};

use crate::desk::{column, list_all};
use crate::world::{Register, SOON, Settings, Tcus, place, until};

#[tokio::test]
async fn what_is_away_is_named_and_comes_back_by_itself() -> anyhow::Result<()> {
    let _place = place().await?;
    let stack = Stack::start().await?;
    let redis = FaultProxy::start(stack.redis.port()).await?;
    let clickhouse = FaultProxy::start(stack.chdbd.port()).await?;
    let settings = Settings::of(&stack, "register").with(&[
        ("REDIS__URL", &format!("redis://127.0.0.1:{}/", redis.port())),
        (
            "CLICKHOUSE__URL",
            &format!("http://127.0.0.1:{}", clickhouse.port()),
        ),
    ]);
    let register = Register::start(&settings).await?;
    list_all(&stack).await?;
    let sns: Vec<String> = (1..=4).map(|n| format!("SN{n}")).collect();
    let mut tcus = Tcus::connect(&stack, "tcus", &sns).await?;
    let first = tcus.register("SN1").await?;

    for (proxy, name, key) in [
        (&redis, "Redis", "redis"),
        (&clickhouse, "ClickHouse", "clickhouse"),
    ] {
        proxy.cut();
        let told = format!("平台暂不可用({name})，请稍后重试");
        // Also one that is registered already: the platform does not guess.
        for sn in ["SN1", "SN2"] {
            let answer = tcus.register(sn).await?;
            assert_eq!(
                (answer.result.outcome, answer.reason()),
                (Outcome::Failure, told.as_str())
            );
            assert_eq!(answer.result.uuid, None);
        }
        until("readiness says so", SOON, async || {
            let health = register.health().await;
            health.is_ok_and(|(ready, health)| !ready && health["checks"][key] != "ok")
        })
        .await?;
        proxy.heal();
        tcus.register_all(&["SN1".to_owned()], Duration::from_secs(5), SOON)
            .await?;
        assert_eq!(tcus.heard["SN1"].last().unwrap().uuid(), first.uuid());
    }
    tcus.register_all(&["SN2".to_owned()], Duration::from_secs(5), SOON)
        .await?;
    assert_ne!(tcus.heard["SN2"].last().unwrap().uuid(), first.uuid());
    assert_eq!(column(&stack, "SN2", "state").await?, "已注册");
    register.until_ready().await?;
    register.assert_log_is_clean();
    Ok(())
}

#[tokio::test]
async fn a_broker_that_restarts_is_found_again() -> anyhow::Result<()> {
    let _place = place().await?;
    let mut stack = Stack::start().await?;
    let mut register = Register::start(&Settings::of(&stack, "register")).await?;
    list_all(&stack).await?;
    stack.mosquitto.kill().await?;
    until("readiness says so", SOON, async || {
        register.health().await.is_ok_and(|(ready, _)| !ready)
    })
    .await?;
    stack.mosquitto.restart().await?;
    register.until_ready().await?;
    let mut tcus = Tcus::connect(&stack, "tcus", &["SN1".to_owned()]).await?;
    tcus.register("SN1").await?.uuid();
    assert_eq!(register.stop(SOON).await?, Some(0));
    Ok(())
}
