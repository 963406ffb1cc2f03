//! The flood: exactly as many messages as asked for, records among them confirmed, losses made up for.

use common::shutdown::Shutdown;

use crate::broker::Broker;
use crate::platform::{Platform, Rule};
use crate::{options, simulate};

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_sends_what_was_asked_for_and_confirms_its_records() {
    for version in ["", "--mqtt5"] {
        let broker = Broker::start();
        let platform = Platform::start(&broker, Rule::From(1)).await;
        let arguments = format!(
            "--flood {version} --piles 101 --connections 3 --messages 5001 --trade-share 0.02 --resend 60s"
        );
        let report = simulate(&broker, &arguments).await;
        assert_eq!(
            (report.sent_total.messages, report.acked, report.unacked),
            (5001, 5001, 0)
        );
        assert!(
            (95..=100).contains(&report.records.confirmed),
            "{:?}",
            report.records
        );
        assert_eq!(report.exit_code(), 0);
        platform
            .wait_for("all messages", |heard| {
                heard.commands.values().sum::<u64>() == 5001
            })
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_is_kept() {
    let broker = Broker::start();
    let report = simulate(
        &broker,
        "--flood --piles 10 --rate 500 --duration 2s --trade-share 0",
    )
    .await;
    assert!(
        (800..=1010).contains(&report.sent_total.messages),
        "{}",
        report.sent_total.messages
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_publishes_again_what_a_killed_broker_did_not_acknowledge() {
    let mut broker = Broker::start();
    let platform = Platform::start(&broker, Rule::From(2)).await;
    let arguments = "--flood --piles 20 --rate 2000 --messages 6000 --trade-share 0.05 --resend 500ms";
    let run = tokio::spawn(simulator::run(options(&broker, arguments), Shutdown::new()));
    platform
        .wait_for("some messages", |heard| {
            heard.commands.values().sum::<u64>() > 1000
        })
        .await;
    broker.restart();
    let report = run.await.unwrap().unwrap();
    assert_eq!((report.records.made, report.records.unconfirmed), (300, 0));
    assert!(report.reconnects >= 1 && report.unacked == 0, "{}", report.text());
}
