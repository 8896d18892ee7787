//! The Waypost server, its command line, demo and sandbox. No rules of its own: it wires the rooms together.
#![forbid(unsafe_code)]

pub mod cli;
pub mod config;
pub mod demo;
pub mod http;
pub mod logging;
pub mod master_key;
pub mod metering;
pub mod sandbox;
pub mod serve;
pub mod stop;
pub mod wiring;
