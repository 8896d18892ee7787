//! The services family, built from the configuration.

use std::sync::Arc;

use axum::Router;
use waypost_core::time::Clock;
use waypost_services::api::{ServicesSeams, ServicesSettings, ServicesState, SystemRandom};
use waypost_services::rules::srql::Mode;
use waypost_services::rules::time::Local;
use waypost_store::Store;
use waypost_store::seal::MasterKey;

use crate::config::Config;

/// The family's endpoints.
///
/// # Errors
/// When the time zone is unknown, which the rules of the configuration refuse before.
pub fn router(
    config: &Config,
    store: &Store,
    master_key: &Arc<MasterKey>,
    clock: Arc<dyn Clock>,
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
    };
    let seams = ServicesSeams {
        store: store.clone(),
        clock,
        random: Arc::new(SystemRandom),
        master_key: Arc::clone(master_key),
    };
    Ok(waypost_services::router(ServicesState::new(seams, settings)))
}
