//! The HTTP face: one operation per file, and what the operations share.
//!
//! [`operations`] lists every operation; [`router`] is built from that list alone. Every answer below `/api/v1` and `/api/v2`
//! carries `mtapistatus`, an unknown path and a wrong method too.

mod accounts;
mod address;
mod answer;
mod app;
mod artifacts;
mod auth;
mod body;
mod call;
mod codes;
mod dispatch;
mod email;
mod feedback;
mod files;

mod invoices;
mod lookup;
mod mailing;
mod metadata;
mod notices;
mod noting;
mod operation;
mod organizations;
mod permissions;
mod portal;
mod request_entities;
mod requests;
mod service_artifacts;
mod services;
mod settings;
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
    accounts::OPERATIONS,
    address::OPERATIONS,
    app::OPERATIONS,
    email::OPERATIONS,
    artifacts::OPERATIONS,
    feedback::OPERATIONS,
    files::OPERATIONS,
    invoices::OPERATIONS,
    metadata::OPERATIONS,
    notices::OPERATIONS,
    organizations::OPERATIONS,
    permissions::OPERATIONS,
    portal::OPERATIONS,
    request_entities::OPERATIONS,
    requests::OPERATIONS,
    service_artifacts::OPERATIONS,
    services::OPERATIONS,
    settings::OPERATIONS,
    user_applications::OPERATIONS,
    users::OPERATIONS,
];

/// Every operation that is built.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    RESOURCES.iter().flat_map(|rows| rows.iter())
}
