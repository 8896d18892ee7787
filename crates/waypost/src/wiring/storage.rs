//! Opening the store as the configuration says.

use anyhow::Context;
use waypost_store::{Location, Store, StoreConfig};

use crate::config::{Config, Engine};

/// Name of the embedded store's file in the data folder.
pub const FILE: &str = "waypost.db";

/// Opens the store for a server: makes folder and file when absent, migrates the schema. Blocks.
///
/// # Errors
/// When the folder is not writable, another server owns the file, or the engine cannot be reached.
pub fn open_server(config: &Config) -> anyhow::Result<Store> {
    let folder = &config.store.data_dir;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("making the data folder {}", folder.display()))?;
    Store::open(&settings(config)).with_context(|| opening(config))
}

/// Opens the store for one command, beside a running server or alone.
///
/// # Errors
/// When there is none, or its schema is older than this program and no server has migrated it yet.
pub fn open_command(config: &Config) -> anyhow::Result<Store> {
    if let Location::Sqlite(file) = location(config) {
        anyhow::ensure!(
            file.exists(),
            "there is no store at {}; name its folder by --config or WAYPOST__STORE__DATA_DIR",
            file.display()
        );
    }
    Store::open(&settings(config).admin()).with_context(|| opening(config))
}

/// As [`open_command`], but a store that is not there is made.
///
/// # Errors
/// As [`open_server`].
pub async fn open_or_create(config: &Config) -> anyhow::Result<Store> {
    if let Location::Sqlite(file) = location(config)
        && !file.exists()
    {
        open_server(config)?.close().await;
    }
    open_command(config)
}

fn settings(config: &Config) -> StoreConfig {
    let mut settings = StoreConfig::new(location(config));
    settings.write_queue_max = config.store.write_queue_max;
    settings.group_jobs_max = config.store.group_jobs_max;
    settings.ca_file = (!config.store.ca.as_os_str().is_empty()).then(|| config.store.ca.clone());
    settings.node = Some(config.store.node);
    settings
}

fn location(config: &Config) -> Location {
    match config.store.engine {
        Engine::Sqlite => Location::Sqlite(config.store.data_dir.join(FILE)),
        Engine::Postgres => Location::Postgres(config.store.url.expose().to_owned()),
    }
}

/// The place without its password.
fn opening(config: &Config) -> String {
    match location(config) {
        Location::Sqlite(file) => format!("opening the store {}", file.display()),
        Location::Postgres(_) => "opening the store on PostgreSQL (store.url)".to_owned(),
    }
}
