//! What tests of this and other crates need: a private PostgreSQL server, and one test on both engines.
//!
//! ```ignore
//! #[tokio::test]
//! async fn a_stored_request_is_found() {
//!     testing::on_both_engines(|store| async move { … }).await;
//! }
//! ```

mod postgres;

use std::future::Future;

use tempfile::TempDir;

use crate::{Location, Store, StoreConfig};

pub use postgres::{Database, PrivatePostgres};

/// A store of its own that goes when this is dropped. Opened as often as a test likes.
#[derive(Debug)]
pub enum Place {
    /// A file in a temporary folder.
    Sqlite(TempDir),
    /// A fresh database of a private server.
    Postgres(Database),
}

impl Place {
    /// A new SQLite file.
    ///
    /// # Panics
    /// When no temporary folder can be made.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test helper: failing is its answer")]
    pub fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().expect("a temporary folder"))
    }

    /// A new database with the schema, on this process's server, which is started at the first call; or on the server that
    /// `WAYPOST_TEST_POSTGRES` names.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start: the test must fail, not pass unseen.
    pub async fn postgres() -> Self {
        Self::Postgres(Database::create().await)
    }

    /// The same without the schema, for tests of how it is made.
    ///
    /// # Panics
    /// See [`Place::postgres`].
    pub async fn postgres_empty() -> Self {
        Self::Postgres(Database::create_empty().await)
    }

    /// One of each.
    ///
    /// # Panics
    /// See [`Place::postgres`].
    pub async fn both() -> [Self; 2] {
        [Self::sqlite(), Self::postgres().await]
    }

    /// How to open it, with the defaults.
    #[must_use]
    pub fn config(&self) -> StoreConfig {
        StoreConfig::new(match self {
            Self::Sqlite(folder) => Location::Sqlite(folder.path().join("waypost.db")),
            Self::Postgres(database) => Location::Postgres(database.url().to_owned()),
        })
    }

    /// Opens it with the defaults.
    ///
    /// # Panics
    /// When it does not open.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test helper: failing is its answer")]
    pub fn open(&self) -> Store {
        Store::open(&self.config()).expect("a store that opens")
    }
}

/// Runs `test` on a fresh SQLite store, then on a fresh PostgreSQL store.
///
/// # Panics
/// When the test does, or see [`Place::postgres`].
pub async fn on_both_engines<F, Fut>(test: F)
where
    F: Fn(Store) -> Fut,
    Fut: Future<Output = ()>,
{
    for place in Place::both().await {
        let store = place.open();
        eprintln!("on {:?}", store.engine());
        test(store.clone()).await;
        store.close().await;
    }
}

/// Like [`on_both_engines`], for tests that open the store themselves, once or several times.
///
/// # Panics
/// See [`on_both_engines`].
pub async fn on_both_places<F, Fut>(test: F)
where
    F: Fn(StoreConfig) -> Fut,
    Fut: Future<Output = ()>,
{
    for place in Place::both().await {
        eprintln!("on {place:?}");
        test(place.config()).await;
    }
}
