//! What travels: JSON kept exactly, the objects of the contract as tables of fields, pushes and audits.

pub mod audit;
pub mod date;
pub mod decimal;
pub mod envelope;
pub mod json;
pub mod objects;
pub mod push;
pub mod schema;
pub mod shape;
mod unpack;

#[cfg(test)]
mod tests;

pub use json::{Json, JsonFault};
pub use unpack::unpack;
