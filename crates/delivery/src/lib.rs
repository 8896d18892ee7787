//! The delivery engine's dispatcher: fair queues, leases, lanes, rate limits, breakers and drain.
//!
//! Work is a row in the store before it is anything else. The dispatcher decides which row's item a worker gets
//! next, and holds as many items in memory as it is allowed to. It runs nothing itself: workers ask
//! ([`Dispatcher::next`]), attempt, commit what came of it and say so ([`Ticket::finish`]).
//!
//! * Items come in two ways: *born leased* ([`Dispatcher::admit`], commit, [`Dispatcher::offer`]), without a
//!   query; or claimed in batches from a [`Source`] when a queue's memory runs low and the store has more.
//! * An item is handed out only when its lease outlasts an attempt; otherwise memory forgets it and the store
//!   gives it out again when the lease has ended.
//! * There is no polling and no task of its own: a worker that waits sleeps until a word or the next known
//!   time.

#![forbid(unsafe_code)]

mod admission;
mod breaker;
mod bucket;
mod dispatcher;
mod fair;
mod item;
mod items;
mod lane;
mod place;
mod policy;
mod queue;
mod shared;
mod state;
mod store_source;
mod ticket;
mod timers;

pub use admission::Admission;
pub use breaker::{BreakerPolicy, Health, OpenCause};
pub use dispatcher::Dispatcher;
pub use fair::WEIGHT_MAX;
pub use item::{BoxFuture, Finish, Item, Source};
pub use lane::LaneCause;
pub use policy::{CLAIM_BATCH_MAX, Policy, PolicyError};
pub use state::{Blockage, BlockedBy, BlockedLane, QueueView};
pub use store_source::StoreSource;
pub use ticket::Ticket;
