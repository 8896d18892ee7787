//! A push as it comes in (spec 3): the envelope, its objects, and everything wrong with them.

use std::collections::HashSet;

use super::envelope::{self, Envelope};
use super::json::Json;
use super::objects;
use super::schema::Faults;
use super::shape::is_code;
use crate::kind::{Kind, Op};
use crate::rules::Refusal;

/// Objects of one message at most.
pub const OBJECTS_MAX: usize = 5_000;

/// A push whose fields are good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// Echoed in the answer.
    pub message_id: String,
    /// What is pushed.
    pub kind: Kind,
    /// What is done to it.
    pub op: Op,
    /// The property it belongs to; of a hotel its own code.
    pub property: String,
    /// The objects; of products one, whose body is the array of all products of the rate plan that is its code.
    pub objects: Vec<Pushed>,
}

/// One object of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// Its code.
    pub code: String,
    /// The object, in canonical names, unknown fields kept.
    pub body: Json,
}

/// A message that is refused for what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Echoed in the answer; empty when there is none.
    pub message_id: String,
    /// The property, as far as it is known, for the log.
    pub property: String,
    /// Every violation, in the order of the message.
    pub refusals: Vec<Refusal>,
}

/// Reads a push. `path_code` is the code of the update route.
///
/// # Errors
/// [`Refused`] with every violation.
pub fn read(kind: Kind, path_code: Option<&str>, message: Json) -> Result<Push, Refused> {
    let mut faults = Faults::default();
    let mut envelope = Envelope::open(message, &mut faults);
    let op = operation(kind, &envelope.message, &mut faults);
    let property = match kind {
        Kind::Hotel => String::new(),
        _ => envelope.code("propertyCode", &mut faults),
    };
    let objects = match kind {
        Kind::Product => products(&mut envelope, &mut faults),
        _ => listed(kind, path_code, &mut envelope, &mut faults),
    };
    let property = match (kind, objects.first()) {
        (Kind::Hotel, Some(hotel)) => hotel.code.clone(),
        _ => property,
    };
    let message_id = envelope.message_id;
    if faults.found.is_empty() {
        Ok(Push { message_id, kind, op, property, objects })
    } else {
        Err(Refused { message_id, property, refusals: faults.found })
    }
}

fn operation(kind: Kind, message: &Json, faults: &mut Faults) -> Op {
    if kind == Kind::Product {
        return Op::Replace;
    }
    let given = envelope::word(message, "updateType");
    let Some(given) = given else {
        faults.missing("updateType");
        return Op::New;
    };
    match given.text().and_then(Op::parse).filter(|op| kind.ops().contains(op)) {
        Some(op) => op,
        None => {
            let words: Vec<_> = kind.ops().iter().map(|op| op.word()).collect();
            faults.invalid("updateType", format!("one of {}", words.join(", ")));
            Op::New
        }
    }
}

/// The objects under the plural or the singular name, as an array or alone (Appendix C, 3).
fn listed(kind: Kind, path_code: Option<&str>, envelope: &mut Envelope, faults: &mut Faults) -> Vec<Pushed> {
    let key = kind.list_key();
    let other = (kind.single_key() != key).then(|| envelope.message.take(kind.single_key())).flatten();
    let given = envelope.message.take(key).filter(|value| *value != Json::Null);
    let other = other.filter(|value| *value != Json::Null);
    let value = match (given, other) {
        (Some(own), Some(other)) if differ(&own, &other) => {
            return refuse(faults, key, "the singular name says otherwise; send one of the two");
        }
        (Some(value), _) | (None, Some(value)) => value,
        (None, None) => {
            faults.missing(key);
            return Vec::new();
        }
    };
    if kind == Kind::Hotel && value.members().is_none() {
        return refuse(faults, key, "an object");
    }
    let Json::List(list) = as_list(value) else { return refuse(faults, key, "an array of objects") };
    if list.is_empty() {
        faults.missing(key);
    }
    if path_code.is_some() && list.len() > 1 {
        return refuse(faults, key, "one object on the route of a code");
    }
    if list.len() > OBJECTS_MAX {
        return refuse(faults, key, "at most 5000 objects");
    }
    let mut seen = HashSet::new();
    let named = |place: usize| if kind == Kind::Hotel { key.to_owned() } else { format!("{key}[{place}]") };
    let checked = list.into_iter().enumerate();
    checked.filter_map(|(place, body)| one(kind, path_code, &named(place), body, &mut seen, faults)).collect()
}

