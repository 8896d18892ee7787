//! `waypost sandbox`: a world on loopback in which nothing can reach a real provider.

mod apps;
mod calls;
mod customer;
mod events;
mod providers;
mod ready;
mod receiver;
mod seed;
mod services;
mod world;

pub use calls::FLOW_ID;
pub use providers::Providers;
pub use ready::{Ready, ReadyContent};
pub use receiver::{Observer, Received, Receiver};
pub use services::ReadyServices;
pub use world::{Options, World};
