//! Which assets a page of their list shows, chosen in memory: what most people ask for is known there, and what piles
//! are doing is known nowhere else. The database then gives a few rows by their keys instead of sorting the fleet.

use std::{collections::HashSet, sync::Arc};

use protocol::Uuid;

use super::{
    Ground,
    error::ApiError,
    known::{Known, Pile},
    live::{Brief, Briefs, PileState},
    words::Words,
};

/// So many that are found are put in order; of more, the order that is kept is walked through until a page is full.
const MOST_SORTED: usize = 20_000;

/// What is asked of the assets; nothing: all.
#[derive(Debug, Default)]
pub(crate) struct Wanted<'a> {
    /// Only at these stations: what the caller sees.
    pub(crate) seen: Option<Arc<HashSet<u64>>>,
    pub(crate) sta_id: Option<u64>,
    pub(crate) model: Option<&'a str>,
    pub(crate) uuid: Option<&'a str>,
    /// In the name, in whatever case.
    pub(crate) words: Option<&'a str>,
    pub(crate) state: Option<PileState>,
}

/// A page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Picked {
    /// How many there are on all pages.
    pub(crate) total: u64,
    /// Those on this one, by name.
    pub(crate) ids: Vec<u64>,
}

impl Wanted<'_> {
    fn is_everything(&self) -> bool {
        let nothing = [self.model, self.uuid, self.words].iter().all(Option::is_none);
        self.seen.is_none() && self.sta_id.is_none() && nothing
    }

    /// All but the state.
    fn matches(&self, pile: &Pile, words: &Words) -> bool {
        self.seen.as_ref().is_none_or(|seen| seen.contains(&pile.sta_id))
            && self.sta_id.is_none_or(|sta_id| sta_id == pile.sta_id)
            && self.model.is_none_or(|model| model == &*pile.model)
            && self.uuid.is_none_or(|uuid| uuid == &*pile.name)
            && words.are_in(&[&pile.ass_name])
    }
}

impl Ground {
    /// The page of those that are wanted, by name; of `rows`, how many come before it and how many are on it.
    ///
    /// # Errors
    /// 503 without ClickHouse, or without Redis where a state is asked for.
    pub(crate) async fn pick(&self, wanted: &Wanted<'_>, rows: (u64, u64)) -> Result<Picked, ApiError> {
        let briefs = match wanted.state {
            Some(_) => Some(self.briefs().await?),
            None => None,
        };
        self.places.refresh(self).await?;
        let known = self.places.known();
        let state = wanted.state.zip(briefs.as_deref());
        Ok(pick(&known, wanted, state, rows))
    }
}

fn brief<'a>(briefs: &'a Briefs, pile: &Pile) -> Option<&'a Brief> {
    briefs.get(&Uuid::parse(&pile.name).ok()?)
}

