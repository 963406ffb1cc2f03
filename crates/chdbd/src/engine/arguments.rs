//! What the engine is told at its start and at every connection, sized for a small machine.

use std::ffi::CString;
use std::path::Path;

use crate::config::Config;
use crate::data_folder::{DataFolder, DataFolderError};

/// Server settings exist only as a file: most of them are ignored as arguments.
const SERVER_CONFIG: &str = "chdbd.xml";

/// Arguments of the connection that boots the engine.
pub(super) fn boot(config: &Config, folder: &DataFolder) -> Result<Vec<CString>, DataFolderError> {
    let file = folder.path.join(SERVER_CONFIG);
    let io = |source| DataFolderError::Io {
        path: folder.path.clone(),
        source,
    };
    std::fs::write(&file, server_config(config)).map_err(io)?;
    let mut arguments = session(config, &folder.path);
    arguments.push(argument(&format!("--config-file={}", file.display())));
    Ok(arguments)
}

/// Arguments of every connection: settings given so hold for that connection.
pub(super) fn session(config: &Config, path: &Path) -> Vec<CString> {
    [
        "chdbd".to_owned(),
        format!("--path={}", path.display()),
        format!("--max_threads={}", config.max_threads),
        format!("--max_memory_usage={}", config.max_memory / 2),
        format!("--max_execution_time={}", config.max_execution_time.as_secs()),
        // `1` is no statement on a real server.
        "--implicit_select=0".to_owned(),
        // On by default since 26.x; here an acknowledged batch is a committed one.
        "--async_insert=0".to_owned(),
    ]
    .iter()
    .map(|text| argument(text))
    .collect()
}

fn argument(text: &str) -> CString {
    // A path cannot hold NUL, and nothing else here comes from outside.
    CString::new(text).expect("no NUL in an argument")
}

/// Caches are a fraction of the memory, pools fit two cores, and a part is on the disk before its insert is
/// acknowledged: the caller then deletes its own copy. Threads are kept: with eight at rest, half of what queries took
/// at 50 a second went into threads that were made for them and ended behind them.
fn server_config(config: &Config) -> String {
    let memory = config.max_memory;
    format!(
        "<clickhouse>
    <max_server_memory_usage>{memory}</max_server_memory_usage>
    <mark_cache_size>{mark_cache}</mark_cache_size>
    <uncompressed_cache_size>0</uncompressed_cache_size>
    <index_mark_cache_size>{small_cache}</index_mark_cache_size>
    <mmap_cache_size>100</mmap_cache_size>
    <max_thread_pool_free_size>64</max_thread_pool_free_size>
    <max_io_thread_pool_free_size>32</max_io_thread_pool_free_size>
    <background_pool_size>2</background_pool_size>
    <background_move_pool_size>1</background_move_pool_size>
    <background_fetches_pool_size>1</background_fetches_pool_size>
    <background_common_pool_size>2</background_common_pool_size>
    <background_schedule_pool_size>4</background_schedule_pool_size>
    <merge_tree>
        <fsync_after_insert>1</fsync_after_insert>
        <fsync_part_directory>1</fsync_part_directory>
    </merge_tree>
</clickhouse>
",
        mark_cache = memory / 16,
        small_cache = memory / 64,
    )
}
