//! The process's one metrics recorder, rendered by our own page; nothing listens for it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

/// Upper bounds of the buckets of every `*_seconds` histogram.
const SECONDS: [f64; 14] =
    [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 10.0, 60.0];

/// How often the recorder folds what was observed, so that memory stays bounded between two readings of the page.
const UPKEEP: Duration = Duration::from_secs(5);

/// The recorder is the process's by nature: the `metrics` macros know no other.
static INSTALLED: Mutex<Option<PrometheusHandle>> = Mutex::new(None);

/// The recorder's handle; the first call installs it.
///
/// # Errors
/// When the process has another recorder.
pub fn recorder() -> anyhow::Result<PrometheusHandle> {
    let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = installed.as_ref() {
        return Ok(handle.clone());
    }
    let builder =
        PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?;
    let handle = builder.install_recorder()?;
    *installed = Some(handle.clone());
    Ok(handle)
}

/// Keeps the recorder small until `stop`.
pub async fn upkeep(handle: PrometheusHandle, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => handle.run_upkeep(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::recorder;

    #[test]
    fn a_second_server_in_one_process_shares_the_recorder() {
        let first = recorder().unwrap();
        metrics::counter!("shared_total").increment(2);
        let second = recorder().unwrap();
        assert!(second.render().contains("shared_total 2"), "{}", second.render());
        assert_eq!(first.render(), second.render());
    }
}
