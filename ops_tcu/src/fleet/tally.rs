//! Counts that a worker keeps in plain integers and hands to the metrics once a second: a metrics
//! look-up per message would cost as much as the message.

use std::collections::BTreeMap;

use metrics::counter;

use super::traffic::{Direction, Names};

/// What happened since the last report.
#[derive(Debug)]
pub struct Tally {
    frames: [[u64; 2]; 256],
    named: BTreeMap<(&'static str, &'static str), u64>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            frames: [[0; 2]; 256],
            named: BTreeMap::new(),
        }
    }
}

impl Tally {
    /// Counts a frame of the command with this index.
    pub fn frame(&mut self, name: u8, direction: Direction) {
        self.frames[usize::from(name)][direction as usize] += 1;
    }

    /// Counts a payload that was refused for this reason.
    pub fn reject(&mut self, reason: &'static str) {
        self.count("ops_tcu_rejects_total", reason);
    }

    /// Counts something rare under a metric and a label.
    pub fn count(&mut self, metric: &'static str, label: &'static str) {
        *self.named.entry((metric, label)).or_default() += 1;
    }

    /// Hands the counts over and starts again.
    pub fn report(&mut self, names: &Names) {
        for (index, counts) in self.frames.iter_mut().enumerate().filter(|(_, c)| **c != [0, 0]) {
            for direction in [Direction::Up, Direction::Down] {
                let count = std::mem::take(&mut counts[direction as usize]);
                let command = names.name(index as u8).to_owned();
                counter!("ops_tcu_frames_total", "command" => command, "direction" => direction.as_str())
                    .increment(count);
            }
        }
        for ((metric, label), count) in std::mem::take(&mut self.named) {
            counter!(metric, "kind" => label).increment(count);
        }
    }
}
