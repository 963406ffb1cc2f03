//! Commands that a start of ops_tcu finds.

use store::table::command_record::{self, CommandRecord, LONGEST_OPEN, State};

use crate::{insert, started};

const NOW: i64 = 1_741_778_206_123;

#[tokio::test]
async fn open_commands_and_those_that_ended_lately_are_found_by_their_newest_version() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let row = |reqid, timestamp, state| CommandRecord {
        timestamp,
        device_id: 7,
        created_time: NOW - 5_000,
        reqid,
        command: "重启",
        state,
        deadline: NOW + 60_000,
        request: "{}",
        answer: "{}",
        ..CommandRecord::default()
    };
    let long = "x".repeat(5000);
    let rows = [
        row(1, NOW - 900, State::Queued),
        row(2, NOW - 900, State::Sent),
        CommandRecord {
            answer: &long,
            ..row(2, NOW - 800, State::Answered)
        },
        // Another node's, and one that it has abandoned.
        CommandRecord {
            node: 3,
            ..row(3, NOW - 900, State::Sent)
        },
        CommandRecord {
            node: 3,
            deadline: NOW - 9,
            ..row(4, NOW - 900, State::Sent)
        },
        // Nobody's command, only an answer.
        CommandRecord {
            deadline: 0,
            source: "外部",
            ..row(5, NOW - 900, State::Sent)
        },
        CommandRecord {
            created_time: NOW - LONGEST_OPEN - 1,
            ..row(6, NOW - 900, State::Sent)
        },
        row(7, NOW - 2_000, State::TimedOut),
    ];
    insert(&db, &rows, "one").await?;
    let open = command_record::open(&db, 0, NOW, NOW).await?;
    let open: Vec<_> = open.iter().map(|kept| (kept.reqid, kept.state)).collect();
    assert_eq!(open, [(1, State::Queued as i8), (4, State::Sent as i8)]);
    let ended = command_record::ended(&db, NOW - 1_000, 10).await?;
    assert_eq!(ended.len(), 1);
    assert_eq!((ended[0].reqid, ended[0].answer.as_str()), (2, ""));
    let ended = command_record::ended(&db, 0, 1).await?;
    assert_eq!((ended.len(), ended[0].reqid), (1, 2), "the latest");
    Ok(())
}
