//! What the desk answers to whom.

use std::time::Duration;

use protocol::Outcome;
use register::model::Credential;
use testkit::Stack;

use crate::world::{Register, SOON, Settings, Tcus, place, request, until};

/// Lists everything of the model DC-120.
pub(crate) async fn list_all(stack: &Stack) -> anyhow::Result<()> {
    let sql = "INSERT INTO registration_allow_list VALUES (1, 0, 'DC-120', '', '')";
    Ok(stack.clickhouse().query(sql).execute().await?)
}

/// One column of one registration.
pub(crate) async fn column(stack: &Stack, sn: &str, column: &str) -> anyhow::Result<String> {
    let sql = format!("SELECT toString({column}) FROM registration FINAL WHERE sn = ?");
    let rows: Vec<String> = stack.clickhouse().query(&sql).bind(sn).fetch_all().await?;
    anyhow::ensure!(rows.len() == 1, "{sn} has {} registrations", rows.len());
    Ok(rows.into_iter().next().unwrap())
}

async fn works(stack: &Stack, sn: &str, password: &str) -> anyhow::Result<bool> {
    let stored = column(stack, sn, "credential").await?;
    Ok(Credential::parse(&stored)?.verify(password))
}

#[tokio::test]
async fn the_same_serial_number_keeps_its_uuid_and_gets_another_password() -> anyhow::Result<()> {
    let _place = place().await?;
    let stack = Stack::start().await?;
    let mut register = Register::start(&Settings::of(&stack, "register")).await?;
    list_all(&stack).await?;
    let sns = ["SN1".to_owned(), "SN2".to_owned()];
    let mut tcus = Tcus::connect(&stack, "tcus", &sns).await?;

    let first = tcus.register("SN1").await?;
    // AAAAAAAA is handed out to nobody.
    assert_eq!(first.uuid(), "AAAAAAAB");
    assert_eq!(first.result.user.as_deref(), Some("AAAAAAAB"));
    assert!(works(&stack, "SN1", &first.password()).await?);
    assert_eq!(column(&stack, "SN1", "state").await?, "已注册");
    assert_eq!(column(&stack, "SN1", "model").await?, "DC-120");

    let again = tcus.register("SN1").await?;
    assert_eq!(again.uuid(), first.uuid());
    assert_ne!(again.password(), first.password());
    assert!(works(&stack, "SN1", &again.password()).await?);
    assert!(!works(&stack, "SN1", &first.password()).await?);

    let other = tcus.register("SN2").await?;
    assert_eq!(other.uuid(), "AAAAAAAC");
    assert_eq!(register.metric("register_requests_total", "granted").await?, 2.0);
    assert_eq!(register.metric("register_requests_total", "renewed").await?, 1.0);
    for password in [first.password(), again.password(), other.password()] {
        assert!(!register.log().contains(&password), "a password in the log");
    }
    register.assert_log_is_clean();
    assert_eq!(register.stop(SOON).await?, Some(0));
    Ok(())
}

#[tokio::test]
async fn the_unlisted_wait_and_what_staff_decide_holds() -> anyhow::Result<()> {
    let _place = place().await?;
    let stack = Stack::start().await?;
    let settings = Settings::of(&stack, "register").with(&[("REGISTRATION__MOST_PENDING", "2")]);
    let register = Register::start(&settings).await?;
    let sns: Vec<String> = (1..=6).map(|n| format!("SN{n}")).collect();
    let mut tcus = Tcus::connect(&stack, "tcus", &sns).await?;

    for sn in ["SN1", "SN1", "SN2"] {
        let answer = tcus.register(sn).await?;
        assert_eq!(answer.result.outcome, Outcome::Pending);
        assert_eq!(answer.result.uuid, None);
        assert_eq!(column(&stack, sn, "state").await?, "待审核");
    }
    let third = tcus.register("SN3").await?;
    assert_eq!(third.reason(), "待审核的注册申请过多，请稍后重试");
    // Who waits already may go on asking.
    assert_eq!(tcus.register("SN2").await?.result.outcome, Outcome::Pending);

    // Listed by now: it is registered by rule. What people decided about others counts more than the list.
    list_all(&stack).await?;
    tcus.register("SN1").await?.uuid();
    for (sn, state, told) in [
        ("SN4", "已拒绝", "注册申请已被拒绝：合同已终止"),
        ("SN5", "已停用", "已停用，请联系运维人员"),
        ("SN6", "已退役", "已退役，不能再注册"),
    ] {
        let sql =
            "INSERT INTO registration (timestamp, sn, uuid, state, reason) VALUES (1, ?, 'AAAAAABB', ?, ?)";
        let insert = stack.clickhouse().query(sql).bind(sn).bind(state);
        insert.bind("合同已终止").execute().await?;
        let answer = tcus.register(sn).await?;
        assert_eq!((answer.result.outcome, answer.reason()), (Outcome::Failure, told));
        assert_eq!(answer.result.password, None);
    }
    // Released: it begins anew, under another uuid.
    let before = tcus.register("SN1").await?.uuid();
    let sql = "INSERT INTO registration (timestamp, sn, uuid, state) VALUES (?, 'SN1', '', '已释放')";
    let far = i64::MAX / 2;
    stack.clickhouse().query(sql).bind(far).execute().await?;
    let after = tcus.register("SN1").await?;
    assert_ne!(after.uuid(), before);
    assert_eq!(column(&stack, "SN1", "timestamp").await?, (far + 1).to_string());
    register.assert_log_is_clean();
    Ok(())
}

