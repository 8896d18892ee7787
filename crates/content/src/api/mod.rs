//! The receiver's face (spec 3 and 4): one endpoint per file, and what the endpoints share.

mod audit;
mod auth;
mod body;
mod door;
pub mod model;
mod push;
mod respond;
mod state;
mod watch;

use axum::middleware;
use axum::{Router, routing::MethodRouter};

pub use model::Admits;
pub use state::{ContentState, ReceiverSettings};

/// Where the endpoints stand beside the other families; on their own listener they stand at the root.
pub const PREFIX: &str = "/content";

/// The endpoints below `prefix`, each with and without a slash at its end (Appendix C, 11).
pub fn router(state: ContentState, prefix: &str) -> Router {
    let routes = [push::routes(), audit::routes()].concat();
    let add = |router: Router<ContentState>, (path, method): (&str, MethodRouter<ContentState>)| {
        let path = format!("{prefix}{path}");
        router.route(&path, method.clone()).route(&format!("{path}/"), method)
    };
    routes.into_iter().fold(Router::new(), add).layer(middleware::from_fn(watch::watch)).with_state(state)
}
