//! Building the house from its configuration: the one place that knows every room.

mod house;
mod readiness;
mod storage;

pub use crate::master_key::load_or_create as master_key;
pub use house::House;
pub use readiness::StoreProbe;
pub use storage::{FILE, open_command, open_server};
