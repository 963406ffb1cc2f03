//! What goes wrong by share: faults of piles, and builds that are worse than others.

use serde_json::json;

use super::bench::{Bench, FILE, answer, download, fetched, transfers};
use super::*;
use crate::pile::transfer::{Event, News};

#[test]
fn each_fault_shows() {
    let query = json!({"命令": "软件版本查询", "reqid": 4});
    let right = answer("软件版本查询应答", 4, "成功");
    let asked = |fault: &str, seconds| {
        let mut bench = Bench::with(fault);
        bench.say(query.clone());
        let at_once = bench.answers();
        bench.live(seconds);
        (at_once, bench.answers())
    };
    assert_eq!(asked("stuck", 60), (vec![], vec![]));
    assert_eq!(
        asked("twice", 5),
        (vec![right.clone()], vec![right.clone(), right.clone()])
    );
    assert_eq!(asked("late", 29), (vec![], vec![]));
    assert_eq!(asked("late", 31), (vec![], vec![right.clone()]));
    assert_eq!(
        asked("foreign-reqid", 5).1,
        [answer("软件版本查询应答", 5, "成功")]
    );
    let unasked = asked("unasked", 5).0;
    assert_eq!((unasked.len(), &unasked[0]), (2, &right));
    assert_ne!(unasked[1].1, 4);

    let mut bench = Bench::with("wrong-order");
    bench.download(2, "V9.9");
    bench.tell(Event::Progress(29));
    bench.tell(fetched(FILE));
    bench.live(3);
    let expected = [answer("下载应答", 2, "成功"), answer("下载进度", 2, "")];
    assert_eq!(bench.answers(), expected);

    let mut bench = Bench::with("wrong-md5");
    bench.download(2, "V9.9");
    bench.tell(fetched(FILE));
    assert_eq!(bench.answers(), [answer("下载应答", 2, "MD5校验失败")]);

    let mut bench = Bench::with("stuck-update");
    bench.download(2, "V9.9");
    bench.tell(fetched(FILE));
    bench.say(json!({"命令": "更新程序并重启", "reqid": 3}));
    bench.live(600);
    assert_eq!(
        bench.answers().last(),
        Some(&answer("更新程序并重启应答", 3, "成功"))
    );
    assert!(bench.reconnection().is_none());

    let mut bench = Bench::with("flaky");
    for reqid in 0..300 {
        let mut again = query.clone();
        again["reqid"] = json!(reqid);
        bench.say(again);
    }
    let failed = bench.answers().iter().filter(|one| one.2 != "成功").count();
    assert!((60..140).contains(&failed), "{failed} of 300 failed");
}

#[test]
fn a_bad_build_is_worse_from_the_update_on() {
    let failures_after = |version: &str| {
        let mut own = Profile::clone(&profile(1, 0.0));
        own.boot_failure_rate = 0.03;
        own.acting.builds = vec!["V3:boot-failure=0.5,offline=2,traffic=2".parse().unwrap()];
        own.acting.software = Some("V2".to_owned());
        let mut pile = Pile::new(Arc::new(own), Uuid::from_counter(7).unwrap(), START);
        let mut out = Vec::new();
        pile.hear(START, download(2, version).to_string().as_bytes(), &mut out);
        let id = transfers(&out).last().unwrap().id;
        let news = News {
            id,
            event: fetched(FILE),
        };
        pile.hear_transfer(START, news, &mut out);
        pile.hear(
            START,
            r#"{"命令":"更新程序并重启","reqid":3}"#.as_bytes(),
            &mut out,
        );
        pile.tick(START + 5000, &mut out);
        let all = live(&mut pile, 200, confirm);
        let count = |name: &str| messages(&all).filter(|message| message.name == name).count();
        let losses = all.iter().filter(|o| matches!(o, Output::Reconnect(_))).count();
        (
            count("启动失败原因"),
            count("充电记录"),
            count("运行数据"),
            losses,
        )
    };
    let (failed, charged, telemetry, losses) = failures_after("V3");
    assert!(failed * 3 > charged && failed > 50, "{failed} of {charged}");
    assert!(losses > 0);
    let (failed, charged, usual, losses) = failures_after("V4");
    assert!(failed * 10 < charged, "{failed} of {charged}");
    assert!(telemetry > usual * 3 / 2, "{telemetry} to {usual}");
    assert_eq!(losses, 0);
}

#[test]
fn a_dead_build_never_comes_back() {
    let mut bench = Bench::new(Acting {
        builds: vec!["V9.9:dead=1".parse().unwrap()],
        ..Acting::default()
    });
    bench.download(2, "V9.9");
    bench.tell(fetched(FILE));
    bench.say(json!({"命令": "更新程序并重启", "reqid": 3}));
    bench.live(10);
    assert_eq!(bench.reconnection().unwrap().away_ms, FAR_AWAY_MS);
}
