//! Building the house from its configuration: the one place that knows every room.

mod bursts;
mod content;
mod email;
mod family;
mod house;
mod keeper;
mod outside;
mod readiness;
mod realtime;
mod retention;
mod services;
mod statuses;
mod storage;

pub use crate::master_key::load_or_create as master_key;
pub use content::timing as content_timing;
pub use house::House;
pub use readiness::StoreProbe;
pub use services::rescan;
pub use storage::{FILE, open_command, open_or_create, open_server};
