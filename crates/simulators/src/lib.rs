//! The other side of every protocol, as strict as the real thing: for the demo, the sandbox, tests and benchmarks.
//!
//! * [`smsc`]: an SMPP 3.4 server that checks every field, keeps receipts until they are acknowledged, and misbehaves
//!   on request.
//! * [`callbacks`]: an HTTP receiver of call-backs that counts, checks signatures and fails on request.
//! * [`social`]: the Graph API of Messenger, the direct messages of X and an official account of WeChat, with their webhooks.
//!
//! All listen on the loopback address and a free port unless told otherwise.
#![forbid(unsafe_code)]

pub mod callbacks;
pub mod smsc;
pub mod social;
