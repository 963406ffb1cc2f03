//! The writing side: one thread appends, syncs once per group, hands receipts back, cuts segments.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::mem;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::open::{Opened, reserve, sync_folder};
use crate::segment::{MAGIC, Segment, file_name};
use crate::{WalError, open};

/// How the log is cut and how long it may wait.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder.
    pub dir: PathBuf,
    /// A segment is closed once it holds this many bytes.
    pub segment_bytes: u64,
    /// A segment is closed this long after its first frame, so that rows become visible downstream.
    pub segment_age: Duration,
    /// The least time from one sync to the next; what arrives meanwhile shares the next sync.
    pub group_interval: Duration,
    /// The most that may lie in the folder; beyond it nothing is taken in until the drain catches up.
    pub max_bytes: u64,
    /// How many batches may wait for the writer.
    pub queue: usize,
}

/// Frames to be made durable together, and what to hand back once they are.
#[derive(Debug)]
pub struct Batch<T> {
    /// Sealed frames, appended in this order.
    pub frames: Vec<Vec<u8>>,
    /// Handed to [`Sink::committed`] after the sync that covers the frames.
    pub receipt: T,
}

/// Who is told what the log did; called on the log's thread, so it must not block.
pub trait Sink<T>: Send + 'static {
    /// These batches are durable now. `bytes` were written; the sync took `sync`.
    fn committed(&mut self, receipts: Vec<T>, bytes: u64, sync: Duration);
    /// A segment is complete and may be drained.
    fn closed(&mut self, segment: Segment);
    /// Nothing can be made durable at the moment; the log tries again by itself.
    fn failing(&mut self, error: &WalError);
}

/// Why a batch was not taken: the writer is gone. The batch comes back.
#[derive(Debug)]
pub struct Closed<T>(pub Batch<T>);

/// How much lies in the folder, shared by the writer, the drain and whoever watches.
#[derive(Debug, Default)]
pub struct Gauge {
    bytes: AtomicU64,
    shrunk: Condvar,
    guard: Mutex<()>,
}

impl Gauge {
    /// Bytes on disk that are not drained yet.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn added(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn removed(&self, bytes: u64) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.shrunk.notify_all();
    }

    /// Waits until something was removed, `patience` at most.
    fn wait(&self, patience: Duration) {
        let guard = self
            .guard
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(self.shrunk.wait_timeout(guard, patience));
    }
}

/// The handle that producers share.
#[derive(Debug)]
pub struct Writer<T> {
    queue: flume::Sender<Batch<T>>,
}

impl<T> Clone for Writer<T> {
    fn clone(&self) -> Self {
        Self {
            queue: self.queue.clone(),
        }
    }
}

impl<T: Send + 'static> Writer<T> {
    /// Starts the writer's thread on an opened folder. The thread ends, after writing all that was
    /// handed in, when the last handle is dropped.
    ///
    /// # Errors
    /// [`WalError::Folder`] if the folder's bookkeeping cannot be written or the thread not started.
    pub fn start(
        opened: Opened,
        options: Options,
        sink: impl Sink<T>,
    ) -> Result<(Self, JoinHandle<()>), WalError> {
        let (queue, batches) = flume::bounded(options.queue);
        let dir = options.dir.clone();
        let folder = |source| WalError::Folder { path: dir, source };
        let mut log = Log {
            options,
            next: opened.next,
            reserved: 0,
            opened,
            sink,
            batches,
            current: None,
            last_sync: Instant::now(),
        };
        let thread = log.reserve_numbers().and_then(|()| {
            std::thread::Builder::new()
                .name("wal".into())
                .spawn(move || log.run())
        });
        Ok((Self { queue }, thread.map_err(folder)?))
    }

    /// Hands in a batch, waiting while the queue is full.
    ///
    /// # Errors
    /// Gives the batch back if the writer is gone.
    pub async fn submit(&self, batch: Batch<T>) -> Result<(), Closed<T>> {
        self.queue.send_async(batch).await.map_err(|e| Closed(e.0))
    }

    /// Hands in a batch if the queue has room; gives it back if not.
    ///
    /// # Errors
    /// Gives the batch back if the queue is full or the writer gone.
    pub fn try_submit(&self, batch: Batch<T>) -> Result<(), Closed<T>> {
        self.queue.try_send(batch).map_err(|e| Closed(e.into_inner()))
    }

    /// Batches waiting to be written.
    pub fn queued(&self) -> usize {
        self.queue.len()
    }
}

/// Segment numbers are recorded as taken in blocks of this many, to sync seldom.
const RESERVE: u64 = 1024;
/// A group is closed at this size even within the interval, to bound memory and the write's length.
const GROUP_BYTES: usize = 8 << 20;
/// How long to wait before trying again what the disk refused.
const RETRY: Duration = Duration::from_secs(1);
/// With nothing to close, how long the thread sleeps before it looks again.
const IDLE: Duration = Duration::from_secs(3600);

struct Current {
    file: File,
    path: PathBuf,
    number: u64,
    bytes: u64,
    close_at: Instant,
}

struct Log<T, S> {
    options: Options,
    opened: Opened,
    sink: S,
    batches: flume::Receiver<Batch<T>>,
    current: Option<Current>,
    next: u64,
    reserved: u64,
    last_sync: Instant,
}

