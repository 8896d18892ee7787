//! `waypost sandbox`: a world on loopback in which nothing can reach a real provider.

mod ready;
mod receiver;

pub use ready::Ready;
pub use receiver::{Observer, Received, Receiver};
