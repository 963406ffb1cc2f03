//! The interface itself: who may ask, what is refused and how it is said.

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::world::{TOKEN, World};

#[tokio::test]
async fn what_is_wrong_is_named_in_both_languages() -> anyhow::Result<()> {
    let world = World::start().await?;
    let register = world.register("r1").await?;
    let json = ("content-type", "application/json");
    let operator = ("x-operator", "wang");
    let english = ("accept-language", "en-GB,en");
    let good = json!({"sn": "SN1"}).to_string();
    let long = format!("{{\"sn\":\"{}\"}}", "x".repeat(70_000));
    let approve = "/registration/approve";
    type Case<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>, &'a str, u16, &'a str);
    let cases: Vec<Case<'_>> = vec![
        (
            "POST",
            approve,
            vec![json, operator],
            &good,
            404,
            "没有这个注册资料",
        ),
        (
            "POST",
            approve,
            vec![json, operator, english],
            &good,
            404,
            "There is no such registration",
        ),
        ("POST", approve, vec![json], &good, 422, "X-Operator：必填"),
        (
            "POST",
            approve,
            vec![json, ("x-operator", "%FF")],
            &good,
            422,
            "X-Operator：必须是百分号编码的UTF-8",
        ),
        (
            "POST",
            approve,
            vec![operator],
            &good,
            415,
            "请求内容必须是application/json",
        ),
        (
            "POST",
            approve,
            vec![json, operator],
            "{",
            400,
            "请求内容不是JSON对象",
        ),
        (
            "POST",
            approve,
            vec![json, operator],
            "[1]",
            400,
            "请求内容不是JSON对象",
        ),
        (
            "POST",
            approve,
            vec![json, operator],
            &long,
            413,
            "请求内容超过64KiB",
        ),
        ("POST", approve, vec![json, operator], "{}", 422, "sn：必填"),
        (
            "POST",
            approve,
            vec![json, operator],
            r#"{"sn":"a/b"}"#,
            422,
            "sn：出厂编号不能包含 '/'",
        ),
        (
            "POST",
            approve,
            vec![json, operator],
            r#"{"sn":"a","x":1}"#,
            422,
            "x：没有这个字段",
        ),
        ("GET", approve, vec![], "", 405, "不支持的请求方法"),
        (
            "GET",
            approve,
            vec![("authorization", "Bearer wrong")],
            "",
            401,
            "未提供令牌或令牌不正确",
        ),
        (
            "GET",
            "/registration/list",
            vec![("authorization", "")],
            "",
            401,
            "未提供令牌或令牌不正确",
        ),
        (
            "GET",
            "/registration/list?page_size=501",
            vec![],
            "",
            422,
            "page_size：必须是1到500的整数",
        ),
        (
            "GET",
            "/registration/list?sate=x",
            vec![],
            "",
            422,
            "sate：没有这个字段",
        ),
        (
            "GET",
            "/registration/list?uuid=aa",
            vec![english],
            "",
            422,
            "uuid: must be eight capital letters",
        ),
        (
            "GET",
            "/registration/open_access?day=2026-1-1",
            vec![],
            "",
            422,
            "day：必须是YYYY-MM-DD格式的日期",
        ),
        (
            "GET",
            "/registration/detail?sn=nobody",
            vec![],
            "",
            404,
            "没有这个注册资料",
        ),
        (
            "POST",
            "/registration/swap",
            vec![json, operator],
            r#"{"new_sn":"a"}"#,
            422,
            "uuid：uuid, device_id必须且只能填一个",
        ),
        (
            "POST",
            "/broker_account/add",
            vec![json, operator],
            r#"{"username":"zhang","role":"ops_tcu"}"#,
            422,
            "role：必须是engineer, staff, operator之一",
        ),
        (
            "POST",
            "/broker_account/add",
            vec![json, operator],
            r#"{"username":"AAAAALFW","role":"staff"}"#,
            422,
            "username：必须是3到32个小写字母、数字、点、横线或下划线",
        ),
        (
            "POST",
            "/registration/allow_list/add",
            vec![json, operator],
            r#"{"remark":"all"}"#,
            422,
            "model：必填",
        ),
    ];
    for (method, path, headers, body, status, msg) in cases {
        let reply = register.send(method, path, &headers, body.to_owned()).await?;
        let shown = body.chars().take(60).collect::<String>();
        assert_eq!(reply.status, status, "{method} {path} {shown}: {reply:?}");
        assert_eq!(
            reply.body,
            json!({"status": 0, "msg": msg, "data": 0}),
            "{method} {path} {shown}"
        );
    }
    assert_eq!(world.number("SELECT count() FROM operation_record").await?, 0);
    Ok(())
}

