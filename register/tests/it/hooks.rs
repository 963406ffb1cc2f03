//! The hooks answer the documented questions in the documented form, and refuse everything else.

use protocol::Uuid;
use register::access::Role;
use register::config::Mode;
use register::ledger::now;
use register::model::State;
use register::watch::Sighting;
use serde_json::json;
use testkit::Stack;

use crate::door::{self, Door, SECRET, TOKEN, registration};

fn uuid(text: &str) -> Uuid {
    Uuid::parse(text).unwrap()
}

#[tokio::test]
async fn the_documented_questions_have_the_documented_answers() {
    let stack = Stack::start().await.unwrap();
    let db = door::database(&stack).await;
    let mut changed = registration(now(), "SN2", "AAAAALFX", State::InService);
    changed.former_uuid = Some(uuid("AAAAALFW"));
    changed.username = "AAAAALFW".to_owned();
    door::save(
        &db,
        &[registration(now(), "SN1", "AAAAALDJ", State::InService), changed],
    )
    .await;
    for role in Role::ALL {
        door::save_account(&db, role.as_str(), role).await;
    }
    let mut door = Door::open(db, Mode::Closed).await;

    // As EMQX 5.8 sends it.
    let question =
        r#"{"username":"AAAAALDJ","peerhost":"127.0.0.1","password":"secret","cn":"","clientid":"tcu-1"}"#;
    let (status, answer) = door.post("/emqx/authenticate", question).await;
    assert_eq!(status, 200);
    insta::assert_snapshot!("authenticate_pile", answer);
    assert_eq!(
        door.sightings.recv().await.map(|s| Sighting { at: 0, ..s }),
        Some(Sighting::address(uuid("AAAAALDJ"), [127, 0, 0, 1].into(), 0))
    );
    insta::assert_json_snapshot!(
        "authenticate_changed_uuid",
        door.connect("tcu-1", "AAAAALFW", SECRET).await
    );
    insta::assert_json_snapshot!("authenticate_newcomer", door.connect("x", "", "").await);
    insta::assert_json_snapshot!(
        "authenticate_wrong",
        door.connect("tcu-1", "AAAAALDJ", "guess").await
    );
    for role in Role::ALL {
        let answer = door.connect("service", role.as_str(), SECRET).await;
        insta::assert_json_snapshot!(format!("authenticate_{role}"), answer);
    }
    let question = r#"{"username":"","topic":"/xjdy/注册ops/v1","retain":"false","qos":"1","peerhost":"127.0.0.1","clientid":"x","action":"publish"}"#;
    insta::assert_debug_snapshot!("authorize_newcomer", door.post("/emqx/authorize", question).await);
    let question = r#"{"username":"ops_tcu","topic":"/xjdy/ops/v1/TCU/+/msg","retain":"","qos":"1","peerhost":"127.0.0.1","clientid":"ops_tcu","action":"subscribe"}"#;
    insta::assert_debug_snapshot!("authorize_service", door.post("/emqx/authorize", question).await);
}

#[tokio::test]
async fn whoever_has_no_right_to_come_in_is_refused() {
    let stack = Stack::start().await.unwrap();
    let db = door::database(&stack).await;
    let mut rows: Vec<_> = State::ALL
        .into_iter()
        .enumerate()
        .map(|(n, state)| {
            let uuid = Uuid::from_counter(n as u64 + 1).unwrap().to_string();
            registration(now(), &format!("SN{n}"), &uuid, state)
        })
        .collect();
    door::save(&db, &rows).await;
    let mut door = Door::open(db, Mode::Closed).await;
    for row in &mut rows {
        let expected = if row.state.may_connect() { "allow" } else { "deny" };
        assert_eq!(
            door.result(&row.username, SECRET).await,
            expected,
            "{}",
            row.state
        );
        assert_eq!(door.result(&row.username, "").await, "deny", "the door is closed");
        assert_eq!(door.result(&row.username, "Secret").await, "deny");
    }
    assert_eq!(door.result("", SECRET).await, "deny", "a password without a name");
    assert_eq!(door.result("nobody", SECRET).await, "deny");
    assert_eq!(door.result("' OR 1=1 --\0?", SECRET).await, "deny");
    // A client id is nobody's word.
    let answer = door.connect("AAAAAAAE", "", "").await;
    assert_eq!(answer, json!({"result": "allow", "is_superuser": false}));
    // Only those who were let in were seen.
    door.sightings.close();
    let mut seen = 0;
    while door.sightings.recv().await.is_some() {
        seen += 1;
    }
    assert_eq!(seen, 2);
}