fn pick(
    known: &Known,
    wanted: &Wanted<'_>,
    state: Option<(PileState, &Briefs)>,
    (first, size): (u64, u64),
) -> Picked {
    let words = &Words::of(wanted.words);
    let matches = |pile: &&Pile| {
        wanted.matches(pile, words)
            && state.is_none_or(|(state, briefs)| {
                brief(briefs, pile).map_or(PileState::Unknown, |brief| brief.state) == state
            })
    };
    let (first, size) = (first as usize, size as usize);
    let ids = |piles: &mut dyn Iterator<Item = &Pile>| -> Vec<u64> {
        piles.skip(first).take(size).map(|pile| pile.device_id).collect()
    };
    if wanted.is_everything() && state.is_none() {
        return Picked {
            total: known.count() as u64,
            ids: ids(&mut known.assets_by_name()),
        };
    }
    let mut found: Vec<&Pile> = match state {
        // Through those in this state rather than through all.
        Some((state, briefs)) if state != PileState::Unknown => {
            let in_state = briefs.iter().filter(|(_, brief)| brief.state == state);
            let piles = in_state.filter_map(|(uuid, brief)| {
                // A pile that had another uuid before has two states.
                let is_its = |pile: &&Pile| pile.name.as_bytes() == uuid.letters();
                known.pile(brief.device_id).filter(is_its)
            });
            piles.filter(|pile| wanted.matches(pile, words)).collect()
        }
        _ => match &wanted.seen {
            // Through the stations that are seen rather than through the fleet.
            Some(seen) => {
                let ids = seen.iter().flat_map(|sta_id| known.at(*sta_id));
                let piles = ids.filter_map(|id| known.pile(*id));
                piles.filter(matches).collect()
            }
            None => known.all().filter(matches).collect(),
        },
    };
    let total = found.len() as u64;
    if found.len() > MOST_SORTED {
        return Picked {
            total,
            ids: ids(&mut known.assets_by_name().filter(matches)),
        };
    }
    found.sort_unstable_by(|a, b| (&a.ass_name, a.device_id).cmp(&(&b.ass_name, b.device_id)));
    Picked {
        total,
        ids: ids(&mut found.into_iter()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pile(device_id: u64, sta_id: u64, ass_name: &str) -> Pile {
        Pile {
            device_id,
            timestamp: 1,
            flag_del: 0,
            sta_id,
            name: format!("AAAAAAA{}", char::from(b'A' + device_id as u8)).into(),
            ass_name: ass_name.into(),
            model: "DC-120".into(),
        }
    }

    fn known() -> Known {
        let mut known = Known::default();
        let piles = vec![
            pile(1, 9, "C桩"),
            pile(2, 9, "b桩"),
            pile(3, 8, "A桩"),
            pile(4, 8, "A桩"),
            pile(5, 9, "D桩"),
        ];
        known.take(piles, Vec::new());
        let gone = Pile {
            timestamp: 2,
            flag_del: 1,
            ..pile(5, 9, "D桩")
        };
        known.take(vec![gone], Vec::new());
        known
    }

    fn picked(wanted: &Wanted<'_>, rows: (u64, u64)) -> (u64, Vec<u64>) {
        let picked = pick(&known(), wanted, None, rows);
        (picked.total, picked.ids)
    }

    #[test]
    fn pages_are_by_name_then_by_id() {
        let all = Wanted::default();
        assert_eq!(picked(&all, (0, 20)), (4, vec![3, 4, 1, 2]));
        assert_eq!(picked(&all, (1, 2)), (4, vec![4, 1]));
        assert_eq!(picked(&all, (9, 2)), (4, vec![]));
        let here = Wanted {
            sta_id: Some(9),
            ..Wanted::default()
        };
        assert_eq!(picked(&here, (1, 20)), (2, vec![2]));
        let seen = Wanted {
            seen: Some(Arc::new([8].into())),
            ..Wanted::default()
        };
        assert_eq!(picked(&seen, (0, 20)), (2, vec![3, 4]));
        let named = Wanted {
            words: Some(" B "),
            ..Wanted::default()
        };
        assert_eq!(picked(&named, (0, 20)), (1, vec![2]));
    }

    #[test]
    fn what_was_never_seen_has_a_state_too() {
        let uuid = |letters: &str| Uuid::parse(letters).unwrap();
        let brief = |device_id, state| Brief {
            device_id,
            state,
            guns: Box::default(),
            open_warnings: 0,
        };
        let briefs: Briefs = [
            (uuid("AAAAAAAB"), brief(1, PileState::Idle)),
            (uuid("AAAAAAAD"), brief(3, PileState::Offline)),
            // Its uuid before it was given another, and a pile that is no asset.
            (uuid("ZZZZZZZZ"), brief(3, PileState::Idle)),
            (uuid("YYYYYYYY"), brief(77, PileState::Idle)),
        ]
        .into();
        let all = Wanted::default();
        let known = known();
        let of = |state| pick(&known, &all, Some((state, &briefs)), (0, 20)).ids;
        assert_eq!(of(PileState::Idle), [1]);
        assert_eq!(of(PileState::Offline), [3]);
        assert_eq!(of(PileState::Unknown), [4, 2]);
        assert_eq!(of(PileState::Fault), [0; 0]);
    }
}
