//! A broker that asks who is there, and speaks TLS.

use testkit::{MqttClient, MqttClientOptions, TlsListener, password_lines};

use crate::world::{LATER, SOON, Settings, World, message, until};

const PILE: (&str, &str) = ("pile", "of the pile");
const SERVICE: (&str, &str) = ("ops_tcu", "of the service");

/// A pile logs in through `options` and is answered.
async fn answered(options: &MqttClientOptions, reqid: u32) -> anyhow::Result<()> {
    let uuid = message::uuid(8708);
    let mut pile = MqttClient::connect_with(options).await?;
    pile.subscribe(&message::cmd(&uuid)).await?;
    pile.publish(&message::msg(&uuid), message::login(reqid, "SN"))
        .await?;
    let is_reply = message::is("登录应答", reqid);
    pile.expect(&message::cmd(&uuid), is_reply, SOON).await?;
    Ok(())
}

async fn through_tls(version: &str) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let tls = TlsListener::make(folder.path())?;
    let mut lines = tls.lines.clone();
    lines.extend(password_lines(folder.path(), &[PILE, SERVICE])?);
    let broker = format!("localhost:{}", tls.port);
    let ca_file = tls.ca_file.display().to_string();
    let world = World::behind(
        |options| options.extra.extend(lines),
        async |stack| {
            let settings = [
                ("MQTT__VERSION", version),
                ("MQTT__BROKERS", &broker),
                ("MQTT__USERNAME", SERVICE.0),
                ("MQTT__PASSWORD", SERVICE.1),
                ("MQTT__CA_FILE", &ca_file),
            ];
            Ok(Settings::of(stack).with(&settings))
        },
    )
    .await?;
    world.tcu.until_ready().await?;
    let pile = MqttClientOptions::new(tls.port, "pile")
        .credentials(PILE.0, PILE.1)
        .ca_file(tls.ca_file);
    answered(&pile, 1).await
}

#[tokio::test]
async fn piles_are_answered_through_tls() -> anyhow::Result<()> {
    through_tls("3.1.1").await
}

#[tokio::test]
async fn piles_are_answered_through_tls_over_mqtt_5() -> anyhow::Result<()> {
    through_tls("5").await
}

async fn until_ready_says(world: &World, words: &str) -> anyhow::Result<()> {
    until(words, SOON, async || {
        let ready = world.tcu.get("/health/ready").await;
        ready.is_ok_and(|(status, body)| status == 503 && body.contains(words))
    })
    .await
}

async fn refused_until_it_has_an_account(version: &str) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let lines = password_lines(folder.path(), &[PILE])?;
    let mut world = World::behind(
        |options| options.extra.extend(lines),
        async |stack| {
            let settings = [
                ("MQTT__VERSION", version),
                ("MQTT__USERNAME", SERVICE.0),
                ("MQTT__PASSWORD", SERVICE.1),
            ];
            Ok(Settings::of(stack).with(&settings))
        },
    )
    .await?;
    until_ready_says(&world, "the broker refuses the connection (NotAuthorized)").await?;
    let log = world.tcu.log();
    assert!(
        log.contains("check mqtt.username and mqtt.password (OPS__MQTT__USERNAME"),
        "{log}"
    );
    assert!(!log.contains(SERVICE.1), "{log}");

    password_lines(folder.path(), &[PILE, SERVICE])?;
    world.stack.mosquitto.restart().await?;
    until("it is let in", LATER, async || {
        world.tcu.is_ready().await == Some(true)
    })
    .await?;
    let pile = MqttClientOptions::new(world.stack.mqtt_port(), "pile").credentials(PILE.0, PILE.1);
    answered(&pile, 1).await
}

#[tokio::test]
async fn a_refusal_says_what_to_do_and_is_asked_again() -> anyhow::Result<()> {
    refused_until_it_has_an_account("3.1.1").await
}

#[tokio::test]
async fn a_refusal_over_mqtt_5_too() -> anyhow::Result<()> {
    refused_until_it_has_an_account("5").await
}

#[tokio::test]
async fn a_broker_with_another_certificate_is_not_trusted() -> anyhow::Result<()> {
    let (ours, theirs) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let ca_file = TlsListener::make(ours.path())?.ca_file.display().to_string();
    let tls = TlsListener::make(theirs.path())?;
    let broker = format!("localhost:{}", tls.port);
    let world = World::behind(
        |options| options.extra.extend(tls.lines),
        async |stack| {
            let settings = [("MQTT__BROKERS", broker.as_str()), ("MQTT__CA_FILE", &ca_file)];
            Ok(Settings::of(stack).with(&settings))
        },
    )
    .await?;
    until_ready_says(&world, "check mqtt.ca_file").await
}

#[tokio::test]
async fn a_ca_file_that_cannot_serve_is_a_wrong_configuration() -> anyhow::Result<()> {
    let world = World::start(&[]).await?;
    let settings = Settings::of(&world.stack).with(&[("MQTT__CA_FILE", "/nowhere/ca.crt")]);
    let mut program = settings.run(&["--check-config"]).await?;
    let mut status = None;
    until("it ends", SOON, async || {
        status = program.ended().ok().flatten();
        status.is_some()
    })
    .await?;
    assert_eq!(status.and_then(|status| status.code()), Some(64));
    assert!(
        program.output().contains("/nowhere/ca.crt"),
        "{}",
        program.output()
    );
    Ok(())
}
