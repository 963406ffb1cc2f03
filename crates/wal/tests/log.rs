//! What the log promises, on real files: group commit, order, recovery at every cut, numbers never
//! used twice, and a full folder that stops intake rather than memory.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use wal::{Batch, FrameBuilder, Options, Segment, Sink, WalError, Writer};

enum Event {
    Committed(Vec<u32>),
    Closed(Segment),
    Failing,
}

struct Tell(flume::Sender<Event>);

impl Sink<u32> for Tell {
    fn committed(&mut self, receipts: Vec<u32>, _bytes: u64, _sync: Duration) {
        self.0.send(Event::Committed(receipts)).unwrap();
    }
    fn closed(&mut self, segment: Segment) {
        self.0.send(Event::Closed(segment)).unwrap();
    }
    fn failing(&mut self, _error: &WalError) {
        self.0.send(Event::Failing).unwrap();
    }
}

fn options(dir: &Path) -> Options {
    Options {
        dir: dir.to_owned(),
        segment_bytes: 4096,
        segment_age: Duration::from_millis(50),
        group_interval: Duration::from_millis(1),
        max_bytes: u64::MAX,
        queue: 64,
    }
}

fn batch(receipt: u32, rows: &[&[u8]]) -> Batch<u32> {
    let mut builder = FrameBuilder::new(1);
    rows.iter()
        .for_each(|row| builder.push(|out| out.extend_from_slice(row)));
    Batch {
        frames: vec![builder.take()],
        receipt,
    }
}

fn rows(segment: &Segment) -> Vec<Vec<u8>> {
    let loaded = segment.load().unwrap();
    let mut rows = Vec::new();
    for frame in loaded.frames() {
        let mut at = 0;
        for length in frame.lengths() {
            rows.push(frame.bytes[at..at + length as usize].to_vec());
            at += length as usize;
        }
    }
    rows
}

/// Writes `count` batches and ends the writer; gives what it told.
fn write(dir: &Path, options: Options, count: u32) -> (Vec<u32>, Vec<Segment>) {
    let (tell, told) = flume::unbounded();
    let (writer, thread) = Writer::start(wal::open(dir).unwrap(), options, Tell(tell)).unwrap();
    for n in 0..count {
        let mut next = batch(n, &[&n.to_le_bytes(), b"row"]);
        while let Err(wal::Closed(back)) = writer.try_submit(next) {
            next = back;
            std::thread::yield_now();
        }
    }
    drop(writer);
    thread.join().unwrap();
    let (mut receipts, mut segments) = (Vec::new(), Vec::new());
    for event in told {
        match event {
            Event::Committed(some) => receipts.extend(some),
            Event::Closed(segment) => segments.push(segment),
            Event::Failing => panic!("nothing fails here"),
        }
    }
    (receipts, segments)
}

#[test]
fn all_that_was_handed_in_is_committed_in_order_and_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let (receipts, segments) = write(dir.path(), options(dir.path()), 500);
    assert_eq!(receipts, (0..500).collect::<Vec<_>>());
    assert!(segments.len() > 1, "500 batches do not fit one 4 KiB segment");
    let read: Vec<_> = segments.iter().flat_map(rows).step_by(2).collect();
    assert_eq!(
        read,
        (0..500u32).map(|n| n.to_le_bytes().to_vec()).collect::<Vec<_>>()
    );
}

#[test]
fn a_restart_finds_what_was_not_removed_and_never_reuses_a_number() {
    let dir = tempfile::tempdir().unwrap();
    let (_, segments) = write(dir.path(), options(dir.path()), 300);
    let last = segments.last().unwrap().number();
    let before: Vec<_> = segments.iter().flat_map(rows).collect();

    let opened = wal::open(dir.path()).unwrap();
    assert_eq!(opened.segments.iter().flat_map(rows).collect::<Vec<_>>(), before);
    let id = opened.id.clone();
    for segment in opened.segments.clone() {
        segment.remove().unwrap();
    }
    drop(opened);

    let (_, segments) = write(dir.path(), options(dir.path()), 1);
    assert!(segments[0].number() > last, "a drained folder forgot its numbers");
    assert_eq!(wal::open(dir.path()).unwrap().id, id);
}

#[test]
fn a_second_opener_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let _first = wal::open(dir.path()).unwrap();
    assert!(matches!(wal::open(dir.path()), Err(WalError::InUse { .. })));
}

#[test]
fn a_full_folder_takes_nothing_in_until_it_is_drained() {
    let dir = tempfile::tempdir().unwrap();
    let (tell, told) = flume::unbounded();
    let limited = Options {
        max_bytes: 20,
        segment_age: Duration::ZERO,
        ..options(dir.path())
    };
    let (writer, thread) = Writer::start(wal::open(dir.path()).unwrap(), limited, Tell(tell)).unwrap();
    writer.try_submit(batch(0, &[b"fills the folder"])).unwrap();
    let Event::Committed(first) = told.recv().unwrap() else {
        panic!("committed first")
    };
    assert_eq!(first, [0]);
    let Event::Closed(segment) = told.recv().unwrap() else {
        panic!("then closed")
    };

    writer.try_submit(batch(1, &[b"has to wait"])).unwrap();
    assert!(matches!(told.recv().unwrap(), Event::Failing));
    segment.remove().unwrap();
    let committed = told.iter().find_map(|e| {
        if let Event::Committed(r) = e {
            Some(r)
        } else {
            None
        }
    });
    assert_eq!(committed, Some(vec![1]));
    drop(writer);
    thread.join().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However a crash cuts or spoils the last segment, what stands before comes back, nothing else.
    #[test]
    fn recovery_gives_a_prefix(cut in 0usize..1600, flip in proptest::option::of(0usize..1600)) {
        let dir = tempfile::tempdir().unwrap();
        let all = Options { segment_bytes: u64::MAX, segment_age: Duration::from_secs(60), ..options(dir.path()) };
        let (_, segments) = write(dir.path(), all, 50);
        let path = segments[0].path().to_owned();
        let whole = rows(&segments[0]);
        let mut bytes = fs::read(&path).unwrap();
        bytes.truncate(cut.min(bytes.len()));
        if let Some(at) = flip.filter(|at| *at < bytes.len()) {
            bytes[at] ^= 0x40;
        }
        fs::write(&path, &bytes).unwrap();

        let opened = wal::open(dir.path()).unwrap();
        let found: Vec<_> = opened.segments.iter().flat_map(rows).collect();
        prop_assert!(whole.starts_with(&found));
        // A segment's head is 8 bytes and each batch 31: nothing in front of the damage may be missing.
        let good = flip.map_or(bytes.len(), |at| at.min(bytes.len()));
        prop_assert_eq!(found.len(), good.saturating_sub(8) / 31 * 2);
    }
}
