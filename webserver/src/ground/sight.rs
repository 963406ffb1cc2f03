//! Which piles a request is about: those its filter names among those its caller sees, found in each web server's
//! memory ([`super::places`]) rather than by every query anew. Few of them are named to the database. Where they
//! are many, it is asked for the newest events of all piles and what is not seen is left out here, because working
//! out the many took it longer than reading the page.

use std::{collections::HashSet, sync::Arc};

use store::{Conditions, Value};

use super::{
    Ground,
    error::ApiError,
    known::{Known, Pile},
    piles::Piles,
    scope::Scope,
};

/// As many piles as are named to the database: the text of a query stays below 64 KiB.
const FEW: usize = 4_000;
/// More rows than this are not read to leave most of them out.
const MOST_ROWS: u64 = 2_000;
/// Rows read beyond what is expected to be needed: chance, and few of the piles speaking more than the others.
const MARGIN: f64 = 1.5;

/// What a list of events asks for.
#[derive(Debug, Clone)]
pub(crate) struct Sight {
    /// All of it, for the database.
    pub(crate) exactly: Conditions,
    wide: Option<Wide>,
}

/// The same without the piles, which are too many to be named.
#[derive(Debug, Clone)]
struct Wide {
    conditions: Conditions,
    which: Which,
    /// Of all piles, how many are meant, 0 to 1.
    share: f64,
}

/// Which piles are meant.
#[derive(Debug, Clone)]
struct Which {
    stations: Option<Arc<HashSet<u64>>>,
    model: Option<String>,
}

impl Which {
    fn is_one(&self, pile: &Pile) -> bool {
        self.stations
            .as_ref()
            .is_none_or(|seen| seen.contains(&pile.sta_id))
            && self.model.as_deref().is_none_or(|model| *model == *pile.model)
    }
}

impl From<Conditions> for Sight {
    fn from(exactly: Conditions) -> Self {
        Self { exactly, wide: None }
    }
}

impl Ground {
    /// Events that meet the conditions, of piles that the filter names and the caller sees. Rows have the column
    /// `device_id`.
    ///
    /// # Errors
    /// 503 without ClickHouse.
    pub(crate) async fn sight(
        &self,
        scope: &Scope,
        piles: Piles<'_>,
        conditions: Conditions,
    ) -> Result<Sight, ApiError> {
        if *scope == Scope::All && piles.sta_id.is_none() && piles.model.is_none() && piles.uuid.is_none() {
            // Also what is no asset any more.
            return Ok(conditions.and_if("device_id = ?", piles.device_id).into());
        }
        let found = self.with_places(|known| find(known, scope, piles)).await?;
        Ok(match found {
            Found::Few(ids) => named(conditions, ids).into(),
            Found::Some => piles.of(scope, conditions).into(),
            Found::Many { share, which } => Sight {
                exactly: piles.of(scope, conditions.clone()),
                wide: Some(Wide {
                    conditions,
                    which,
                    share,
                }),
            },
        })
    }

    /// # Errors
    /// 404 for a pile that the caller does not see, 503 without ClickHouse.
    pub(crate) async fn require_pile(&self, scope: &Scope, device_id: u64) -> Result<(), ApiError> {
        let seen = |known: &Known| {
            let pile = known.pile(device_id);
            pile.is_some_and(|pile| scope.sees_station(pile.sta_id))
        };
        match self.with_place(device_id, seen).await? {
            true => Ok(()),
            false => Err(ApiError::NotFound),
        }
    }
}

fn named(conditions: Conditions, ids: Vec<u64>) -> Conditions {
    match ids.as_slice() {
        [] => conditions.and("0", []),
        [id] => conditions.and("device_id = ?", [(*id).into()]),
        _ => conditions.and("device_id IN ?", [Value::UnsignedList(ids)]),
    }
}

enum Found {
    /// These.
    Few(Vec<u64>),
    /// Too many to be named, and not worth more.
    Some,
    Many {
        share: f64,
        which: Which,
    },
}

fn find(known: &Known, scope: &Scope, piles: Piles<'_>) -> Found {
    let which = Which {
        stations: match scope {
            Scope::All => None,
            Scope::Within { stations, .. } => Some(stations.clone()),
        },
        model: piles.model.map(str::to_owned),
    };
    if let Some(id) = piles.device_id {
        return few(known, &which, piles, &[id]);
    }
    if let Some(uuid) = piles.uuid {
        let id = known.speaks(uuid).map(|pile| pile.device_id);
        return few(known, &which, piles, id.as_slice());
    }
    if let Some(sta_id) = piles.sta_id {
        return few(known, &which, piles, known.at(sta_id));
    }
    let many = |count: usize| Found::Many {
        share: count as f64 / known.len().max(1) as f64,
        which: which.clone(),
    };
    match (&which.stations, &which.model) {
        (Some(seen), None) => {
            let count = seen.iter().map(|sta_id| known.at(*sta_id).len()).sum();
            match count {
                0..=FEW => Found::Few(
                    seen.iter()
                        .flat_map(|sta_id| known.at(*sta_id))
                        .copied()
                        .collect(),
                ),
                _ => many(count),
            }
        }
        _ => {
            let ids: Vec<u64> = known
                .all()
                .filter(|pile| which.is_one(pile))
                .map(|pile| pile.device_id)
                .collect();
            match ids.len() {
                0..=FEW => Found::Few(ids),
                count => many(count),
            }
        }
    }
}

