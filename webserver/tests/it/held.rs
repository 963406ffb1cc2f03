//! Lists whose pages come from memory and whose files come from the database say the same.

use serde_json::{Value, json};

use crate::world::{ACCOUNTS, Client, EAST, GROUP, World};

/// The texts of these fields, row by row, of a page and of the file of the same.
async fn both(
    client: &Client,
    path: &str,
    fields: &[(&str, usize)],
) -> anyhow::Result<(Vec<Vec<String>>, Vec<Vec<String>>)> {
    let page = client.get(path).await?.data();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let rows = page["items"].as_array().unwrap().iter();
    let page: Vec<Vec<String>> = rows
        .map(|row| fields.iter().map(|(name, _)| text(&row[*name])).collect())
        .collect();
    let file = client.get(&format!("{path}&export=csv")).await?.text;
    let mut reader = csv::Reader::from_reader(file.trim_start_matches('\u{feff}').as_bytes());
    let lines = reader.records().map(|record| {
        let record = record.unwrap();
        fields
            .iter()
            .map(|(_, column)| record[*column].to_owned())
            .collect()
    });
    Ok((page, lines.collect()))
}

#[tokio::test]
async fn a_page_from_memory_is_the_file_from_the_database() -> anyhow::Result<()> {
    let world = World::start().await?;
    let (chief, keeper) = (world.chief().await?, world.client(ACCOUNTS[1]).await?);
    for (account, name) in [("Zoe", "周"), ("adam_x", "李' OR 1=1"), ("Bob", "李")] {
        let details = json!({ "user_name": name, "role_id": 4, "organization_ids": [EAST], "phone": "138%" });
        let new = json!({ "account": account, "details": details });
        keeper.post("/user/add", &new).await?.data();
    }
    let users = [
        ("user_id", 0),
        ("account", 1),
        ("user_name", 2),
        ("role_name", 3),
        ("state", 6),
    ];
    let users: (&str, &[_]) = ("/user/list", &users);
    let given = [("organization_id", 0), ("sta_id", 1), ("sta_name", 2)];
    let given: (&str, &[_]) = ("/organization/station/list", &given);
    let mut seen = 0;
    for ((path, fields), query) in [
        (users, "sort=account"),
        (users, "sort=-user_name"),
        (users, "sort=role_id"),
        (users, "sort=-timestamp"),
        (users, "words=%25"),
        (users, "words=+ZOE+"),
        (users, "words=李"),
        (users, "role_id=4&sort=-account"),
        (users, "state=停用"),
        (users, "state=启用&sort=state"),
        (users, &format!("organization_id={GROUP}")),
        (given, "page_size=500"),
        (given, "sort=-sta_name"),
        (given, "sort=sta_id"),
        (given, "sta_name=站"),
        (given, "sta_name=%25"),
        (given, &format!("organization_id={EAST}&sort=-sta_id")),
    ] {
        for client in [&chief, &keeper] {
            let (page, file) = both(client, &format!("{path}?{query}"), fields).await?;
            assert_eq!(page, file, "{path}?{query}");
            seen += page.len();
        }
    }
    assert!(seen > 60, "only {seen} rows were compared");

    let second = keeper.get("/user/list?page=2&page_size=2").await?.data();
    let all = keeper.get("/user/list").await?.data();
    assert_eq!(second["total"], all["total"]);
    assert_eq!(
        second["items"].as_array().unwrap()[..],
        all["items"].as_array().unwrap()[2..4]
    );
    let beyond = keeper.get("/user/list?page=99").await?.data();
    assert_eq!((&beyond["total"], &beyond["items"]), (&all["total"], &json!([])));
    assert_eq!(
        keeper.get("/user/list?sort=password_hash").await?.failure().0,
        422
    );
    Ok(())
}
