//! The C interface of libchdb 26.7, and the only `unsafe` of the project.
//!
//! Everything that crosses the border lives here: the signatures of `chdb.h`, owned handles that free
//! themselves, and copies of what the library hands out. Nothing about HTTP or SQL may enter.
#![allow(unsafe_code)] // A C library can be called in no other way.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::path::Path;
use std::ptr;
use std::sync::Arc;

/// `chdb_connection`: an opaque pointer; `chdb_connect` returns a pointer to one.
type ConnectionHandle = *mut c_void;
/// `chdb_result *`: an opaque pointer, of a finished and of a streaming query alike.
type ResultHandle = *mut c_void;
/// `chdb_insert_stream`: an opaque pointer.
type InsertHandle = *mut c_void;

/// A statement with bound parameters: query, format, then names and values with their lengths.
type WithParams<R> = unsafe extern "C" fn(
    ConnectionHandle,
    *const c_char,
    usize,
    *const c_char,
    usize,
    *const *const c_char,
    *const usize,
    *const *const c_char,
    *const usize,
    usize,
) -> R;

/// `chdb_query_analysis_v1`.
#[repr(C)]
struct AnalysisV1 {
    struct_size: u32,
    statement_count: u32,
    flags: u32,
    query_class: u32,
}

type Classify = unsafe extern "C" fn(
    ConnectionHandle,
    *const c_char,
    usize,
    *const c_char,
    usize,
    *mut AnalysisV1,
) -> c_int;

/// Declares the table of functions and its loader, so that a name is written once beside its signature.
macro_rules! symbols {
    ($($name:ident: $kind:ty,)*) => {
        struct Symbols { $($name: $kind,)* }

        impl Symbols {
            fn load(library: &libloading::Library) -> Result<Self, libloading::Error> {
                // SAFETY: the signatures below are those of chdb.h at the version the project pins.
                unsafe { Ok(Self { $($name: *library.get::<$kind>(stringify!($name))?,)* }) }
            }
        }
    };
}

symbols! {
    chdb_version: unsafe extern "C" fn() -> *const c_char,
    chdb_set_signal_handlers_enabled: unsafe extern "C" fn(c_int),
    chdb_connect: unsafe extern "C" fn(c_int, *mut *mut c_char) -> *mut ConnectionHandle,
    chdb_close_conn: unsafe extern "C" fn(*mut ConnectionHandle),
    chdb_shutdown: unsafe extern "C" fn() -> c_int,
    chdb_classify_query_n: Classify,
    chdb_query_with_params_n: WithParams<ResultHandle>,
    chdb_stream_query_with_params_n: WithParams<ResultHandle>,
    chdb_stream_fetch_result: unsafe extern "C" fn(ConnectionHandle, ResultHandle) -> ResultHandle,
    chdb_stream_cancel_query: unsafe extern "C" fn(ConnectionHandle, ResultHandle),
    chdb_stream_insert_with_params_n: WithParams<InsertHandle>,
    chdb_stream_append: unsafe extern "C" fn(InsertHandle, *const c_void, usize) -> c_int,
    chdb_stream_done: unsafe extern "C" fn(InsertHandle) -> ResultHandle,
    chdb_stream_insert_error: unsafe extern "C" fn(InsertHandle) -> *const c_char,
    chdb_destroy_insert_stream: unsafe extern "C" fn(InsertHandle),
    chdb_result_buffer: unsafe extern "C" fn(ResultHandle) -> *const c_char,
    chdb_result_length: unsafe extern "C" fn(ResultHandle) -> usize,
    chdb_result_error: unsafe extern "C" fn(ResultHandle) -> *const c_char,
    chdb_result_rows_written: unsafe extern "C" fn(ResultHandle) -> u64,
    chdb_result_bytes_written: unsafe extern "C" fn(ResultHandle) -> u64,
    chdb_destroy_query_result: unsafe extern "C" fn(ResultHandle),
}

/// The loaded library. It stays loaded until the process ends: its threads outlive any handle.
#[derive(Clone)]
pub(crate) struct Chdb {
    symbols: Arc<Symbols>,
}

impl Chdb {
    /// Loads the library and keeps it from touching this process's signals.
    pub(crate) fn load(path: &Path) -> Result<Self, libloading::Error> {
        // SAFETY: the initialisers of libchdb only set up its own allocator and tables.
        let library = unsafe { libloading::Library::new(path)? };
        let symbols = Symbols::load(&library)?;
        std::mem::forget(library);
        // SAFETY: called before the first connection, as chdb.h asks.
        unsafe { (symbols.chdb_set_signal_handlers_enabled)(0) };
        Ok(Self {
            symbols: Arc::new(symbols),
        })
    }

    /// The version of the library, such as `26.7.3`.
    pub(crate) fn version(&self) -> String {
        // SAFETY: a static NUL-terminated string.
        unsafe { text((self.symbols.chdb_version)()) }.unwrap_or_default()
    }

