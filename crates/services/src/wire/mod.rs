//! What JSON and query strings look like: PascalCase members, any case on input, nulls written (spec 2.5).

pub mod fields;
pub mod ids;
pub mod list;
pub mod query;
pub mod request;
pub mod service;
pub mod tolerant;

pub use fields::Fields;
pub use list::Page;
pub use query::Query;
