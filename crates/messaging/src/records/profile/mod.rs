//! Customers and app profiles (spec 7).

pub mod app_profile;
pub mod customer;
pub mod find;
pub mod request;

pub use app_profile::{AppProfileRecord, AppProfileRow};
pub use customer::{CustomerRecord, CustomerRow};
