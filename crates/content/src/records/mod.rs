//! The queries of the family.

pub mod alert;
pub mod copy;
pub mod desk;
pub mod env;
pub mod inspect;
pub mod intake;
pub mod lane;
pub mod log;
pub mod model;
pub mod objects;
pub mod plan;
pub mod receive;
pub mod settle;
pub mod shelf;
