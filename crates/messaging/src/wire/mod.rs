//! The request bodies as the wire shows them.
//!
//! Reading takes two passes over the bytes. The first ([`shape`]) decides what is JSON at all (code 7000): text,
//! depth, repeated keys. The second is typed and never fails: a member of the wrong type is read as
//! *wrong* and judged by the rules in the order of the contract, not in the order of the body.

mod destination;
mod id_type;
mod profile;
mod request;
mod shape;
pub mod social;
mod value;

pub use destination::{Destination, Destinations, VALUES_MAX, Values};
pub use id_type::IdType;
pub use profile::{ProfileRecord, ProfileRecords, RECORDS_MAX, parse_profile};
pub use request::{Channels, Extras, Message, Request, Sms};
pub use shape::{DEPTH_MAX, JsonFault};
pub use value::{Block, Parameters, Text};

/// Reads the body of `POST /resources/v1/messaging`.
///
/// # Errors
/// [`JsonFault`]: every case is answered 7000 `Invalid JSON`.
pub fn parse(body: &[u8]) -> Result<Request<'_>, JsonFault> {
    let text = std::str::from_utf8(body).map_err(|error| JsonFault::NotUtf8 { at: error.valid_up_to() })?;
    shape::check(text)?;
    serde_json::from_str(text).map_err(|error| JsonFault::syntax(&error))
}

/// Reads a body that is any JSON object.
///
/// # Errors
/// [`JsonFault`].
pub fn parse_object(body: &[u8]) -> Result<serde_json::Map<String, serde_json::Value>, JsonFault> {
    let text = std::str::from_utf8(body).map_err(|error| JsonFault::NotUtf8 { at: error.valid_up_to() })?;
    shape::check(text)?;
    serde_json::from_str(text).map_err(|error| JsonFault::syntax(&error))
}

#[cfg(test)]
mod tests;
