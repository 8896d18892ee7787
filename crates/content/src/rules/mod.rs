//! Pure decisions: what a receiver takes and refuses, what a pusher does next.

pub mod compare;
mod memory;
pub mod pushing;
mod refusal;
mod shelf;

#[cfg(test)]
mod tests;

pub use memory::MemoryShelf;
pub use refusal::{Place, Refusal};
pub use shelf::{Decision, Shelf, apply, look, refers_to};
