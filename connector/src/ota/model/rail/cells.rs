//! What happened at a pile in a slot of time.

use std::collections::HashMap;

use super::Subject;

/// How much history it takes to believe that a pile differs from the others: as many expected events.
const PRIOR: f64 = 1.0;

/// One pile in one slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// The pile: its place among the subjects.
    pub place: usize,
    /// When the slot begins, Unix ms.
    pub slot: i64,
    /// What is counted, as people read it.
    pub events: f64,
    /// What is counted, as the test takes it: without what would drown the rest.
    pub scored: f64,
    /// Of how much.
    pub exposure: f64,
}

impl Cell {
    /// Starts of a pile in a slot. A driver who tries again at a pile that fails makes several failures out of one:
    /// the test takes one.
    pub fn starts(place: usize, slot: i64, failures: f64, starts: f64) -> Self {
        Self {
            place,
            slot,
            events: failures,
            scored: failures.min(1.0),
            exposure: starts,
        }
    }
}

/// How much of something each pile usually has, from its events and exposure before the campaign: 1 = as much as all
/// together, drawn towards 1 where the history is short.
pub fn usual(history: &[(f64, f64)]) -> Vec<f64> {
    let events: f64 = history.iter().map(|(events, _)| events).sum();
    let exposure: f64 = history.iter().map(|(_, exposure)| exposure).sum();
    let rate = if exposure > 0.0 { events / exposure } else { 0.0 };
    history
        .iter()
        .map(|(events, exposure)| (PRIOR + events) / (PRIOR + rate * exposure))
        .collect()
}

/// Cells of every subject in every slot in which it counts, each with this exposure: for what is counted over time,
/// where no row means that nothing happened.
pub fn spread(
    subjects: &[Subject],
    slots: &[i64],
    exposure: f64,
    events: &HashMap<(u64, i64), f64>,
) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(subjects.len() * slots.len());
    for (place, subject) in subjects.iter().enumerate() {
        for slot in slots.iter().filter(|slot| **slot >= subject.since) {
            let events = events.get(&(subject.device_id, *slot)).copied().unwrap_or(0.0);
            cells.push(Cell {
                place,
                slot: *slot,
                events,
                scored: events,
                exposure,
            });
        }
    }
    cells
}

/// The cells, what the test takes of them brought down to this quantile (0 to 1) of their slot: a few piles that talk
/// a hundred times as much as the others would drown everything. Each is measured by what it usually has, or a pile
/// that always talks much would be cut short of what is expected of it.
pub fn capped(subjects: &[Subject], mut cells: Vec<Cell>, quantile: f64) -> Vec<Cell> {
    let usual = |cell: &Cell| subjects[cell.place].usual;
    let mut slots: HashMap<i64, Vec<f64>> = HashMap::new();
    for cell in &cells {
        slots
            .entry(cell.slot)
            .or_default()
            .push(cell.scored / usual(cell));
    }
    let caps: HashMap<i64, f64> = slots
        .into_iter()
        .map(|(slot, mut events)| {
            events.sort_by(f64::total_cmp);
            let place = ((events.len() - 1) as f64 * quantile).round() as usize;
            (slot, events[place])
        })
        .collect();
    for cell in &mut cells {
        cell.scored = cell.scored.min(caps[&cell.slot] * usual(cell));
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(device_id: u64, usual: f64) -> Subject {
        Subject {
            device_id,
            block: 0,
            updated: true,
            since: 0,
            usual,
        }
    }

    #[test]
    fn nothing_happened_where_there_is_no_row() {
        let subject = Subject {
            since: 10,
            ..subject(7, 1.0)
        };
        let events = HashMap::from([((7, 20), 3.0), ((7, 0), 9.0)]);
        let cells = spread(&[subject], &[0, 10, 20], 1.0, &events);
        let counts: Vec<_> = cells.iter().map(|cell| (cell.slot, cell.events)).collect();
        assert_eq!(counts, [(10, 0.0), (20, 3.0)]);
    }

    #[test]
    fn what_is_far_above_the_others_is_brought_down() {
        let cells: Vec<_> = (0..100)
            .map(|nth| Cell {
                place: nth,
                slot: 0,
                events: 0.0,
                scored: if nth == 0 { 1e9 } else { nth as f64 },
                exposure: 1.0,
            })
            .collect();
        let alike: Vec<_> = (0..100).map(|nth| subject(nth, 1.0)).collect();
        let brought_down = capped(&alike, cells.clone(), 0.98);
        assert_eq!((brought_down[0].scored, brought_down[50].scored), (98.0, 50.0));
        // Of one that always talks much this much is usual.
        let mut one_talks = alike;
        one_talks[0].usual = 1e9;
        let let_be = capped(&one_talks, cells, 0.98);
        assert_eq!((let_be[0].scored, let_be[99].scored), (1e9, 97.0));
    }

    #[test]
    fn what_a_pile_usually_has_needs_history() {
        let usual = usual(&[(0.0, 0.0), (30.0, 500.0), (0.0, 500.0)]);
        assert_eq!(usual[0], 1.0);
        assert!((usual[1] - 31.0 / 16.0).abs() < 1e-9 && (usual[2] - 1.0 / 16.0).abs() < 1e-9);
    }
}
