//! When the process is asked to stop.

use tokio_util::sync::CancellationToken;

/// Resolves at the first SIGTERM or Ctrl-C.
///
/// # Errors
/// When the system refuses a signal handler.
pub async fn signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupt = tokio::signal::ctrl_c() => interrupt,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// A token that is cancelled at the first SIGTERM or Ctrl-C.
#[must_use]
pub fn on_signal() -> CancellationToken {
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        match signal().await {
            Ok(()) => tracing::info!("asked to stop"),
            Err(error) => tracing::error!(%error, "no signal handler; stopping at once"),
        }
        cancel.cancel();
    });
    token
}
