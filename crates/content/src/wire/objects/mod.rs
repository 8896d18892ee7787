//! The fields of each kind of object (spec 3), and the rules between fields.

mod condition;
mod hotel;
mod parts;
mod policy;
mod product;
mod rateplan;
mod room;
mod tax;

use super::json::Json;
use super::schema::{self, Faults};
use crate::kind::Kind;

/// Checks one object and gives its names the form of this receiver. Call [`Faults::enter`] before.
pub fn check(kind: Kind, object: &mut Json, faults: &mut Faults) {
    let before = faults.found.len();
    if kind == Kind::Hotel {
        hotel::gather_mapping(object, faults);
    }
    let fields = match kind {
        Kind::Hotel => hotel::FIELDS,
        Kind::Tax => tax::FIELDS,
        Kind::Policy => policy::FIELDS,
        Kind::Room => room::FIELDS,
        Kind::RatePlan => rateplan::FIELDS,
        Kind::Product => product::FIELDS,
    };
    schema::check(fields, object, "", faults);
    // What is between fields is asked only of fields that are what they should be.
    let sound = faults.found.len() == before;
    match kind {
        Kind::Tax => tax::between(object, faults),
        Kind::Policy => policy::between(object, faults),
        Kind::Room if sound => room::between(object, faults),
        Kind::RatePlan => rateplan::between(object, faults),
        Kind::Product => product::between(object, faults),
        Kind::Hotel | Kind::Room => {}
    }
    faults.order(before, |name| fields.iter().position(|field| field.name == name));
}
