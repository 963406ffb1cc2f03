//! The fuzz target on stable, bounded and reproducible: the samples, and mutations of them.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::check::check;
use crate::samples;

#[test]
fn every_sample_and_every_prefix_of_it() {
    for (_, sample) in samples() {
        for length in 0..=sample.len() {
            check(&sample[..length]);
        }
    }
}

/// One change to a payload, at a place given as a share of its length.
#[derive(Debug, Clone)]
enum Mutation {
    Set(usize, u8),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    Copy(usize, usize, usize),
}

impl Mutation {
    fn apply(&self, payload: &mut Vec<u8>) {
        let length = payload.len();
        let place = |at: usize| at % (length + 1);
        match self {
            Self::Set(at, byte) if length > 0 => payload[at % length] = *byte,
            Self::Set(..) => {}
            Self::Insert(at, bytes) => {
                let at = place(*at);
                payload.splice(at..at, bytes.iter().copied());
            }
            Self::Remove(at, count) => {
                let at = place(*at);
                payload.drain(at..length.min(at + count));
            }
            Self::Copy(from, count, to) => {
                let from = place(*from);
                let part = payload[from..length.min(from + count)].to_vec();
                let to = place(*to);
                payload.splice(to..to, part);
            }
        }
    }
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let place = 0..4096_usize;
    let syntax = prop::sample::select(&b"\"\\{}[],:\0\xff\x80\xb3\x5c"[..]);
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 1..8),
        prop::collection::vec(syntax.clone(), 1..8),
        Just(b"\",\"".to_vec()),
        Just(b"\"},{\"".to_vec()),
        Just(b"\\u".to_vec()),
    ];
    prop_oneof![
        (place.clone(), prop_oneof![any::<u8>(), syntax]).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        (place.clone(), bytes).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        (place.clone(), 1..40_usize).prop_map(|(at, count)| Mutation::Remove(at, count)),
        (place.clone(), 1..80_usize, place).prop_map(|(from, count, to)| Mutation::Copy(from, count, to)),
    ]
}

#[test]
fn mutated_samples() {
    let samples: Vec<_> = samples().into_iter().map(|(_, sample)| sample).collect();
    let input = (
        prop::sample::select(samples),
        prop::collection::vec(mutation(), 1..6),
    );
    let config = Config {
        cases: 6_000,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    runner
        .run(&input, |(mut payload, mutations)| {
            mutations.iter().for_each(|mutation| mutation.apply(&mut payload));
            check(&payload);
            Ok(())
        })
        .unwrap();
}