impl<T, S: Sink<T>> Log<T, S> {
    fn run(mut self) {
        loop {
            let until = self
                .current
                .as_ref()
                .map_or_else(|| Instant::now() + IDLE, |c| c.close_at);
            match self.batches.recv_deadline(until) {
                Ok(first) => {
                    let group = self.gather(first);
                    if !self.commit(group) {
                        break;
                    }
                }
                Err(flume::RecvTimeoutError::Timeout) => {}
                Err(flume::RecvTimeoutError::Disconnected) => break,
            }
            let full = self
                .current
                .as_ref()
                .is_some_and(|c| c.bytes >= self.options.segment_bytes || c.close_at <= Instant::now());
            if full {
                self.close_current();
            }
        }
        self.close_current();
    }

    /// What has come, or comes until the next sync is due.
    fn gather(&self, first: Batch<T>) -> Vec<Batch<T>> {
        let due = self.last_sync + self.options.group_interval;
        let size = |b: &Batch<T>| b.frames.iter().map(Vec::len).sum::<usize>();
        let mut bytes = size(&first);
        let mut group = vec![first];
        // A group may not be larger than what a segment is meant to hold.
        let most = GROUP_BYTES.min(usize::try_from(self.options.segment_bytes).unwrap_or(usize::MAX));
        while bytes < most {
            let Ok(batch) = self.batches.recv_deadline(due) else {
                break;
            };
            bytes += size(&batch);
            group.push(batch);
        }
        group
    }

    /// Writes and syncs a group, trying until it succeeds; false if the log is being closed and it
    /// still does not, so that nobody is told of durability that is not there.
    fn commit(&mut self, group: Vec<Batch<T>>) -> bool {
        while self.opened.gauge.bytes() >= self.options.max_bytes {
            self.sink.failing(&self.error(io::Error::new(
                io::ErrorKind::StorageFull,
                "the log has reached wal.max_bytes; it takes in nothing until the database drains it",
            )));
            if self.batches.is_disconnected() {
                return false;
            }
            self.opened.gauge.wait(RETRY);
        }
        let (frames, receipts): (Vec<_>, Vec<_>) = group.into_iter().map(|b| (b.frames, b.receipt)).unzip();
        loop {
            let started = Instant::now();
            match self.append(frames.iter().flatten()) {
                Ok(bytes) => {
                    self.last_sync = Instant::now();
                    self.sink.committed(receipts, bytes, self.last_sync - started);
                    return true;
                }
                Err(source) => {
                    let error = self.error(source);
                    self.sink.failing(&error);
                    if self.batches.is_disconnected() {
                        return false;
                    }
                    self.opened.gauge.wait(RETRY);
                }
            }
        }
    }

    fn append<'a>(&mut self, frames: impl Iterator<Item = &'a Vec<u8>>) -> io::Result<u64> {
        let mut frames = frames.peekable();
        if frames.peek().is_none() {
            return Ok(0);
        }
        if self.current.is_none() {
            self.current = Some(self.create()?);
        }
        let current = self.current.as_mut().expect("just made");
        let written = frames.try_fold(0u64, |sum, frame| {
            current.file.write_all(frame).map(|()| sum + frame.len() as u64)
        });
        match written.and_then(|bytes| current.file.sync_data().map(|()| bytes)) {
            Ok(bytes) => {
                current.bytes += bytes;
                self.opened.gauge.added(bytes);
                Ok(bytes)
            }
            Err(error) => {
                // What was half written must not stand in front of what comes next. After a failed
                // sync the kernel may have dropped the pages: a new segment gets the group again.
                let failed = self.current.take().expect("it was being written");
                self.abandon(failed);
                Err(error)
            }
        }
    }

    fn abandon(&mut self, mut failed: Current) {
        let cut = failed
            .file
            .set_len(failed.bytes)
            .and_then(|()| failed.file.seek(SeekFrom::End(0)));
        if let Err(error) = cut {
            tracing::error!(path = %failed.path.display(), %error, "cannot cut a failed write off; a restart will");
        }
        self.hand_over(failed);
    }

    fn create(&mut self) -> io::Result<Current> {
        self.reserve_numbers()?;
        let number = self.next;
        let path = self.options.dir.join(file_name(number));
        let mut file = OpenOptions::new().create_new(true).write(true).open(&path)?;
        self.next += 1;
        file.write_all(MAGIC)?;
        sync_folder(&self.options.dir)?;
        let bytes = MAGIC.len() as u64;
        self.opened.gauge.added(bytes);
        Ok(Current {
            file,
            path,
            number,
            bytes,
            close_at: Instant::now() + self.options.segment_age,
        })
    }

    fn reserve_numbers(&mut self) -> io::Result<()> {
        if self.next >= self.reserved {
            let reserved = self.next + RESERVE;
            reserve(&self.options.dir, &self.opened.id, reserved)?;
            self.reserved = reserved;
        }
        Ok(())
    }

    fn close_current(&mut self) {
        if let Some(current) = mem::take(&mut self.current) {
            self.hand_over(current);
        }
    }

    fn hand_over(&mut self, current: Current) {
        let gauge = self.opened.gauge.clone();
        self.sink
            .closed(Segment::new(current.path, current.number, current.bytes, gauge));
    }

    fn error(&self, source: io::Error) -> WalError {
        let path = self
            .current
            .as_ref()
            .map_or_else(|| self.options.dir.clone(), |c| c.path.clone());
        WalError::Segment { path, source }
    }
}

impl<T, S> Drop for Log<T, S> {
    fn drop(&mut self) {
        // Numbers reserved but not used need not be skipped after an orderly end.
        if open::reserve(&self.options.dir, &self.opened.id, self.next).is_err() {
            tracing::warn!("could not give back unused segment numbers; they are skipped");
        }
        drop(self.opened.lock.unlock());
    }
}
