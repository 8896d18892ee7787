//! Queries. Every function takes the [`Scope`] of who asks, and with it the tenant.

pub mod application;
pub mod artifact;
pub mod assignment;
pub mod audit;
pub mod business_system;
mod composed;
pub mod coordinate;
pub mod email_template;
pub mod enrolment;
pub mod entity_part;
pub mod feedback;
pub mod file;
pub mod history;
pub mod invoice;
pub mod mailed_code;
pub mod metadata_structure;
pub mod notice;
pub mod organization;
pub mod permission;
pub mod request;
pub mod request_count;
pub mod request_entity;
pub mod request_list;
mod request_merge;
pub mod request_parts;
pub mod request_trace;
pub mod scope;
pub mod service;
pub mod service_artifact;
pub mod service_parts;
pub mod setting;
pub mod status_event;
pub mod status_watch;
pub mod transfer_code;
pub mod user;
pub mod user_application;

pub use scope::{Scope, Services};

use waypost_store::{Row, StoreError};

/// The id an INSERT returned.
pub(crate) fn inserted(rows: &[Row]) -> Result<i64, StoreError> {
    rows.first().ok_or_else(|| StoreError::Corrupt("an INSERT returned no id".to_owned()))?.int(0)
}
