//! What runs for this family outside a request: submission, delivery reports, inbound messages, call-backs, sweeps.

pub mod accept;
pub mod callback;
pub mod callback_item;
mod callback_load;
mod callback_verdict;
pub mod deliver;
mod dnd;
pub mod doors;
mod emit;
pub mod gateway;
pub mod inbound;
pub mod kind;
pub mod notification;
mod queues;
pub mod receipts;
mod recent;
pub mod runtime;
mod sandbox;
mod signing;
mod sms;
mod sms_content;
mod sms_item;
mod sms_pdu;
mod sms_policy;
mod sms_record;
mod sms_submit;
mod sweep;