#[tokio::test]
async fn a_newcomer_registers_and_does_nothing_else() {
    let stack = Stack::start().await.unwrap();
    let db = door::database(&stack).await;
    door::save(&db, &[registration(now(), "SN1", "AAAAALFW", State::InService)]).await;
    let door = Door::open(db, Mode::Closed).await;
    let may = async |username: &str, client_id: &str, action: &str, topic: &str| {
        let question = json!({"username": username, "topic": topic, "retain": "false", "qos": "1",
            "peerhost": "10.0.0.7", "clientid": client_id, "action": action});
        let (status, answer) = door.post("/emqx/authorize", question.to_string()).await;
        assert_eq!(status, 200, "{answer}");
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        assert!(["allow", "deny", "ignore"].contains(&answer["result"].as_str().unwrap()));
        answer["result"] == "allow"
    };
    assert!(may("", "x", "publish", "/xjdy/注册ops/v1").await);
    assert!(may("", "x", "subscribe", "/xjdy/注册ops/v1/注册结果/SN1").await);
    for (action, topic) in [
        ("subscribe", "/xjdy/注册ops/v1"),
        ("subscribe", "/xjdy/注册ops/v1/注册结果/+"),
        ("subscribe", "/xjdy/注册ops/v1/注册结果/#"),
        ("subscribe", "/xjdy/注册ops/v1/#"),
        ("subscribe", "#"),
        ("subscribe", "/xjdy/ops/v1/TCU/AAAAALFW/cmd"),
        ("publish", "/xjdy/注册ops/v1/注册结果/SN1"),
        ("publish", "/xjdy/ops/v1/TCU/AAAAALFW/msg"),
        ("all", "/xjdy/注册ops/v1"),
        ("", "/xjdy/注册ops/v1"),
    ] {
        assert!(!may("", "x", action, topic).await, "{action} {topic}");
    }
    // Who has a name has an ACL, or was not let in.
    assert!(!may("AAAAALFW", "x", "publish", "/xjdy/ops/v1/TCU/AAAAALFW/msg").await);
    assert!(!may("ops_tcu", "x", "subscribe", "/xjdy/ops/v1/TCU/+/msg").await);
    assert!(!may("wang", "x", "subscribe", "/xjdy/ops/v1/TCU/#").await);
    // One that asks without end is held back, its neighbours are not.
    let mut refused = false;
    for _ in 0..1000 {
        refused |= !may("", "flood", "publish", "/xjdy/注册ops/v1").await;
    }
    assert!(refused);
    assert!(may("", "neighbour", "publish", "/xjdy/注册ops/v1").await);
}

#[tokio::test]
async fn what_is_no_question_is_refused_in_words() {
    let stack = Stack::start().await.unwrap();
    let door = Door::open(door::database(&stack).await, Mode::Closed).await;
    for body in [
        "",
        "null",
        "[]",
        "{",
        "{}",
        r#"{"username":"a"}"#,
        r#"{"username":null,"password":"","clientid":""}"#,
        r#"{"username":1,"password":"","clientid":""}"#,
        r#"{"username":"\ud800","password":"","clientid":""}"#,
        &"[".repeat(10_000),
    ] {
        for hook in ["/emqx/authenticate", "/emqx/authorize"] {
            let (status, answer) = door.post(hook, body.to_owned()).await;
            assert_eq!(status, 400, "{hook} {body:.40}");
            assert!(answer.starts_with("the question cannot be read: "), "{answer}");
        }
    }
    let (status, _) = door
        .post("/emqx/authenticate", &b"{\"username\":\"\xff\"}"[..])
        .await;
    assert_eq!(status, 400);
    let (status, _) = door.post("/emqx/authenticate", vec![b' '; 20_000]).await;
    assert_eq!(status, 413);
    // Nothing of what was sent comes back: it may be a password.
    let (_, answer) = door
        .post(
            "/emqx/authenticate",
            r#"{"password":"hunter2","username":{"hunter2":1}}"#,
        )
        .await;
    assert!(!answer.contains("hunter2"), "{answer}");
    // Keys that nobody needs are passed over; odd letters are a name like any other.
    let odd = r#"{"username":"","password":"","clientid":"桩\u0000","more":{"of":["it"]},"qos":1}"#;
    assert_eq!(door.post("/emqx/authenticate", odd).await.0, 200);

    for wrong in [
        None,
        Some("Bearer "),
        Some("Bearer wrong"),
        Some(TOKEN),
        Some("Basic aG9vay10b2tlbg=="),
    ] {
        for hook in ["/emqx/authenticate", "/emqx/authorize"] {
            let (status, _) = door.send("POST", hook, wrong, "{}").await;
            assert_eq!(status, 401, "{wrong:?}");
        }
    }
    let token = format!("Bearer {TOKEN}");
    assert_eq!(
        door.send("GET", "/emqx/authenticate", Some(&token), "").await.0,
        405
    );
    assert_eq!(door.post("/emqx", "{}").await.0, 404);
}

