//! HTTP/2 through the same door: many exchanges share a connection, a few connections an origin.
//!
//! A connection that says it goes away takes no new exchange, and what it certainly has not handled is sent again over
//! another one. A connection on which the deadline struck while no answer had come takes no new exchange either: it may
//! be dead without having said so.

mod exchange;
mod link;
mod links;

pub(crate) use links::Links;