    /// Opens a connection with command-line style arguments; `None` when the engine refuses.
    pub(crate) fn connect(&self, arguments: &[CString]) -> Option<Connection> {
        let mut argv: Vec<*mut c_char> = arguments.iter().map(|a| a.as_ptr().cast_mut()).collect();
        let count = c_int::try_from(argv.len()).ok()?;
        // SAFETY: argv holds `count` NUL-terminated strings that live through the call; they are only read.
        let handle = unsafe { (self.symbols.chdb_connect)(count, argv.as_mut_ptr()) };
        (!handle.is_null()).then(|| Connection {
            symbols: Arc::clone(&self.symbols),
            handle,
        })
    }

    /// Joins every thread of the engine. Returns false when a connection is still open.
    pub(crate) fn shutdown(&self) -> bool {
        // SAFETY: callable from any thread; with a connection open it does nothing.
        unsafe { (self.symbols.chdb_shutdown)() == 0 }
    }
}

/// One bound parameter of a statement: `{name:Type}` in the text takes `value`.
pub(crate) type Param = (String, String);

/// What the engine's own parser says of a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Analysis {
    /// Executable statements in the text; 0 when it does not parse.
    pub(crate) statements: u32,
    /// Leaves no trace: `SELECT`, `SHOW`, `DESCRIBE`, `EXPLAIN`, `EXISTS`, `CHECK`.
    pub(crate) read_only: bool,
    /// Did not parse, or is unknown to the classifier.
    pub(crate) unknown: bool,
}

impl Analysis {
    /// Of one statement that leaves no trace.
    pub(crate) const READS: Self = Self {
        statements: 1,
        read_only: true,
        unknown: false,
    };
}

/// A connection: a session that runs one statement at a time.
pub(crate) struct Connection {
    symbols: Arc<Symbols>,
    handle: *mut ConnectionHandle,
}

// SAFETY: chdb runs statements on threads of its own and guards a connection by a mutex; chdb.h only asks that
// calls on one connection be serialised, which `&mut self` on every method does.
unsafe impl Send for Connection {}

impl Connection {
    fn raw(&self) -> ConnectionHandle {
        // SAFETY: the pointer came from chdb_connect and is valid until chdb_close_conn in `drop`.
        unsafe { *self.handle }
    }

    /// Asks the parser, without running anything.
    pub(crate) fn classify(&mut self, sql: &[u8]) -> Analysis {
        let size = u32::try_from(size_of::<AnalysisV1>()).expect("16 bytes");
        let mut found = AnalysisV1 {
            struct_size: size,
            statement_count: 0,
            flags: 0,
            query_class: 4,
        };
        let classify = self.symbols.chdb_classify_query_n;
        // SAFETY: the text lives through the call, `found` is writable and declares its size.
        let ok = unsafe {
            classify(
                self.raw(),
                sql.as_ptr().cast(),
                sql.len(),
                ptr::null(),
                0,
                &mut found,
            )
        };
        Analysis {
            statements: found.statement_count,
            read_only: ok == 0 && found.query_class == 0,
            unknown: ok != 0 || found.query_class == 4,
        }
    }

    /// Runs a statement and returns its whole answer.
    pub(crate) fn query(&mut self, sql: &[u8], format: &str, params: &[Param]) -> Result<Output, String> {
        let raw = self.with_params(self.symbols.chdb_query_with_params_n, sql, format, params);
        self.output(raw).checked()
    }

    /// Starts a `SELECT` whose answer is fetched block by block.
    pub(crate) fn stream(
        &mut self,
        sql: &[u8],
        format: &str,
        params: &[Param],
    ) -> Result<QueryStream<'_>, String> {
        let raw = self.with_params(self.symbols.chdb_stream_query_with_params_n, sql, format, params);
        let head = self.output(raw).checked()?;
        Ok(QueryStream {
            connection: self,
            head,
            open: true,
        })
    }

    /// Starts an `INSERT` whose rows are appended in pieces. `sql` must not hold a FORMAT clause: the library
    /// would read its text as rows.
    pub(crate) fn insert(
        &mut self,
        sql: &[u8],
        format: &str,
        params: &[Param],
    ) -> Result<InsertStream<'_>, String> {
        let handle = self.with_params(self.symbols.chdb_stream_insert_with_params_n, sql, format, params);
        let stream = InsertStream {
            symbols: &self.symbols,
            handle,
            connection: PhantomData,
        };
        match stream.error() {
            Some(error) => Err(error),
            None => Ok(stream),
        }
    }

    fn with_params<R>(&self, call: WithParams<R>, sql: &[u8], format: &str, params: &[Param]) -> R {
        let names: Vec<_> = params.iter().map(|(name, _)| name.as_ptr().cast()).collect();
        let name_lengths: Vec<_> = params.iter().map(|(name, _)| name.len()).collect();
        let values: Vec<_> = params.iter().map(|(_, value)| value.as_ptr().cast()).collect();
        let value_lengths: Vec<_> = params.iter().map(|(_, value)| value.len()).collect();
        // SAFETY: every pointer is paired with its length and lives through the call; the library copies.
        unsafe {
            call(
                self.raw(),
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
                names.as_ptr(),
                name_lengths.as_ptr(),
                values.as_ptr(),
                value_lengths.as_ptr(),
                params.len(),
            )
        }
    }

    fn output(&self, raw: ResultHandle) -> Output {
        Output {
            symbols: Arc::clone(&self.symbols),
            raw,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: the handle came from chdb_connect and is closed once.
        unsafe { (self.symbols.chdb_close_conn)(self.handle) };
    }
}

