//! The SMPP connector against the SMSC simulator, over loopback.

mod binding;
mod hostile;
mod outcomes;
mod receipts;
mod submits;
mod support;
mod tls;
