//! `waypost sandbox`: a world on loopback in which nothing can reach a real provider.

mod ready;

pub use ready::Ready;
