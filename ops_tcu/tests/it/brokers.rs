//! Several brokers, one fleet: a pile is answered through the broker that it speaks through, also when it changes.

use testkit::MqttClient;
use testkit::engines::{Mosquitto, MosquittoOptions};

use crate::world::{SOON, Settings, World, message};

#[tokio::test]
async fn a_pile_is_answered_where_it_speaks() -> anyhow::Result<()> {
    let mut second = None;
    let world = World::start_with(async |stack| {
        let other = Mosquitto::start(MosquittoOptions::new(stack.folder().join("second"))).await?;
        let both = format!("127.0.0.1:{},127.0.0.1:{}", stack.mqtt_port(), other.port());
        second = Some(other);
        Ok(Settings::of(stack).with(&[("MQTT__BROKERS", &both)]))
    })
    .await?;
    let mut second = second.expect("it was started above");
    let mut here = world.piles().await?;
    let mut there = MqttClient::connect(second.port(), "there").await?;
    there.subscribe("/xjdy/ops/v1/TCU/+/cmd").await?;
    let uuid = message::uuid(8708);
    for (reqid, is_here) in [(1, true), (2, false), (3, true)] {
        let client = if is_here { &mut here } else { &mut there };
        client
            .publish(&message::msg(&uuid), message::login(reqid, "SN"))
            .await?;
        client
            .expect(&message::cmd(&uuid), message::is("登录应答", reqid), SOON)
            .await?;
    }
    assert!(
        here.received().is_empty() && there.received().is_empty(),
        "nobody hears twice"
    );
    world.until_number("SELECT count() FROM login_record", 3).await?;
    assert_eq!(world.number("SELECT count() FROM asset").await?, 1);

    // One of them away: not ready, and the other goes on.
    second.kill().await?;
    crate::world::until("it is noticed", SOON, async || {
        world.tcu.is_ready().await == Some(false)
    })
    .await?;
    here.publish(&message::msg(&uuid), message::login(4, "SN"))
        .await?;
    here.expect(&message::cmd(&uuid), message::is("登录应答", 4), SOON)
        .await?;
    Ok(())
}