#[tokio::test]
async fn what_is_no_request_is_told_so_where_it_can_be() -> anyhow::Result<()> {
    let _place = place().await?;
    let stack = Stack::start().await?;
    let settings = Settings::of(&stack, "register");
    let register = Register::start(&settings).await?;
    list_all(&stack).await?;
    let sns = ["SN1", "SN2", "20250701", "桩7"].map(str::to_owned);
    let mut tcus = Tcus::connect(&stack, "tcus", &sns).await?;

    // Nobody can be told, and nothing comes of them.
    let nameless = [
        request("SN/1", 1),
        request("SN+", 1),
        request("#", 1),
        request("", 1),
        request(&"9".repeat(65), 1),
        r#"{"命令":"注册申请","型号":"DC-120"}"#.into(),
        b"not JSON".to_vec(),
        Vec::new(),
        vec![0xff; 300 * 1024],
    ];
    let count = nameless.len() as f64;
    for payload in nameless {
        tcus.say(payload).await?;
    }
    until("every one is counted", SOON, async || {
        register.metric("register_ill_formed_total", "").await.ok() == Some(count)
    })
    .await?;

    let filling = "x".repeat(300 * 1024);
    let large = format!(r#"{{"命令":"注册申请","出厂编号":"SN1","x":"{filling}"}}"#);
    for (payload, told) in [
        (large, "报文过大"),
        (
            r#"{"命令":"登录","出厂编号":"SN1"}"#.to_owned(),
            "命令应为注册申请",
        ),
        (
            r#"{"命令":"注册申请","出厂编号":"SN1","型号":"DC"#.to_owned(),
            "报文不是完整的JSON对象",
        ),
        (
            r#"{"命令":"注册申请","出厂编号":"SN1","型号":{"a":1}}"#.to_owned(),
            "型号有误",
        ),
    ] {
        tcus.say(payload).await?;
        let answer = tcus.hear("SN1", SOON).await?;
        assert_eq!((answer.result.outcome, answer.reason()), (Outcome::Failure, told));
    }
    // Loose types and GB18030 are read.
    tcus.say(r#"{"命令":"注册申请","reqid":"5","出厂编号":20250701,"型号":"DC-120","SIM卡号":898604}"#)
        .await?;
    let number = tcus.hear("20250701", SOON).await?;
    assert_eq!((number.reqid, number.uuid().as_str()), (5, "AAAAAAAB"));
    assert_eq!(column(&stack, "20250701", "sim").await?, "898604");
    let text = r#"{"命令":"注册申请","reqid":6,"出厂编号":"桩7","型号":"DC-120","合同号":"合同"}"#;
    tcus.say(gb18030(text)).await?;
    assert_eq!(tcus.hear("桩7", SOON).await?.uuid(), "AAAAAAAC");
    assert_eq!(column(&stack, "桩7", "contract_num").await?, "合同");
    // After all that, others register as ever.
    assert_eq!(tcus.register("SN2").await?.uuid(), "AAAAAAAD");
    register.assert_log_is_clean();
    Ok(())
}

/// The characters of these tests, as firmware with that encoding sends them.
fn gb18030(text: &str) -> Vec<u8> {
    let (bytes, _, unmappable) = encoding_rs::GB18030.encode(text);
    assert!(!unmappable);
    bytes.into_owned()
}

#[tokio::test]
async fn who_asks_too_often_is_told_once() -> anyhow::Result<()> {
    let _place = place().await?;
    let stack = Stack::start().await?;
    let settings = Settings::of(&stack, "register").with(&[
        ("REGISTRATION__REQUESTS_PER_SN", "3"),
        ("REGISTRATION__REFILL", "1h"),
    ]);
    let register = Register::start(&settings).await?;
    list_all(&stack).await?;
    let sns = ["SN1".to_owned(), "SN2".to_owned()];
    let mut tcus = Tcus::connect(&stack, "tcus", &sns).await?;
    for _ in 0..3 {
        tcus.register("SN1").await?.uuid();
    }
    let limited = tcus.register("SN1").await?;
    assert_eq!(limited.reason(), "注册申请过于频繁，请稍后重试");
    for _ in 0..50 {
        tcus.ask("SN1").await?;
    }
    until("the others are passed over", SOON, async || {
        register.metric("register_requests_total", "silenced").await.ok() == Some(50.0)
    })
    .await?;
    // Nobody else pays for it, and nothing more was said.
    tcus.register("SN2").await?.uuid();
    assert!(tcus.hear("SN1", Duration::from_millis(1)).await.is_err());
    register.assert_log_is_clean();
    Ok(())
}
