//! The services family, built from the configuration.

use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use waypost_core::time::Clock;
use waypost_services::api::{ServicesSeams, ServicesSettings, ServicesState, SystemRandom};
use waypost_services::files::FileSettings;
use waypost_services::records::status_watch::StatusWatch;
use waypost_services::rules::srql::Mode;
use waypost_services::rules::time::Local;
use waypost_store::Store;
use waypost_store::seal::MasterKey;

use crate::config::Config;

/// The family's endpoints.
///
/// # Errors
/// When the folder of files cannot be written to; when a setting is wrong, which the rules of the configuration refuse before.
pub fn router(
    config: &Config,
    store: &Store,
    master_key: &Arc<MasterKey>,
    clock: Arc<dyn Clock>,
    statuses: Arc<dyn StatusWatch>,
) -> anyhow::Result<Router> {
    let settings = ServicesSettings {
        body_bytes_max: config.server.body_bytes_max,
        body_ms_max: config.server.body_timeout_ms,
        strict_codes: config.services.strict_codes,
        query_mode: if config.services.strict_queries { Mode::Strict } else { Mode::Compatible },
        zone: Local::parse(&config.services.time_zone).map_err(anyhow::Error::msg)?,
        issuer: config.services.issuer.clone(),
        audience: config.services.audience.clone(),
        shows_codes: config.services.show_codes,
        files: files(config)?,
    };
    let seams = ServicesSeams {
        store: store.clone(),
        clock,
        random: Arc::new(SystemRandom),
        master_key: Arc::clone(master_key),
        statuses: Some(statuses),
    };
    let state = ServicesState::new(seams, settings).context("opening the folder of files")?;
    let checked = state.clone();
    tokio::spawn(async move {
        match checked.check_scanner().await {
            Ok(()) => {}
            Err(error) => {
                tracing::error!(%error, "no file of services.file_bytes_max can be scanned: see operating")
            }
        }
    });
    Ok(waypost_services::router(state))
}

fn files(config: &Config) -> anyhow::Result<FileSettings> {
    let services = &config.services;
    let folder = match services.files_dir.as_os_str().is_empty() {
        true => config.store.data_dir.join("blobs"),
        false => services.files_dir.clone(),
    };
    Ok(FileSettings {
        folder,
        bytes_max: services.file_bytes_max,
        idle_ms_max: config.server.body_timeout_ms,
        scanner: services.scanner().map_err(anyhow::Error::msg)?,
        scan_ms_max: services.scan_timeout_ms,
        names: services.name_rule().map_err(anyhow::Error::msg)?,
    })
}
