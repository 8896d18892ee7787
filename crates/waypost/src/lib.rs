//! The Waypost server, its command line, demo and sandbox. No rules of its own: it wires the rooms together.
#![forbid(unsafe_code)]

pub mod config;
pub mod master_key;
