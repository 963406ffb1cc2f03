//! `POST /command/send`, one pile after the other at a steady rate: until the pile has it, and until ops_tcu says
//! `answered`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proxy::State;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Options;
use super::fleet::{Fleet, Told};
use super::site::Site;
use super::summary::{line, ms_between, now_us};

const COMMAND: &str = "软件版本查询";
/// For the last answers.
const UNTIL_ANSWERED: Duration = Duration::from_secs(60);

/// What was sent, Unix µs by uuid.
pub(super) struct Sent {
    /// When the request began.
    began: HashMap<String, u64>,
    /// Milliseconds until the web server had answered.
    accepted: Vec<f64>,
    /// When `answered` was heard.
    answered: HashMap<String, u64>,
}

/// Every pile gets one at most, so that what it heard tells which it was.
pub(super) async fn send(site: &Site, fleet: &Fleet, options: &Options) -> anyhow::Result<Sent> {
    let mut piles: Vec<(&String, &u64)> = fleet.piles.iter().collect();
    piles.sort();
    let sends = piles.len().min(options.sends as usize);
    // All over the fleet.
    let chosen: Vec<(String, u64)> = piles
        .iter()
        .step_by(piles.len() / sends.max(1))
        .take(sends)
        .map(|(uuid, device_id)| ((*uuid).clone(), **device_id))
        .collect();
    let answered = Arc::new(Mutex::new(HashMap::new()));
    let (mut outcomes, noted) = (site.outcomes.subscribe(), answered.clone());
    let listening = tokio::spawn(async move {
        while let Ok(outcome) = outcomes.recv().await {
            if outcome.state == State::Answered && outcome.command == COMMAND {
                let mut noted = noted.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                noted.insert(outcome.uuid.to_string(), now_us());
            }
        }
    });
    let (began, accepted) = drive(site, chosen, options.rate).await?;
    let wanted = began.len();
    let all_answered = async || answered.lock().map_or(0, |answered| answered.len()) >= wanted;
    // What is missing shows in the report.
    drop(testkit::wait_until(UNTIL_ANSWERED, all_answered).await);
    listening.abort();
    let mut answered = answered.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    Ok(Sent {
        began,
        accepted,
        answered: std::mem::take(&mut *answered),
    })
}

async fn drive(
    site: &Site,
    piles: Vec<(String, u64)>,
    rate: u32,
) -> anyhow::Result<(HashMap<String, u64>, Vec<f64>)> {
    let (mut open, started) = (
        JoinSet::<anyhow::Result<(String, u64, f64)>>::new(),
        Instant::now(),
    );
    for (nth, (uuid, device_id)) in (0..).zip(piles) {
        tokio::time::sleep_until(started + Duration::from_secs(1) * nth / rate).await;
        let client = site.client.clone();
        open.spawn(async move {
            let body = json!({ "device_id": device_id, "command": COMMAND });
            let began = now_us();
            let _: Value = client.post("/command/send", &body).await?;
            Ok((uuid, began, ms_between(began, now_us())))
        });
    }
    let (mut began, mut accepted) = (HashMap::new(), Vec::new());
    while let Some(sent) = open.join_next().await {
        let (uuid, at, took) = sent??;
        began.insert(uuid, at);
        accepted.push(took);
    }
    Ok((began, accepted))
}

/// Fails if a command did not come, or came twice.
pub(super) fn report(sent: &Sent, told: &Told) -> anyhow::Result<()> {
    let since = |uuid: &String, at: u64| sent.began.get(uuid).map(|&began| ms_between(began, at));
    let heard: Vec<_> = told.of(COMMAND).collect();
    let mut to_pile: Vec<f64> = heard
        .iter()
        .filter_map(|one| since(&one.uuid, one.heard_us))
        .collect();
    let mut to_answer: Vec<f64> = heard
        .iter()
        .filter_map(|one| since(&one.uuid, one.answered_us?))
        .collect();
    let mut known: Vec<f64> = sent
        .answered
        .iter()
        .filter_map(|(uuid, &at)| since(uuid, at))
        .collect();
    let mut accepted = sent.accepted.clone();
    println!("{}", line("POST /command/send answered", &mut accepted, ""));
    println!(
        "{}",
        line("POST until the pile has it", &mut to_pile, "bar: p99 100 ms")
    );
    println!("{}", line("POST until the pile has answered", &mut to_answer, ""));
    println!("{}", line("POST until `answered`", &mut known, "bar: p99 200 ms"));
    let wanted = sent.began.len();
    anyhow::ensure!(
        to_pile.len() == wanted && known.len() == wanted,
        "{wanted} commands sent, {} heard, {} known to be answered",
        to_pile.len(),
        known.len()
    );
    let repeated = heard.iter().filter(|one| one.times > 1).count();
    anyhow::ensure!(repeated == 0, "{repeated} commands were heard more than once");
    Ok(())
}
