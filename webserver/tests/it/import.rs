//! Sheets as changes: checked first, all or nothing, faults by row and column.

use std::time::{Duration, Instant};

use axum::body::Bytes;
use serde_json::Value;

use crate::station::add as add_station;
use crate::world::{ACCOUNTS, Client, STRANGER, World};

async fn upload(client: &Client, path: &str, file: impl Into<Bytes>) -> anyhow::Result<Value> {
    let media = [("content-type", "application/octet-stream")];
    Ok(client.request("POST", path, &media, file.into()).await?.data())
}

/// Imports assets and waits for the end.
pub(crate) async fn assets(client: &Client, query: &str, file: impl Into<Bytes>) -> anyhow::Result<Value> {
    let begun = upload(client, &format!("/asset/import{query}"), file).await?;
    let path = format!(
        "/asset/import/progress?import_id={}",
        begun["import_id"].as_str().unwrap()
    );
    loop {
        let progress = client.get(&path).await?.data();
        match progress["stage"].as_str().unwrap() {
            "完成" => return Ok(progress["report"].clone()),
            "失败" => anyhow::bail!("{progress}"),
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

#[tokio::test]
async fn stations_are_imported_and_an_export_goes_back_in() -> anyhow::Result<()> {
    let world = World::start().await?;
    let client = world.client(ACCOUNTS[1]).await?;
    let (csv, _, _) = encoding_rs::GB18030.encode("场站名称,城市,市,容量_kW\r\n一号站,,上海,120\r\n");
    let report = upload(&client, "/station/import", csv.into_owned()).await?;
    assert_eq!(
        (&report["is_done"], &report["faults"][0]["column"]),
        (&false.into(), &"城市".into())
    );

    let (csv, _, _) = encoding_rs::GB18030
        .encode("场站名称,市,容量_kW,投运日期\r\n一号站,上海,120,2025/1/1\r\n=二号站,上海,,\r\n");
    let dry = upload(&client, "/station/import?dry_run=true", csv.clone().into_owned()).await?;
    assert_eq!((&dry["added"], &dry["is_done"]), (&2.into(), &false.into()));
    assert_eq!(client.get("/station/list").await?.data()["total"], 0);
    let report = upload(&client, "/station/import", csv.clone().into_owned()).await?;
    assert_eq!(
        (&report["added"], &report["is_done"]),
        (&2.into(), &true.into()),
        "{report}"
    );
    assert_eq!(dry["preview"]["rows"].as_array().unwrap().len(), 2);
    assert!(
        report["preview"]["rows"].as_array().unwrap().is_empty(),
        "{report}"
    );
    let list = client.get("/station/list?sort=sta_id").await?.data();
    assert_eq!(list["items"][0]["commissioning_date"], 1_735_660_800_000_u64);

    // The same again is refused; the export is understood, and changes nothing.
    let again = upload(&client, "/station/import", csv.into_owned()).await?;
    assert_eq!(
        (&again["fault_count"], &again["faults"][0]["row"]),
        (&2.into(), &2.into())
    );
    for format in ["csv", "xlsx"] {
        let export = client.get(&format!("/station/list?export={format}")).await?.bytes;
        let report = upload(&client, "/station/import", export).await?;
        assert_eq!(
            (&report["updated"], &report["is_done"]),
            (&2.into(), &true.into()),
            "{report}"
        );
    }
    assert_eq!(client.get("/station/list?sort=sta_id").await?.data(), list);
    // What others have cannot be changed.
    let export = client.get("/station/list?export=csv").await?.bytes;
    let report = upload(&world.client(STRANGER).await?, "/station/import", export).await?;
    assert_eq!(report["faults"][0]["message"], "场站不存在");

    let form = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n场站名称\r\n三号站\r\n--x--\r\n";
    let multipart = [("content-type", "multipart/form-data; boundary=x")];
    let reply = client
        .request("POST", "/station/import", &multipart, form.into())
        .await?;
    assert_eq!(reply.data()["added"], 1);
    for (media, body, status) in [
        ("application/json", Bytes::from_static(b"{}"), 415),
        ("text/csv", Bytes::new(), 400),
        ("text/csv", vec![b'a'; 21 << 20].into(), 413),
        ("text/csv", Bytes::from_static(b"PK\x03\x04"), 400),
    ] {
        let reply = client
            .request("POST", "/station/import", &[("content-type", media)], body)
            .await?;
        assert_eq!(reply.failure().0, status, "{media}");
    }
    Ok(())
}

#[tokio::test]
async fn assets_are_imported_all_or_none() -> anyhow::Result<()> {
    let world = World::start().await?;
    let client = world.client(ACCOUNTS[1]).await?;
    add_station(&client, "一号站", 0).await?;
    let wrong = "资产名称,uuid,场站名称,型号,出厂日期\n好,AAAAAAAB,一号站,,\n,AAAAAAAC,一号站,,\n\
                 坏,AAAAAAAB,一号站,,\n坏,,没有,,\n坏,,一号站,X,昨天\n坏,,,,\n";
    let report = assets(&client, "", wrong).await?;
    let faults: Vec<_> = report["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| {
            (
                fault["row"].as_u64().unwrap(),
                fault["column"].as_str().unwrap(),
                fault["message"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(report["is_done"], false);
    for expected in [
        (3, "资产名称", "必填"),
        (4, "uuid", "重复"),
        (5, "场站名称", "场站不存在"),
        (6, "出厂日期", "须为日期，如 2025-03-12 或 2025-03-12 19:16:46"),
        (6, "型号", "型号不存在"),
        (7, "场站编号", "场站不存在"),
    ] {
        assert!(faults.contains(&expected), "{expected:?} in {faults:?}");
    }
    // What was read comes back, so that a reader sees the faults where they are; not once it is written.
    let preview = &report["preview"];
    let titles: Vec<_> = preview["titles"].as_array().unwrap().iter().collect();
    assert!(
        faults
            .iter()
            .all(|(_, column, _)| titles.contains(&&Value::from(*column))),
        "{preview}"
    );
    assert_eq!(preview["rows"].as_array().unwrap().len(), 6);
    assert_eq!(
        (&preview["rows"][0]["row"], &preview["rows"][0]["cells"][0]),
        (&2.into(), &"好".into())
    );
    assert_eq!(client.get("/asset/list").await?.data()["total"], 0);

    let csv = "资产名称,uuid,场站名称\n1号桩,AAAAAAAB,一号站\n2号桩,,一号站\n";
    assert_eq!(assets(&client, "?dry_run=true", csv).await?["added"], 2);
    assert_eq!(client.get("/asset/list").await?.data()["total"], 0);
    let report = assets(&client, "", csv).await?;
    assert_eq!((&report["added"], &report["is_done"]), (&2.into(), &true.into()));
    let export = client.get("/asset/list?export=csv").await?.text;
    let changed = export.replace(",2号桩,", ",贰号桩,");
    let report = assets(&client, "", changed).await?;
    assert_eq!(
        (&report["updated"], &report["is_done"]),
        (&2.into(), &true.into()),
        "{report}"
    );
    let list = client.get("/asset/list?words=%E8%B4%B0").await?.data();
    assert_eq!(
        (&list["total"], &list["items"][0]["sta_name"]),
        (&1.into(), &"一号站".into())
    );
    let done =
        "SELECT count() FROM operation_record FINAL WHERE operation = '/asset/import' AND result = '成功'";
    assert_eq!(world.number(done).await?, 3);

    let begun = upload(&client, "/asset/import?dry_run=true", csv).await?;
    let path = format!(
        "/asset/import/progress?import_id={}",
        begun["import_id"].as_str().unwrap()
    );
    assert_eq!(world.client(STRANGER).await?.get(&path).await?.failure().0, 404);
    Ok(())
}

#[tokio::test]
async fn ten_thousand_assets_are_imported_at_once() -> anyhow::Result<()> {
    let world = World::start().await?;
    let client = world.client(ACCOUNTS[1]).await?;
    add_station(&client, "一号站", 0).await?;
    let mut csv = String::from("资产名称,uuid,场站名称,SIM卡号,责任人\n");
    for counter in 0..10_000 {
        let uuid = protocol::Uuid::from_counter(counter).unwrap();
        csv.push_str(&format!(
            "{counter}号桩,{uuid},一号站,8986000000000{counter:07},张三\n"
        ));
    }
    let begun = Instant::now();
    let report = assets(&client, "", csv).await?;
    println!("10,000 assets in {:?}", begun.elapsed());
    assert_eq!(
        (&report["added"], &report["is_done"]),
        (&10_000.into(), &true.into())
    );
    assert_eq!(client.get("/asset/list").await?.data()["total"], 10_000);
    Ok(())
}
