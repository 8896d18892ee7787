//! Building the house from its configuration: the one place that knows every room.

mod house;
mod readiness;
mod storage;

pub use house::House;
pub use readiness::StoreProbe;
pub use storage::{FILE, open_command, open_server};