#[tokio::test]
async fn an_open_door_lets_known_piles_in_counts_them_and_closes_behind_a_password() {
    let stack = Stack::start().await.unwrap();
    let db = door::database(&stack).await;
    let disabled = registration(now(), "SN2", "AAAAAAAC", State::Disabled);
    door::save(
        &db,
        &[registration(now(), "SN1", "AAAAAAAB", State::InService), disabled],
    )
    .await;
    adopt(&stack, "AAAAAAAD").await;
    let mut door = Door::open(db, Mode::Open).await;
    let own = "/xjdy/ops/v1/TCU/AAAAAAAD/msg";
    let answer = door.connect("whatever", "AAAAAAAD", "").await;
    insta::assert_json_snapshot!("authenticate_open", answer);
    assert!(answer.to_string().contains(own));
    assert!(
        door.connect("AAAAAAAD", "", "").await.to_string().contains(own),
        "by its client id"
    );
    assert_eq!(door.sightings.recv().await.unwrap().uuid, uuid("AAAAAAAD"));
    // Adopted after the start.
    adopt(&stack, "AAAAAAAE").await;
    assert_eq!(door.result("AAAAAAAE", "").await, "allow");
    // Known, and kept out; not known; not a uuid.
    for name in ["AAAAAAAC", "AAAAAAAF", "staff"] {
        assert_eq!(door.result(name, "").await, "deny", "{name}");
    }
    let newcomer = json!({"result": "allow", "is_superuser": false});
    assert_eq!(
        door.connect("AAAAAAAC", "", "").await,
        newcomer,
        "it may ask for registration"
    );

    assert_eq!(door.result("AAAAAAAB", "").await, "allow");
    assert_eq!(door.result("AAAAAAAB", SECRET).await, "allow");
    assert_eq!(door.result("AAAAAAAB", "").await, "deny");
    assert_eq!(door.connect("AAAAAAAB", "", "").await, newcomer);

    // What was counted is written at the latest at the stop.
    door.shutdown.trigger();
    (&mut door.counting).await.unwrap();
    let sql =
        "SELECT uuid, client_id, address, sum(connections) FROM open_access_daily GROUP BY ALL ORDER BY ALL";
    let counted: Vec<(String, String, String, u64)> =
        stack.clickhouse().query(sql).fetch_all().await.unwrap();
    let row = |uuid: &str, client_id: &str| (uuid.to_owned(), client_id.to_owned(), "10.0.0.7".to_owned(), 1);
    let expected = [
        row("AAAAAAAB", "client"),
        row("AAAAAAAD", "AAAAAAAD"),
        row("AAAAAAAD", "whatever"),
        row("AAAAAAAE", "client"),
    ];
    assert_eq!(counted, expected);
}

async fn adopt(stack: &Stack, uuid: &str) {
    let sql = format!(
        "INSERT INTO asset (timestamp, flag_del, device_id, dt_id, audit_status, name) \
         VALUES (1, 0, {}, 1, '已审核', '{uuid}')",
        self::uuid(uuid).counter()
    );
    stack.clickhouse().query(&sql).execute().await.unwrap();
}