fn refuse(faults: &mut Faults, field: &str, rule: &'static str) -> Vec<Pushed> {
    faults.invalid(field, rule);
    Vec::new()
}

/// Whether two forms of one thing say different things.
fn differ(one: &Json, other: &Json) -> bool {
    as_list(one.clone()).sorted() != as_list(other.clone()).sorted()
}

fn as_list(value: Json) -> Json {
    if value.members().is_some() { Json::List(vec![value]) } else { value }
}

fn one(
    kind: Kind,
    path_code: Option<&str>,
    place: &str,
    mut body: Json,
    seen: &mut HashSet<String>,
    faults: &mut Faults,
) -> Option<Pushed> {
    if body.members().is_none() {
        faults.invalid(place, "an object");
        return None;
    }
    let code = body.given("code").and_then(Json::text).filter(|code| is_code(code)).map(str::to_owned);
    faults.enter(code.as_deref(), place);
    objects::check(kind, &mut body, faults);
    if let Some(code) = &code {
        if path_code.is_some_and(|path| path != code) {
            faults.invalid("code", "the code of the path");
        }
        if !seen.insert(code.clone()) {
            faults.invalid("code", "each code once in a message");
        }
    }
    faults.enter(None, "");
    code.map(|code| Pushed { code, body })
}

/// All products of one rate plan (spec 3.6).
fn products(envelope: &mut Envelope, faults: &mut Faults) -> Vec<Pushed> {
    let given = envelope.message.take("products").filter(|value| *value != Json::Null);
    let list = match given {
        None => {
            faults.missing("products");
            Vec::new()
        }
        Some(Json::List(list)) if list.len() <= OBJECTS_MAX => list,
        Some(Json::List(_)) => return refuse(faults, "products", "at most 5000 products"),
        Some(_) => return refuse(faults, "products", "an array of objects"),
    };
    let rateplan = rateplan(&envelope.message, &list, faults);
    let mut seen = HashSet::new();
    let mut good = Vec::with_capacity(list.len());
    for (place, mut body) in list.into_iter().enumerate() {
        let at = format!("products[{place}]");
        if body.members().is_none() {
            faults.invalid(&at, "an object");
            continue;
        }
        let text = |name: &str| body.given(name).and_then(Json::text).map(str::to_owned);
        let (plan, room) = (text("rateplanCode"), text("roomtypeCode"));
        let code = plan.as_ref().zip(room.as_ref()).map(|(plan, room)| format!("{plan}/{room}"));
        faults.enter(code.as_deref(), &at);
        objects::check(Kind::Product, &mut body, faults);
        if plan.is_some_and(|plan| rateplan.as_ref().is_some_and(|of_all| *of_all != plan)) {
            faults.invalid("rateplanCode", "the rate plan of the message");
        }
        if room.is_some_and(|room| !seen.insert(room)) {
            faults.invalid("roomtypeCode", "each room type once in a message");
        }
        faults.enter(None, "");
        good.push(body);
    }
    let pushed = |code| Pushed { code, body: Json::List(good) };
    rateplan.map(pushed).into_iter().collect()
}

/// The rate plan of the message: named at the top, or the one all products agree on.
fn rateplan(message: &Json, products: &[Json], faults: &mut Faults) -> Option<String> {
    if let Some(given) = envelope::word(message, "rateplanCode") {
        let code = given.text().filter(|code| is_code(code)).map(str::to_owned);
        if code.is_none() {
            faults.invalid("rateplanCode", "a code");
        }
        return code;
    }
    let mut named = products.iter().filter_map(|product| product.given("rateplanCode")?.text());
    let first = named.next().filter(|code| is_code(code));
    if first.is_none_or(|first| named.any(|code| code != first)) {
        faults.missing("rateplanCode");
        return None;
    }
    first.map(str::to_owned)
}
