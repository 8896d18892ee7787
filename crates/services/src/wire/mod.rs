//! What JSON and query strings look like: PascalCase members, any case on input, nulls written (spec 2.5).

pub mod coordinate;
pub mod email_template;
pub mod fields;
pub mod ids;
pub mod invoice;
pub mod list;
pub mod notice;
pub mod notification;
pub mod organization;
pub mod permission;
pub mod query;
pub mod request;
pub mod service;
pub mod setting;
pub mod tolerant;
pub mod user;

pub use fields::Fields;
pub use list::Page;
pub use query::Query;
