//! The services family, built from the configuration.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use waypost_core::time::Clock;
use waypost_egress::{Egress, EgressPolicy, SystemResolver};
use waypost_mail::Outbox;
use waypost_services::api::{ServicesSeams, ServicesSettings, ServicesState, SystemRandom};
use waypost_services::files::{Blobs, Clamd, FileSettings, S3Settings};
use waypost_services::records::status_watch::StatusWatch;
use waypost_services::rules::srql::Mode;
use waypost_services::rules::time::Local;
use waypost_services::work::rescan::Rescan;
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
    (outbox, statuses): (Option<&Outbox>, Arc<dyn StatusWatch>),
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
        files: files(config, &clock)?,
        node: i64::from(config.store.node),
    };
    let seams = ServicesSeams {
        store: store.clone(),
        clock,
        random: Arc::new(SystemRandom),
        master_key: Arc::clone(master_key),
        statuses: Some(statuses),
    };
    let state = ServicesState::new(seams, settings).context("opening the folder of files")?;
    let state = match outbox {
        Some(outbox) => state.mailing(outbox.clone()),
        None => state,
    };
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

/// What looks at stored files again; `None` without a scanner.
///
/// # Errors
/// When the folder of files cannot be written to.
pub fn rescan(config: &Config, store: &Store, clock: Arc<dyn Clock>) -> anyhow::Result<Option<Rescan>> {
    let settings = files(config, &clock)?;
    let blobs = Blobs::of(&settings, Arc::clone(&clock)).context("opening the folder of files")?;
    let patience = Duration::from_millis(settings.scan_ms_max);
    let clamd = settings.scanner.map(|address| Arc::new(Clamd::new(address, patience)));
    Ok(clamd.map(|clamd| Rescan { store: store.clone(), blobs, clamd, clock }))
}

/// The bucket of published files, and the way to it.
fn bucket(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Option<(S3Settings, Egress)>> {
    let Some(bucket) = config.services.bucket().map_err(anyhow::Error::msg)? else { return Ok(None) };
    let policy = EgressPolicy {
        allowed: config.callbacks.allow_cidrs.iter().map(|cidr| cidr.0).collect(),
        ..EgressPolicy::default()
    };
    let egress = Egress::new(policy, Arc::new(SystemResolver::default()), Arc::clone(clock))?;
    Ok(Some((bucket, egress)))
}

fn files(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<FileSettings> {
    let services = &config.services;
    let folder = match services.files_dir.as_os_str().is_empty() {
        true => config.store.data_dir.join("blobs"),
        false => services.files_dir.clone(),
    };
    Ok(FileSettings {
        folder,
        bucket: bucket(config, clock)?,
        bytes_max: services.file_bytes_max,
        idle_ms_max: config.server.body_timeout_ms,
        scanner: services.scanner().map_err(anyhow::Error::msg)?,
        scan_ms_max: services.scan_timeout_ms,
        names: services.name_rule().map_err(anyhow::Error::msg)?,
    })
}
