//! Connectors to the outside world, one module each.
//!
//! * [`connector`]: what the IP channels' connectors have in common.
//! * [`social`]: what Messenger, X and WeChat share; [`messenger`], [`twitter`], [`wechat`]: their connectors.
//! * [`push`]: FCM, APNs and Web Push.
//! * [`voice`]: calls over SIP trunks.
//! * [`smpp`]: the SMPP 3.4 client (ESME) that carries SMS to operators and receipts back.
//!
//! A connector knows its protocol and nothing of tenants, ledgers or families: it takes parts that are already
//! encoded, says exactly what became of each, and hands what comes in to a trait object.
#![forbid(unsafe_code)]

pub mod connector;
pub mod email;
pub mod messenger;
pub mod push;
pub mod smpp;
pub mod social;
pub mod tls;
pub mod twitter;
pub mod voice;
pub mod wechat;
