//! The operations over HTTP on a store of their own: status, headers, the whole body, and what is kept.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

mod accounts;
mod address;
mod answer;
mod app;
mod artifacts;
mod auth;
mod clamd;
mod document;
mod email_templates;
mod enrolment;
mod files;
mod ground;
mod invites;
mod mailed_codes;
mod metadata;
mod notices;
mod notifications;
mod operations;
mod organizations;
mod permissions;
mod post;
mod recovery;
mod request_assignments;
mod request_changes;
mod request_creation;
mod request_history;
mod request_lists;
mod request_query;
mod request_transfer;
mod rescan;
mod revisions;
mod service_artifacts;
mod services;
mod settings;
mod small;
mod strange;
mod support;
mod swagger;
mod trace;
mod user_applications;
mod users;
