//! The HTTP door: bounded connections, bounded heads and bodies, graceful stop; and the pages that belong to no family.

mod openapi;
mod pages;
mod server;
#[cfg(test)]
mod tests;

pub use openapi::document;
pub use pages::{Pages, Readiness, operations};
pub use server::{Limits, Stopped, bind, serve};
