//! Texts that nobody should write into a sheet, in every column that takes a text: stored to the letter, or refused by
//! row and column; and sheets from here carry none of them out as a formula.

use std::io::Cursor;

use axum::body::Bytes;
use calamine::{Data, Reader as _, Xlsx};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use store::table::operation_record::OperationRecord;

use crate::import::assets;
use crate::station::add as add_station;
use crate::world::{ACCOUNTS, Client, World};

/// No cell holds more.
const LONGEST: usize = 32_767;

fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "'; DROP TABLE asset; --",
        "' OR '1'='1",
        "\\",
        "\\'",
        "%_?*",
        "{param:String}",
        "NULL",
        "\\N",
        "🙂\u{202e}\u{fffd}",
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-1",
        "@SUM(1)",
        "=HYPERLINK(\"http://192.0.2.1\")",
        "a\u{1}b",
        "a\tb",
        "a\nb",
        "a,\"b\";c",
        "<b>&amp;</b>",
        "_x0041_",
        "1e5",
    ]
    .map(String::from)
    .to_vec();
    texts.extend([64, 129, LONGEST].map(|length| "长".repeat(length)));
    texts
}

/// What is imported.
struct Kind {
    /// Its folder of the web API.
    path: &'static str,
    /// The column that no row is without.
    name: &'static str,
    id: &'static str,
    /// Further columns, the same in every row.
    more: &'static [(&'static str, &'static str)],
}

const KINDS: [Kind; 2] = [
    Kind {
        path: "/asset",
        name: "ass_name",
        id: "device_id",
        more: &[("场站名称", "一号站")],
    },
    Kind {
        path: "/station",
        name: "sta_name",
        id: "sta_id",
        more: &[],
    },
];

/// Rows by column, the first of them titles.
type Rows = Vec<Vec<String>>;

impl Kind {
    /// Columns that take a text.
    fn columns(&self, document: &Value) -> Vec<String> {
        let schema = &document["paths"][format!("{}/add", self.path)]["post"]["requestBody"]["content"]["application/json"]
            ["schema"];
        let name = schema["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        let fields = document["components"]["schemas"][name]["properties"]
            .as_object()
            .unwrap();
        let texts = fields.iter().filter(|(_, field)| field["type"][0] == "string");
        texts.map(|(name, _)| name.clone()).collect()
    }

    /// A row for every text in every column.
    fn rows(&self, columns: &[String]) -> Rows {
        let titles = columns
            .iter()
            .cloned()
            .chain(self.more.iter().map(|(title, _)| (*title).to_owned()));
        let mut rows = vec![titles.collect::<Vec<_>>()];
        for (at, _) in columns.iter().enumerate() {
            for text in texts() {
                let mut row: Vec<_> = columns.iter().map(|_| String::new()).collect();
                let named = columns.iter().position(|column| column == self.name).unwrap();
                row[named] = format!("row {}", rows.len());
                row[at] = text;
                row.extend(self.more.iter().map(|(_, value)| (*value).to_owned()));
                rows.push(row);
            }
        }
        rows
    }

    async fn import(&self, client: &Client, query: &str, file: Bytes) -> anyhow::Result<Value> {
        if self.path == "/asset" {
            return assets(client, query, file).await;
        }
        let media = [("content-type", "application/octet-stream")];
        let path = format!("{}/import{query}", self.path);
        Ok(client.request("POST", &path, &media, file).await?.data())
    }

    /// All that there are, in the order in which they were added.
    async fn stored(&self, client: &Client) -> anyhow::Result<Vec<Value>> {
        let path = format!("{}/list?page_size=500&sort={}", self.path, self.id);
        Ok(client.get(&path).await?.data()["items"]
            .as_array()
            .unwrap()
            .clone())
    }
}

fn csv(rows: &Rows) -> anyhow::Result<Bytes> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    Ok(writer.into_inner()?.into())
}

fn xlsx(rows: &Rows) -> anyhow::Result<Bytes> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in rows.iter().zip(0..) {
        for (cell, column) in row.iter().zip(0..) {
            sheet.write_string(line, column, cell)?;
        }
    }
    Ok(book.save_to_buffer()?.into())
}

