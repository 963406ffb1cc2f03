//! The same path over MQTT 5.

use crate::world::fleet::Fleet;
use crate::world::{SOON, World, audit, audit_redelivered_run_data, message};

#[tokio::test]
async fn everything_is_stored_and_confirmed_over_mqtt_5_too() -> anyhow::Result<()> {
    // A window smaller than what is sent in a moment: only acknowledgements keep it moving.
    let settings = [("MQTT__VERSION", "5"), ("MQTT__RECEIVE_MAXIMUM", "50")];
    let mut world = World::start(&settings).await?;
    let mut piles = world.piles().await?;
    let (uuid, asked) = (
        message::uuid(8708),
        format!("/xjdy/ops/v1/PXY/{}/cmd", message::uuid(8708)),
    );
    piles
        .publish(&message::msg(&uuid), message::login(1, "SN"))
        .await?;
    piles
        .expect(&message::cmd(&uuid), message::is("登录应答", 1), SOON)
        .await?;
    piles
        .publish(&asked, r#"{"命令":"软件版本查询","请求标识":"v5"}"#)
        .await?;
    piles
        .expect(&message::cmd(&uuid), message::is_any("软件版本查询"), SOON)
        .await?;
    drop(piles);

    let fleet = Fleet::start(world.stack.mqtt_port());
    fleet.until_confirmed(300).await?;
    world.tcu.kill().await?;
    world.tcu.start_again().await?;
    fleet.until_confirmed(150).await?;
    assert_eq!(world.tcu.stop(SOON).await?, Some(0));
    world.tcu.start_again().await?;
    fleet.until_confirmed(150).await?;
    // An orderly restart: the broker keeps the sessions and what is queued for them.
    world.stack.mosquitto.restart().await?;
    fleet.until_confirmed(150).await?;
    let mut made = fleet.finish().await?;
    made.piles += 1;
    audit_redelivered_run_data(&world, &made).await?;
    audit(&world, &made).await
}
