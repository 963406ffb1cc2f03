//! What a caller asks: every list, and details of what the lists show.

use serde_json::Value;

use super::client::Client;
use crate::generate::{FIRST_STATION, Sizes, Watched};

/// A request, and under which name it is measured.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) name: &'static str,
    pub(crate) path: String,
    pub(crate) bar: Bar,
}

/// What a request should take at most, ms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bar {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// Lists and details.
pub(crate) const PAGE: Bar = Bar {
    p50: 20.0,
    p99: 100.0,
};
/// 200 piles live.
const MONITOR: Bar = Bar { p50: 50.0, p99: 50.0 };
/// All stations, and what is counted of the whole fleet.
const OVERVIEW: Bar = Bar {
    p50: 200.0,
    p99: 200.0,
};

/// Lists, asked as they are: name, and what is asked.
const LISTS: &[(&str, &str)] = &[
    ("/boot_failure/list", "/boot_failure/list"),
    (
        "/boot_failure/list, one party",
        "/boot_failure/list?failed_party=%E6%A1%A9%E5%8E%9F%E5%9B%A0&page=2",
    ),
    ("/trade_record/list", "/trade_record/list"),
    (
        "/trade_record/list, one VIN",
        "/trade_record/list?vin=LGXC16DF4A00",
    ),
    ("/trade_record/conflict/list", "/trade_record/conflict/list"),
    ("/login/list", "/login/list"),
    ("/warn/list, open", "/warn/list"),
    ("/warn/list, closed", "/warn/list?state=closed"),
    ("/device_model/list", "/device_model/list"),
    ("/organization/tree", "/organization/tree"),
    ("/organization/station/list", "/organization/station/list"),
    ("/operation_record/list", "/operation_record/list"),
    ("/user/list", "/user/list"),
    ("/station/list", "/station/list"),
    ("/asset/list", "/asset/list"),
];

/// Figures over a day of the whole fleet.
const STATISTICS: &[(&str, &str)] = &[
    (
        "/boot_failure/statistics, by code",
        "/boot_failure/statistics?by=code&top=8",
    ),
    (
        "/boot_failure/statistics, by party",
        "/boot_failure/statistics?by=party",
    ),
    (
        "/boot_failure/statistics, by station",
        "/boot_failure/statistics?by=station",
    ),
    (
        "/boot_failure/statistics, by firmware",
        "/boot_failure/statistics?by=firmware",
    ),
    ("/trade_record/statistics", "/trade_record/statistics"),
];

/// All requests of a caller, the names in turn. What the server does not have, or wants more for, is left out
/// and said.
pub(crate) async fn of(client: &Client, sizes: &Sizes) -> anyhow::Result<Vec<Vec<Ask>>> {
    let mut all = Vec::new();
    let lists = LISTS.iter().map(|list| (list, PAGE));
    let statistics = STATISTICS.iter().map(|statistics| (statistics, OVERVIEW));
    for ((name, path), bar) in lists.chain(statistics) {
        match client.get(path).await? {
            (200, _) => all.push(vec![Ask {
                name,
                path: (*path).to_owned(),
                bar,
            }]),
            (status, _) => println!("{path} is left out: {status}"),
        }
    }
    let failures = client.data("/boot_failure/list?page_size=100").await?;
    all.push(details(
        &failures,
        "/boot_failure/detail",
        &["device_id", "timestamp", "trade_id"],
    ));
    let charges = client.data("/trade_record/list?page_size=100").await?;
    all.push(details(
        &charges,
        "/trade_record/detail",
        &["device_id", "trade_id"],
    ));
    let assets = client.data("/asset/list?page_size=100").await?;
    all.push(details(&assets, "/asset/detail", &["device_id"]));
    all.extend(histories(client, sizes).await?);
    all.extend(live(client).await?);
    all.retain(|asks| !asks.is_empty());
    Ok(all)
}

fn details(list: &Value, name: &'static str, fields: &[&str]) -> Vec<Ask> {
    let ask = |item: &Value| {
        let pair = |field: &&str| match &item[*field] {
            Value::String(text) => format!("{field}={text}"),
            other => format!("{field}={other}"),
        };
        let query: Vec<_> = fields.iter().map(pair).collect();
        Ask {
            name,
            path: format!("{name}?{}", query.join("&")),
            bar: PAGE,
        }
    };
    list["items"].as_array().into_iter().flatten().map(ask).collect()
}

/// What is shown of everything at once, as far as this caller sees it.
async fn live(client: &Client) -> anyhow::Result<Vec<Vec<Ask>>> {
    let asks = [
        ("/station/overview", "/station/overview".to_owned(), OVERVIEW),
        (
            "/station/monitor, 200 piles",
            format!("/station/monitor?sta_id={FIRST_STATION}"),
            MONITOR,
        ),
        (
            "/asset/list, charging",
            "/asset/list?state=%E5%85%85%E7%94%B5".to_owned(),
            PAGE,
        ),
    ];
    let mut seen = Vec::new();
    for (name, path, bar) in asks {
        if client.get(&path).await?.0 == 200 {
            seen.push(vec![Ask { name, path, bar }]);
        }
    }
    Ok(seen)
}

/// A day of piles that this caller sees.
async fn histories(client: &Client, sizes: &Sizes) -> anyhow::Result<[Vec<Ask>; 2]> {
    const WANTED: usize = 30;
    let watched = Watched::of(sizes);
    let to = store::versioned::now();
    let from = to - 86_400_000;
    let (mut charts, mut lists) = (Vec::new(), Vec::new());
    for n in 0..watched.count {
        let query = format!("device_id={}&from={from}&to={to}", watched.pile(n * 7919));
        let path = format!("/run_data/history?{query}");
        if client.get(&path).await?.0 != 200 {
            continue;
        }
        let name = "/run_data/history, a day";
        let bar = PAGE;
        charts.push(Ask { name, path, bar });
        let name = "/run_data/list, a day";
        let path = format!("/run_data/list?{query}");
        lists.push(Ask { name, path, bar });
        if charts.len() == WANTED {
            break;
        }
    }
    Ok([charts, lists])
}