/// Those of the ids that are meant.
fn few(known: &Known, which: &Which, piles: Piles<'_>, ids: &[u64]) -> Found {
    let meant = |pile: &&Pile| {
        which.is_one(pile)
            && piles.sta_id.is_none_or(|id| id == pile.sta_id)
            && piles.uuid.is_none_or(|uuid| *uuid == *pile.name)
    };
    if ids.len() > FEW {
        return Found::Some;
    }
    let piles = ids.iter().filter_map(|id| known.pile(*id)).filter(meant);
    Found::Few(piles.map(|pile| pile.device_id).collect())
}

/// How to read a page by leaving out what is not seen.
#[derive(Debug)]
pub(crate) struct Wider<'a> {
    pub(crate) conditions: &'a Conditions,
    /// So many rows are read.
    pub(crate) rows: u64,
    which: &'a Which,
}

impl Sight {
    /// For a page that ends before row `end`; none where the database is better asked for exactly what is meant.
    pub(crate) fn wider(&self, end: u64) -> Option<Wider<'_>> {
        let wide = self.wide.as_ref()?;
        let rows = (end as f64 / wide.share * MARGIN).ceil() as u64 + 20;
        (rows <= MOST_ROWS).then_some(Wider {
            conditions: &wide.conditions,
            rows,
            which: &wide.which,
        })
    }
}

impl Wider<'_> {
    /// Leaves only rows of piles that are meant. `device_id` says of a row whose it is.
    ///
    /// # Errors
    /// 503 without ClickHouse.
    pub(crate) async fn retain<T>(
        &self,
        ground: &Ground,
        rows: &mut Vec<T>,
        device_id: impl Fn(&mut T) -> u64,
    ) -> Result<(), ApiError> {
        let keep = |known: &Known| {
            rows.retain_mut(|row| {
                known
                    .pile(device_id(row))
                    .is_some_and(|pile| self.which.is_one(pile))
            });
        };
        ground.with_places(keep).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stations 1 to 60 with 100 piles each.
    fn fleet() -> Known {
        let mut known = Known::default();
        for id in 0..6000u64 {
            let model = if id % 2 == 0 { "DC-60" } else { "DC-120" };
            known.put(id + 1, id / 100 + 1, &format!("{id:08}"), model);
        }
        known
    }

    fn seeing(stations: std::ops::RangeInclusive<u64>) -> Scope {
        Scope::Within {
            own: Arc::new(vec![1]),
            organizations: Arc::default(),
            stations: Arc::new(stations.collect()),
        }
    }

    fn named(found: Found) -> Option<usize> {
        match found {
            Found::Few(ids) => Some(ids.len()),
            Found::Some | Found::Many { .. } => None,
        }
    }

    #[test]
    fn what_is_outside_is_not_named() {
        let known = fleet();
        let found = |scope: &Scope, piles| named(find(&known, scope, piles));
        let two = seeing(1..=2);
        let at = |sta_id| Piles {
            sta_id: Some(sta_id),
            ..Piles::default()
        };
        let uuid = |uuid| Piles {
            uuid: Some(uuid),
            ..Piles::default()
        };
        let device = |device_id| Piles {
            device_id: Some(device_id),
            ..Piles::default()
        };
        assert_eq!(found(&two, Piles::default()), Some(200));
        assert_eq!((found(&two, at(2)), found(&two, at(3))), (Some(100), Some(0)));
        assert_eq!(
            (found(&two, uuid("00000199")), found(&two, uuid("00000200"))),
            (Some(1), Some(0))
        );
        assert_eq!(
            (found(&two, device(200)), found(&two, device(201))),
            (Some(1), Some(0))
        );
        assert_eq!(found(&seeing(0..=0), Piles::default()), Some(0));
        let both = Piles {
            sta_id: Some(2),
            uuid: Some("00000001"),
            ..Piles::default()
        };
        assert_eq!(found(&Scope::All, both), Some(0), "at another station");
        let model = Piles {
            sta_id: Some(1),
            model: Some("DC-60"),
            ..Piles::default()
        };
        assert_eq!(found(&two, model), Some(50));
    }

    #[test]
    fn many_are_left_to_be_told_apart_in_the_rows() {
        let known = fleet();
        let Found::Many { share, which } = find(&known, &seeing(1..=45), Piles::default()) else {
            panic!("4,500 piles are many");
        };
        assert!((share - 0.75).abs() < 1e-9);
        assert!(known.pile(4500).is_some_and(|pile| which.is_one(pile)));
        assert!(known.pile(4501).is_some_and(|pile| !which.is_one(pile)));
        let sight = |share| Sight {
            exactly: Conditions::new(),
            wide: Some(Wide {
                conditions: Conditions::new(),
                which: which.clone(),
                share,
            }),
        };
        assert_eq!(sight(0.75).wider(20).map(|wider| wider.rows), Some(60));
        assert!(sight(0.75).wider(2_000).is_none(), "a page far down");
        assert!(sight(0.01).wider(20).is_none(), "hardly any row");
        assert!(Sight::from(Conditions::new()).wider(20).is_none());
    }
}
