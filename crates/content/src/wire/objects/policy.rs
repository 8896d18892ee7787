//! The cancellation policy (spec 3.4).

use super::parts::each;
use crate::wire::json::Json;
use crate::wire::schema::{Faults, Field, optional, required};
use crate::wire::shape::{Shape, WHOLE_MAX};

pub const FIELDS: &[Field] = &[
    required("name", Shape::Text),
    required("code", Shape::Code),
    required("description", Shape::Text),
    required("penaltyWindows", Shape::List(WINDOW)),
];

const WINDOW: &[Field] =
    &[required("relativeDeadline", Shape::Object(DEADLINE)), required("penalty", Shape::Object(PENALTY))];

// The words of these three are not published: any text is taken and kept.
const DEADLINE: &[Field] = &[
    required("relativeTo", Shape::Text),
    required("type", Shape::Text),
    required("offsetUnit", Shape::Text),
    required("offsetValue", Shape::Whole(0, WHOLE_MAX)),
];

const PENALTY: &[Field] = &[
    optional("percent", Shape::Number(0, 100)),
    optional("nights", Shape::Whole(0, WHOLE_MAX)),
    required("taxInclusive", Shape::Flag),
];

/// A penalty is a percentage or a number of nights, not both and not neither.
pub fn between(policy: &Json, faults: &mut Faults) {
    for (path, window) in each(policy, "penaltyWindows") {
        let Some(penalty) = window.given("penalty").filter(|penalty| penalty.members().is_some()) else {
            continue;
        };
        if penalty.given("percent").is_some() == penalty.given("nights").is_some() {
            faults.invalid(&format!("{path}.penalty"), "one of percent and nights");
        }
    }
}