#[tokio::test]
async fn lists_are_filtered_and_paged() -> anyhow::Result<()> {
    let world = World::start().await?;
    let register = world.register("r1").await?;
    world
        .run(
            "INSERT INTO registration (timestamp, sn, uuid, state, model, contract_num, request_time, credential) \
             SELECT 1, concat('SN', toString(number)), '', if(number < 30, '待审核', '已拒绝'), \
             if(number % 2 = 0, 'DC-60', 'DC-120'), 'HT1', number, '' FROM numbers(50)",
        )
        .await?;
    let total = async |query: &str| -> anyhow::Result<(u64, usize)> {
        let reply = register.get(&format!("/registration/list?{query}")).await?;
        anyhow::ensure!(reply.status == 200, "{reply:?}");
        let data = &reply.body["data"];
        Ok((
            data["total"].as_u64().unwrap(),
            data["items"].as_array().unwrap().len(),
        ))
    };
    assert_eq!(total("").await?, (50, 20));
    assert_eq!(total("page=3").await?, (50, 10));
    assert_eq!(total("page=9").await?, (50, 0));
    assert_eq!(
        total("page_size=500&state=%E5%BE%85%E5%AE%A1%E6%A0%B8").await?,
        (30, 30)
    );
    assert_eq!(total("model=DC-60&contract_num=HT1").await?, (25, 20));
    assert_eq!(total("sn=SN4").await?, (11, 11));
    assert_eq!(total("uuid=AAAAALFW").await?, (0, 0));
    assert_eq!(total("sn=%27%20OR%201%3D1%20--").await?, (0, 0));
    // As people write it for curl, which encodes nothing.
    let mut raw = tokio::net::TcpStream::connect(register.url.trim_start_matches("http://")).await?;
    let ask = format!(
        "GET /registration/list?state=待审核&page_size=1 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n\
         connection: close\r\n\r\n"
    );
    raw.write_all(ask.as_bytes()).await?;
    let mut answer = String::new();
    raw.read_to_string(&mut answer).await?;
    assert!(answer.contains(r#""total":30"#), "{answer}");
    let first = register.get("/registration/list?page_size=1").await?;
    let item = &first.body["data"]["items"][0];
    assert_eq!(
        (&item["sn"], &item["allowed"]),
        (&json!("SN49"), &json!(["approve", "release"]))
    );
    assert!(item.get("credential").is_none());
    Ok(())
}

#[tokio::test]
async fn who_comes_without_a_password_is_listed_by_day() -> anyhow::Result<()> {
    let world = World::start().await?;
    let register = world.register("r1").await?;
    world
        .run(
            "INSERT INTO open_access_daily VALUES ('2026-11-20', 'AAAAALFW', 'c1', '10.0.0.1', 2), \
             ('2026-11-20', 'AAAAALFW', 'c1', '10.0.0.1', 3), ('2026-11-21', 'AAAAAAAB', 'c2', '10.0.0.2', 1)",
        )
        .await?;
    let reply = register.get("/registration/open_access").await?;
    assert_eq!(
        reply.body["data"],
        json!({"total": 2, "items": [
            {"day": "2026-11-21", "uuid": "AAAAAAAB", "client_id": "c2", "address": "10.0.0.2", "connections": 1},
            {"day": "2026-11-20", "uuid": "AAAAALFW", "client_id": "c1", "address": "10.0.0.1", "connections": 5},
        ]})
    );
    let one = register
        .get("/registration/open_access?day=2026-11-20&uuid=AAAAALFW")
        .await?;
    assert_eq!(one.body["data"]["total"], 1);
    Ok(())
}

#[tokio::test]
async fn who_a_service_asks_for_is_on_record() -> anyhow::Result<()> {
    let world = World::start().await?;
    let register = world.register("r1").await?;
    let path = "/registration/allow_list/add";
    let body = json!({"model": "DC-60", "contract_num": ""}).to_string();
    let with = async |id: &str, address: &str| {
        let headers = [
            ("content-type", "application/json"),
            ("x-operator", "wang"),
            ("x-operator-id", id),
            ("x-operator-address", address),
        ];
        register.send("POST", path, &headers, body.clone()).await
    };
    for (id, address, msg) in [
        ("x", "10.1.2.3", "X-Operator-Id：必须是用户编号"),
        ("20", "nowhere", "X-Operator-Address：必须是IP地址"),
    ] {
        let refused = with(id, address).await?;
        assert_eq!((refused.status, &refused.body["msg"]), (422, &json!(msg)));
    }
    assert_eq!(with("20", "10.1.2.3").await?.status, 200);
    let record = "SELECT concat(toString(user_id), ' ', account, ' ', address) FROM operation_record FINAL";
    assert_eq!(world.text(record).await?, "20 wang 10.1.2.3");
    Ok(())
}
