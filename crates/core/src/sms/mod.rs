//! SMS: alphabets, parts, inbound messages and delivery receipts. Pure; the SMPP session is elsewhere.

pub mod gsm;
pub mod inbound;
pub mod provider_id;
pub mod receipt;
pub mod segment;
pub mod ucs2;
pub mod udh;
