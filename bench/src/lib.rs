//! Load generators and side-by-side comparisons.
//!
//! Everything is measured from outside: the server under test is a child process, and the load generator, the SMSC
//! and the call-back sink are threads of this one, so they share a clock and one board of marks per message.
#![forbid(unsafe_code)]

pub mod board;
pub mod ceiling;
pub mod devices;
pub mod feed;
pub mod histogram;
pub mod hotels;
pub mod load;
pub mod partner;
pub mod places;
pub mod report;
pub mod sink;
pub mod smsc;
pub mod subject;
pub mod wire;
pub mod workloads;
