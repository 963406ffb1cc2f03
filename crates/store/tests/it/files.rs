//! Packages and logs: what goes in as chunks comes out as the same bytes.

use store::table::log_file::{LogFile, State};
use store::table::{firmware_chunk, log_content, log_file};

use crate::versioned::log_file as sample;
use crate::{insert, started};

/// Bytes that are no text, different in every chunk.
fn noise(length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| (at ^ (at >> 8) ^ (at >> 16)) as u8)
        .collect()
}

#[tokio::test]
async fn a_package_is_read_as_it_was_written_also_when_it_was_written_twice() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let file = noise(5 * firmware_chunk::CHUNK_BYTES + 17);
    let (first, rest) = file.split_at(3 * firmware_chunk::CHUNK_BYTES);
    firmware_chunk::write(&db, 11, 0, first).await?;
    firmware_chunk::write(&db, 11, 3, rest).await?;
    firmware_chunk::write(&db, 11, 0, first).await?;
    firmware_chunk::write(&db, 12, 0, b"another").await?;
    assert_eq!(firmware_chunk::chunks_of(file.len() as u64), 6);
    assert!(firmware_chunk::read(&db, 11, 0, 6).await? == file);
    assert!(firmware_chunk::read(&db, 11, 2, 2).await? == file[2 << 18..4 << 18]);
    assert!(firmware_chunk::read(&db, 11, 6, 10).await?.is_empty());
    assert!(firmware_chunk::read(&db, 13, 0, 1).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_log_that_is_collected_again_replaces_what_was_there() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let text = "枪1 启动\n".as_bytes();
    log_content::write(&db, 9, 1, 0, &[b"half", b"of it", b"and more"]).await?;
    log_content::write(&db, 9, 2, 0, &[text, b""]).await?;
    log_content::write(&db, 9, 2, 0, &[text, b""]).await?;
    assert_eq!(log_content::read(&db, 9, 0, 2).await?, text);
    assert_eq!(log_content::read(&db, 9, 1, 2).await?, b"and more");
    assert!(log_content::read(&db, 8, 0, 9).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn open_logs_are_those_that_have_not_ended_the_oldest_first() -> anyhow::Result<()> {
    let (_engine, db) = started().await?;
    let states = State::ALL.into_iter().chain([State::Requested]);
    let logs: Vec<_> = (1..).zip(states).collect();
    for (log_id, state) in logs {
        let log = LogFile {
            flag_del: 0,
            log_id,
            state: state.to_string(),
            created_time: 100 - log_id as i64,
            ..sample()
        };
        insert(&db, &[log], "").await?;
    }
    let gone = LogFile {
        timestamp: sample().timestamp + 1,
        log_id: 2,
        state: State::Commanded.to_string(),
        ..sample()
    };
    insert(&db, &[gone], "").await?;
    let open: Vec<_> = log_file::open(&db).await?.iter().map(|log| log.log_id).collect();
    assert_eq!(open, [7, 3, 1]);
    let third = log_file::by_id(&db, 3).await?.map(|log| log.state());
    assert_eq!(third, Some(Some(State::Uploading)));
    assert_eq!(log_file::by_id(&db, 2).await?, None);
    Ok(())
}
