//! The HTTP face: one operation per file, and what the operations share.
//!
//! [`operations`] lists every operation; [`router`] is built from that list alone. Every answer below `/api/v1` and `/api/v2`
//! carries `mtapistatus`, an unknown path and a wrong method too.

mod address;
mod answer;
mod app;
mod artifacts;
mod auth;
mod body;
mod call;
mod dispatch;
mod files;
mod lookup;
mod metadata;
mod notices;
mod noting;
mod operation;
mod organizations;
mod permissions;
mod requests;
mod service_artifacts;
#[cfg_attr(not(test), expect(dead_code, reason = "for the service settings, which come next"))]
mod settings_cache;
mod state;
mod user_applications;
mod users;
mod watch;

pub use answer::STATUS_HEADER;
pub use auth::{KEY_HEADER, TOKEN_HEADER, USER_HEADER};
pub use dispatch::router;
pub use operation::{Kind, Operation, Param, Place, Verb};
pub use state::{PUBLISHED_ISSUER, Random, ServicesSeams, ServicesSettings, ServicesState, SystemRandom};

/// The rows of each resource.
const RESOURCES: &[&[Operation]] = &[
    app::OPERATIONS,
    artifacts::OPERATIONS,
    files::OPERATIONS,
    metadata::OPERATIONS,
    requests::OPERATIONS,
    service_artifacts::OPERATIONS,
    address::OPERATIONS,
    notices::OPERATIONS,
    organizations::OPERATIONS,
    permissions::OPERATIONS,
    user_applications::OPERATIONS,
    users::OPERATIONS,
];

/// Every operation that is built.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    RESOURCES.iter().flat_map(|rows| rows.iter())
}
