//! `waypost sandbox`: a world on loopback in which nothing can reach a real provider.

mod apps;
mod calls;
mod chat;
mod customer;
mod events;
mod phone;
mod post;
mod providers;
mod ready;
mod receiver;
mod seed;
mod services;
mod world;

pub use calls::FLOW_ID;
pub use post::{Post, ReadyMail};
pub use providers::Providers;
pub use ready::{Ready, ReadyChat, ReadyContent};
pub use receiver::{Observer, Received, Receiver};
pub use services::ReadyServices;
pub use world::{Options, World};
