//! The handle on ClickHouse: one pool of connections, inserts that may be repeated, queries with a timeout.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use clickhouse::{Client, Compression, RowOwned, RowRead, query::Query};
use hyper_util::{
    client::legacy::{Client as HttpClient, connect::HttpConnector},
    rt::TokioExecutor,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{StoreError, Table};

/// Below the server's own limit for an idle connection, which is 3 s by default.
const POOL_IDLE: Duration = Duration::from_secs(2);
const TCP_KEEPALIVE: Duration = Duration::from_secs(60);
/// Lists of identities are written into the query's text, which ClickHouse limits to 256 KiB by default.
const MAX_QUERY_SIZE: &str = "67108864";

/// Where ClickHouse is and how long it may take.
#[derive(Clone)]
pub struct ClickhouseOptions {
    /// `http://host:port`.
    pub url: String,
    /// The database; [`crate::schema::apply`] creates it.
    pub database: String,
    /// Account; empty for the server's default one.
    pub user: String,
    /// Its password; may be empty.
    pub password: String,
    /// For a TCP connection.
    pub connect_timeout: Duration,
    /// For a whole insert or query.
    pub request_timeout: Duration,
    /// LZ4 on the wire: worth it over a network, wasted on loopback.
    pub compression: bool,
}

/// A clonable handle; clones share the connections.
#[derive(Debug, Clone)]
pub struct Clickhouse {
    client: Client,
    server: Client,
    database: String,
    timeout: Duration,
    turns: Option<Turns>,
}

/// Who may query now.
#[derive(Debug, Clone)]
struct Turns {
    places: Arc<Semaphore>,
    wait: Duration,
}

impl Clickhouse {
    /// A handle; connects on first use.
    pub fn new(options: &ClickhouseOptions) -> Self {
        let http = HttpClient::builder(TokioExecutor::new())
            .pool_idle_timeout(POOL_IDLE)
            .build(connector(options.connect_timeout));
        let mut server = Client::with_http_client(http)
            .with_url(&options.url)
            .with_compression(if options.compression {
                Compression::Lz4
            } else {
                Compression::None
            })
            .with_setting("max_query_size", MAX_QUERY_SIZE);
        if !options.user.is_empty() {
            server = server.with_user(&options.user).with_password(&options.password);
        }
        Self {
            client: server.clone().with_database(&options.database),
            server,
            database: options.database.clone(),
            timeout: options.request_timeout,
            turns: None,
        }
    }

    /// The same, but this handle and its clones run at most so many queries at once. Others wait in line for at most
    /// `wait`, then fail with [`StoreError::Busy`]: so overload makes some wait and a few fail, rather than
    /// everybody slow. Inserts and [`Self::ping`] do not wait.
    #[must_use]
    pub fn at_most(mut self, queries: usize, wait: Duration) -> Self {
        let places = Arc::new(Semaphore::new(queries));
        self.turns = Some(Turns { places, wait });
        self
    }

    async fn turn(&self, what: &'static str) -> Result<Option<OwnedSemaphorePermit>, StoreError> {
        let Some(turns) = &self.turns else {
            return Ok(None);
        };
        match tokio::time::timeout(turns.wait, turns.places.clone().acquire_owned()).await {
            Ok(Ok(turn)) => Ok(Some(turn)),
            _ => Err(StoreError::Busy { what }),
        }
    }

    /// The driver, for queries that [`Self::rows`] and [`Self::run`] then carry out.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The driver without a database, for creating one.
    pub(crate) fn server(&self) -> &Client {
        &self.server
    }

    /// The database's name.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Whether the server answers.
    ///
    /// # Errors
    /// [`StoreError::Query`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        let what = "the server's answer";
        let asked = self.server.query("SELECT 1").execute();
        self.within(asked)
            .await
            .map_err(|source| StoreError::Query { what, source })
    }

    /// Inserts encoded rows of one table, at most a million, as one block. The same `token` again within
    /// the table's deduplication window (10,000 blocks) changes nothing, so a call whose outcome is
    /// unknown may be repeated with the same rows.
    ///
    /// # Errors
    /// [`StoreError::Insert`].
    pub async fn insert_rows(&self, table: Table, rows: Bytes, token: &str) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut insert = self
            .client
            .insert_formatted_with(table.insert_sql())
            .with_setting("async_insert", "0")
            .with_setting("insert_deduplicate", "1")
            .with_setting("insert_deduplication_token", token)
            .with_timeouts(Some(self.timeout), Some(self.timeout));
        let sent = insert.send(rows).await;
        match sent {
            Ok(()) => insert.end().await,
            Err(error) => Err(error),
        }
        .map_err(|source| StoreError::Insert {
            table: table.name(),
            source,
        })
    }

    /// All rows of a query; `what` names them in an error.
    ///
    /// # Errors
    /// [`StoreError::Query`].
    pub async fn rows<T>(&self, what: &'static str, query: Query) -> Result<Vec<T>, StoreError>
    where
        T: RowOwned + RowRead,
    {
        let _turn = self.turn(what).await?;
        self.within(query.fetch_all::<T>())
            .await
            .map_err(|source| StoreError::Query { what, source })
    }

    /// Carries out a statement without a result; `what` names it in an error.
    ///
    /// # Errors
    /// [`StoreError::Query`].
    pub async fn run(&self, what: &'static str, query: Query) -> Result<(), StoreError> {
        let _turn = self.turn(what).await?;
        self.within(query.execute())
            .await
            .map_err(|source| StoreError::Query { what, source })
    }

    /// The values of a query's only column, one behind the other, byte for byte; `what` names them in an error.
    ///
    /// # Errors
    /// [`StoreError::Query`].
    pub async fn blob(&self, what: &'static str, query: Query) -> Result<Vec<u8>, StoreError> {
        let _turn = self.turn(what).await?;
        let read = async { query.fetch_bytes("RawBLOB")?.collect().await };
        let bytes = self.within(read).await;
        bytes
            .map(Into::into)
            .map_err(|source| StoreError::Query { what, source })
    }

    /// The request's timeout around any call of the driver.
    pub(crate) async fn within<T>(
        &self,
        call: impl Future<Output = clickhouse::error::Result<T>>,
    ) -> clickhouse::error::Result<T> {
        tokio::time::timeout(self.timeout, call)
            .await
            .unwrap_or(Err(clickhouse::error::Error::TimedOut))
    }
}

/// The driver's own client leaves Nagle's algorithm on, which costs an insert up to 40 ms.
fn connector(connect_timeout: Duration) -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_keepalive(Some(TCP_KEEPALIVE));
    connector.set_connect_timeout(Some(connect_timeout));
    connector
}