/// A result owned by the library, freed on drop.
pub(crate) struct Output {
    symbols: Arc<Symbols>,
    raw: ResultHandle,
}

impl Output {
    fn checked(self) -> Result<Self, String> {
        if self.raw.is_null() {
            return Err("the engine returned no result".to_owned());
        }
        // SAFETY: a live result; the text is NUL-terminated and copied before the result is freed.
        match unsafe { text((self.symbols.chdb_result_error)(self.raw)) } {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }

    /// The formatted bytes of the answer.
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: a live result; the buffer has this length and lives as long as the result.
        unsafe {
            let length = (self.symbols.chdb_result_length)(self.raw);
            let start = (self.symbols.chdb_result_buffer)(self.raw);
            if start.is_null() || length == 0 {
                &[]
            } else {
                std::slice::from_raw_parts(start.cast(), length)
            }
        }
    }

    /// Rows written, those of materialised views included.
    pub(crate) fn rows_written(&self) -> u64 {
        // SAFETY: a live result.
        unsafe { (self.symbols.chdb_result_rows_written)(self.raw) }
    }

    /// Bytes written, in the engine's memory form.
    pub(crate) fn bytes_written(&self) -> u64 {
        // SAFETY: a live result.
        unsafe { (self.symbols.chdb_result_bytes_written)(self.raw) }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if !self.raw.is_null() {
            // SAFETY: freed once, here.
            unsafe { (self.symbols.chdb_destroy_query_result)(self.raw) };
        }
    }
}

/// A running `SELECT`; cancelled on drop unless it was read to its end.
pub(crate) struct QueryStream<'a> {
    connection: &'a mut Connection,
    head: Output,
    open: bool,
}

impl QueryStream<'_> {
    /// The next block as a complete document of its format; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Output>, String> {
        let fetch = self.connection.symbols.chdb_stream_fetch_result;
        // SAFETY: connection and stream are live, and `&mut self` serialises the fetches.
        let raw = unsafe { fetch(self.connection.raw(), self.head.raw) };
        let block = self.connection.output(raw).checked();
        self.open = block.as_ref().is_ok_and(|b| !b.bytes().is_empty());
        block.map(|b| self.open.then_some(b))
    }
}

impl Drop for QueryStream<'_> {
    fn drop(&mut self) {
        if self.open {
            // SAFETY: connection and stream are live.
            unsafe {
                (self.connection.symbols.chdb_stream_cancel_query)(self.connection.raw(), self.head.raw)
            };
        }
    }
}

/// A running `INSERT`; dropped without [`InsertStream::finish`] it is cancelled and commits no further block.
pub(crate) struct InsertStream<'a> {
    symbols: &'a Arc<Symbols>,
    handle: InsertHandle,
    connection: PhantomData<&'a mut Connection>,
}

impl InsertStream<'_> {
    /// Appends bytes of the input format; blocks while the engine is behind. False when the insert has failed:
    /// the reason then comes from [`InsertStream::finish`].
    pub(crate) fn append(&mut self, data: &[u8]) -> bool {
        // SAFETY: a live stream; the data is copied by the call.
        unsafe { (self.symbols.chdb_stream_append)(self.handle, data.as_ptr().cast(), data.len()) == 0 }
    }

    /// Ends the input, commits, and returns what was written.
    pub(crate) fn finish(self) -> Result<(u64, u64), String> {
        // SAFETY: a live stream, finalised once because `self` is taken.
        let raw = unsafe { (self.symbols.chdb_stream_done)(self.handle) };
        let output = Output {
            symbols: Arc::clone(self.symbols),
            raw,
        }
        .checked()?;
        Ok((output.rows_written(), output.bytes_written()))
    }

    fn error(&self) -> Option<String> {
        // SAFETY: a live stream; the text is copied.
        unsafe { text((self.symbols.chdb_stream_insert_error)(self.handle)) }
    }
}

impl Drop for InsertStream<'_> {
    fn drop(&mut self) {
        // SAFETY: destroyed once, here; the call cancels first if the stream was not finalised.
        unsafe { (self.symbols.chdb_destroy_insert_stream)(self.handle) };
    }
}

/// Copies a C string; `None` for a null pointer.
///
/// # Safety
/// `start` must be null or point to a NUL-terminated string that lives through the call.
unsafe fn text(start: *const c_char) -> Option<String> {
    // SAFETY: the caller's promise.
    (!start.is_null()).then(|| unsafe { CStr::from_ptr(start) }.to_string_lossy().into_owned())
}
