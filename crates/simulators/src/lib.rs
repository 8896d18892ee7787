//! The other side of every protocol, as strict as the real thing: for the demo, the sandbox, tests and benchmarks.
//!
//! * [`smsc`]: an SMPP 3.4 server that checks every field, keeps receipts until they are acknowledged, and misbehaves
//!   on request.
//! * [`partner`]: a content partner that decides by the rules of the receiver, keeps everything in memory, and misbehaves on
//!   request.
//! * [`clamd`]: a virus scanner that speaks clamd's protocol and knows one virus, the EICAR test text.
//! * [`callbacks`]: an HTTP receiver of call-backs that counts, checks signatures and fails on request.
//! * [`push`]: FCM, APNs and a Web Push service, each checking what the real one checks, with credentials made at the start.
//! * [`sip`]: a provider of calls over UDP that lets them end as the called number asks.
//! * [`smtp`]: a mail relay that keeps what it takes, refuses what breaks the standard, and answers as it is told.
//! * [`social`]: the Graph API of Messenger, the direct messages of X and an official account of WeChat, with their webhooks.
//!
//! All listen on the loopback address and a free port unless told otherwise.
#![forbid(unsafe_code)]

pub mod callbacks;
pub mod clamd;
pub mod partner;
pub mod push;
pub mod sip;
pub mod smsc;
pub mod smtp;
pub mod social;