async fn nothing_is_taken_for_what_it_is_not(
    write: fn(&Rows) -> anyhow::Result<Bytes>,
) -> anyhow::Result<()> {
    let document = webserver::openapi_document();
    for kind in KINDS {
        let world = World::start().await?;
        let client = world.client(ACCOUNTS[1]).await?;
        if !kind.more.is_empty() {
            add_station(&client, "一号站", 0).await?;
        }
        let columns = kind.columns(&document);
        assert!(columns.len() > 8, "{columns:?}");
        let rows = kind.rows(&columns);
        let report = kind.import(&client, "", write(&rows)?).await?;
        assert_eq!(report["rows"], rows.len() - 1, "{}", report["faults"]);
        let titles = report["preview"]["titles"].as_array().unwrap();
        let faults = report["faults"].as_array().unwrap();
        assert_eq!(report["fault_count"], faults.len());
        let mut sound = vec![rows[0].clone()];
        for (nth, row) in rows.iter().enumerate().skip(1) {
            let at = (nth - 1) / texts().len();
            let refused = |fault: &Value| fault["column"] == titles[at] && fault["row"] == nth + 1;
            if !faults.iter().any(refused) {
                sound.push(row.clone());
            }
        }
        assert_eq!(faults.len(), rows.len() - sound.len(), "{faults:#?}");
        assert!(sound.len() > 100, "{}: {faults:#?}", sound.len());
        assert_eq!(kind.stored(&client).await?.len(), 0);

        let report = kind.import(&client, "", write(&sound)?).await?;
        assert_eq!(report["is_done"], true, "{}", report["faults"]);
        let stored = kind.stored(&client).await?;
        assert_eq!(stored.len(), sound.len() - 1);
        for (row, stored) in sound.iter().skip(1).zip(&stored) {
            for (column, text) in columns.iter().zip(row) {
                let is = stored[column].as_str().unwrap();
                let defaults = text.is_empty() && matches!(column.as_str(), "audit_status" | "time_zone");
                assert!(is == text || defaults, "{column}: {text:?} is stored as {is:?}");
            }
        }
        goes_out_and_in_again(&kind, &client, &stored).await?;
    }
    Ok(())
}

/// What is exported has no formulas, and can be imported again without a change.
async fn goes_out_and_in_again(kind: &Kind, client: &Client, stored: &[Value]) -> anyhow::Result<()> {
    let csv = client.get(&format!("{}/list?export=csv", kind.path)).await?.bytes;
    let book = client
        .get(&format!("{}/list?export=xlsx", kind.path))
        .await?
        .bytes;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&csv[..]);
    let mut guarded = 0;
    for record in reader.records() {
        for cell in record?.iter() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
            guarded += usize::from(cell.starts_with("'="));
        }
    }
    assert!(guarded > 5, "{guarded}");
    let mut read: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(book.to_vec()))?;
    let name = read.sheet_names()[0].clone();
    assert!(read.worksheet_formula(&name)?.used_cells().next().is_none());
    let cells = read.worksheet_range(&name)?;
    let formulas = cells
        .used_cells()
        .filter(|(_, _, cell)| matches!(cell, Data::String(text) if text.starts_with('=')));
    assert_eq!(formulas.count(), guarded, "texts are texts in a workbook");
    for file in [csv, book] {
        let report = kind.import(client, "", file).await?;
        assert_eq!(
            (&report["is_done"], &report["updated"]),
            (&json!(true), &json!(stored.len())),
            "{report}"
        );
        assert_eq!(kind.stored(client).await?, stored);
    }
    Ok(())
}

#[tokio::test]
async fn a_csv_with_hostile_texts() -> anyhow::Result<()> {
    nothing_is_taken_for_what_it_is_not(csv).await
}

#[tokio::test]
async fn a_workbook_with_hostile_texts() -> anyhow::Result<()> {
    nothing_is_taken_for_what_it_is_not(xlsx).await
}

/// More than a cell of a workbook holds: cut there, whole in CSV.
#[tokio::test]
async fn a_text_that_no_cell_holds_is_exported_all_the_same() -> anyhow::Result<()> {
    let world = World::start().await?;
    let client = world.chief().await?;
    let after = "长".repeat(100_000);
    let record = OperationRecord {
        timestamp: store::versioned::now(),
        operation_id: 1,
        user_id: 10,
        account: "chaoguan",
        address: "192.0.2.1",
        operation: "/x",
        resource: "x",
        resource_id: "1",
        before: "",
        after: &after,
        result: "成功",
    };
    world.insert(&[record]).await?;
    let export = async |format: &str| {
        client
            .get(&format!("/operation_record/list?export={format}"))
            .await
    };
    assert!(export("csv").await?.text.contains(&after));
    let book = export("xlsx").await?;
    assert_eq!(book.status, 200, "{}", book.text);
    let mut read: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(book.bytes.to_vec()))?;
    let cells = read.worksheet_range_at(0).unwrap()?;
    let longest = cells
        .used_cells()
        .map(|(_, _, cell)| cell.to_string().encode_utf16().count())
        .max();
    assert_eq!(longest, Some(LONGEST));
    Ok(())
}
