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
mod swagger;
mod user_applications;
mod users;
mod watch;

pub use answer::STATUS_HEADER;
pub use auth::{KEY_HEADER, TOKEN_HEADER, USER_HEADER};
pub use dispatch::router;
pub use operation::{Gives, Kind, Operation, Param, Place, Takes, Verb};
pub use state::{PUBLISHED_ISSUER, Random, ServicesSeams, ServicesSettings, ServicesState, SystemRandom};
pub use swagger::document;

/// The rows of each resource, under the name it has in the document.
const RESOURCES: &[(&str, &[Operation])] = &[
    ("Accounts", accounts::OPERATIONS),
    ("Address", address::OPERATIONS),
    ("App", app::OPERATIONS),
    ("EmailNotification", email::OPERATIONS),
    ("Artifacts", artifacts::OPERATIONS),
    ("Feedback", feedback::OPERATIONS),
    ("FileAttachments", files::OPERATIONS),
    ("Invoices", invoices::OPERATIONS),
    ("MetadataDefinitions", metadata::OPERATIONS),
    ("Notices", notices::OPERATIONS),
    ("Organization", organizations::OPERATIONS),
    ("Permissions", permissions::OPERATIONS),
    ("PortalCapabilities", portal::OPERATIONS),
    ("ServiceRegulatedEntities", request_entities::OPERATIONS),
    ("ServiceRequests", requests::OPERATIONS),
    ("ServiceArtifacts", service_artifacts::OPERATIONS),
    ("Services", services::OPERATIONS),
    ("ServiceSettings", settings::OPERATIONS),
    ("UserApplications", user_applications::OPERATIONS),
    ("Users", users::OPERATIONS),
];

/// Every operation that is built.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    RESOURCES.iter().flat_map(|(_, rows)| rows.iter())
}
