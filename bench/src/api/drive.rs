//! Requests at a steady rate, whatever the answers take: a request's time begins when it was due.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::client::Client;
use super::requests::{Ask, Bar, PAGE};

/// Somebody, and what he asks.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) account: &'static str,
    pub(crate) client: Client,
    /// By name, each with its variants.
    pub(crate) requests: Vec<Vec<Ask>>,
}

/// Milliseconds of the answers, and how many failed, by name and account.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    times: BTreeMap<(&'static str, &'static str), (Bar, Vec<f64>)>,
    failures: BTreeMap<(&'static str, &'static str), usize>,
}

/// Asks in turn for so many seconds.
pub(crate) async fn drive(callers: &[Caller], rate: u32, seconds: u32) -> anyhow::Result<Measured> {
    let measured = Arc::new(Mutex::new(Measured::default()));
    let mut open = JoinSet::new();
    let began = Instant::now();
    for nth in 0..rate * seconds {
        let due = began + Duration::from_secs(1) * nth / rate;
        tokio::time::sleep_until(due).await;
        let nth = nth as usize;
        let caller = &callers[nth % callers.len()];
        let turn = nth / callers.len();
        let variants = &caller.requests[turn % caller.requests.len()];
        let ask = variants[turn / caller.requests.len() % variants.len()].clone();
        let (client, account, measured) = (caller.client.clone(), caller.account, measured.clone());
        open.spawn(async move {
            let answer = client.get(&ask.path).await;
            let took = due.elapsed().as_secs_f64() * 1000.0;
            let mut measured = measured.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let key = (ask.name, account);
            if matches!(answer, Ok((200, _))) {
                let entry = measured.times.entry(key).or_insert((ask.bar, Vec::new()));
                entry.1.push(took);
            } else {
                *measured.failures.entry(key).or_default() += 1;
            }
        });
        while open.try_join_next().is_some() {}
    }
    while open.join_next().await.is_some() {}
    let mut measured = measured.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    Ok(std::mem::take(&mut *measured))
}

impl Measured {
    /// How many were answered or failed.
    pub(crate) fn requests(&self) -> usize {
        let answered = self.times.values().map(|(_, times)| times.len());
        answered.sum::<usize>() + self.failures.values().sum::<usize>()
    }

    /// A table in Markdown, ms, and what all together took.
    pub(crate) fn print(&self) {
        println!("| request | as | n | p50 | p99 | max | bar | held |");
        println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
        let mut pages = Vec::new();
        for ((name, account), (bar, times)) in &self.times {
            println!("| {name} | {account} | {} |", row(times, *bar));
            if *bar == PAGE {
                pages.extend_from_slice(times);
            }
        }
        println!("| all lists and details | both | {} |", row(&pages, PAGE));
        for ((name, account), count) in &self.failures {
            println!("{count} of {name} as {account} FAILED");
        }
    }
}

fn row(times: &[f64], bar: Bar) -> String {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| match times.len() {
        0 => 0.0,
        many => times[((many as f64 * share) as usize).min(many - 1)],
    };
    format!(
        "{} | {:.0} | {:.0} | {:.0} | {:.0} / {:.0} | {}",
        times.len(),
        at(0.5),
        at(0.99),
        at(1.0),
        bar.p50,
        bar.p99,
        held(at(0.5) <= bar.p50 && at(0.99) <= bar.p99),
    )
}

/// A word for a bar.
pub(crate) fn held(held: bool) -> &'static str {
    if held { "yes" } else { "NO" }
}

#[cfg(test)]
mod tests {
    use super::{PAGE, row};

    #[test]
    fn percentiles_are_of_the_sorted_times() {
        let times: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(row(&times, PAGE), "100 | 51 | 100 | 100 | 20 / 100 | NO");
        assert_eq!(row(&[], PAGE), "0 | 0 | 0 | 0 | 20 / 100 | yes");
    }
}
