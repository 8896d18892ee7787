//! What a record of the Profile API must be (spec 7.3, 7.4): pure decisions, no look at what is stored.

mod attribute;
mod fault;
mod record;
mod stores;
mod value;

pub use attribute::{Known, Mandatory, ValueKind};
pub use fault::{ProfileRefusal, RecordFault};
pub use record::{Attributes, Schema, Verb, check_id, check_record, merge};
pub use stores::StoreKind;
pub use value::{canonical_email, canonical_msisdn};

#[cfg(test)]
mod tests;
