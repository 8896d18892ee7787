use super::{Decision, MemoryShelf, Refusal, apply, look};
use crate::kind::{Kind, Op};
use crate::sample;
use crate::wire::audit;
use crate::wire::json::Json;
use crate::wire::push;

const P: &str = "LISTEST";

/// Pushes and says what came of it: notes, or refusals.
fn send(shelf: &mut MemoryShelf, kind: Kind, op: Op, bodies: Vec<Json>) -> Result<Vec<String>, Vec<Refusal>> {
    let message = sample::message("m", kind, op, P, bodies);
    given(shelf, kind, message)
}

fn given(shelf: &mut MemoryShelf, kind: Kind, message: Json) -> Result<Vec<String>, Vec<Refusal>> {
    let push = push::read(kind, None, message).unwrap();
    let Ok(decision) = apply(shelf, &push);
    match decision {
        Decision::Accepted(notes) => Ok(notes),
        Decision::Refused(refusals, _) => Err(refusals),
    }
}

fn products(
    shelf: &mut MemoryShelf,
    plan: &str,
    rooms: &[&str],
    taxes: &[&str],
) -> Result<Vec<String>, Vec<Refusal>> {
    let products = rooms.iter().map(|room| sample::product(plan, room, taxes)).collect();
    given(shelf, Kind::Product, sample::products("m", P, plan, products))
}

fn audited(shelf: &mut MemoryShelf, kind: Kind, codes: &[&str]) -> (Vec<Json>, Vec<Refusal>) {
    let list = Json::List(codes.iter().map(|code| Json::from(*code)).collect());
    let mut message = crate::wire::json::object([("messageId", "a".into()), ("propertyCode", P.into())]);
    if let Some(key) = kind.filter_key() {
        message.set(key, list);
    }
    let Ok(decision) = look(shelf, &audit::read(kind, message).unwrap());
    match decision {
        Decision::Accepted(found) => (found, Vec::new()),
        Decision::Refused(refusals, found) => (found, refusals),
    }
}

/// A hotel with two rooms, two rate plans, a policy and a tax.
fn furnished() -> MemoryShelf {
    let mut shelf = MemoryShelf::default();
    let mut push = |kind, bodies| assert_eq!(send(&mut shelf, kind, Op::New, bodies), Ok(vec![]));
    push(Kind::Hotel, vec![sample::hotel(P)]);
    push(Kind::Tax, vec![sample::tax("CITY")]);
    push(Kind::Policy, vec![sample::policy("C24H")]);
    push(Kind::Room, vec![sample::room("A"), sample::room("B")]);
    push(Kind::RatePlan, vec![sample::rateplan("RP1", "C24H"), sample::rateplan("RP2", "C24H")]);
    shelf
}

fn unknown(kind: Kind, code: &str) -> Refusal {
    Refusal::NotFound(kind, code.to_owned())
}

fn disabled(kind: Kind, code: &str) -> Refusal {
    Refusal::Disabled(kind, code.to_owned())
}

#[test]
fn the_table_of_operations_against_what_is_stored() {
    let tax = || vec![sample::tax("T")];
    let mut shelf = furnished();
    for op in [Op::Update, Op::Enable, Op::Disable] {
        assert_eq!(send(&mut shelf, Kind::Tax, op, tax()), Err(vec![unknown(Kind::Tax, "T")]), "{op:?}");
    }
    for op in [Op::New, Op::New, Op::Update, Op::Enable, Op::Disable, Op::Disable] {
        assert_eq!(send(&mut shelf, Kind::Tax, op, tax()), Ok(vec![]), "{op:?}");
    }
    assert_eq!(send(&mut shelf, Kind::Tax, Op::Update, tax()), Err(vec![disabled(Kind::Tax, "T")]));
    assert_eq!(send(&mut shelf, Kind::Tax, Op::New, tax()), Ok(vec!["tax T stays disabled".to_owned()]));
    assert_eq!(send(&mut shelf, Kind::Tax, Op::Update, tax()), Err(vec![disabled(Kind::Tax, "T")]));
    assert_eq!(send(&mut shelf, Kind::Tax, Op::Enable, tax()), Ok(vec![]));
    assert_eq!(send(&mut shelf, Kind::Tax, Op::Update, tax()), Ok(vec![]));
}

#[test]
fn nothing_below_a_property_that_is_unknown_or_disabled_is_taken() {
    let mut shelf = MemoryShelf::default();
    let room = || vec![sample::room("A")];
    assert_eq!(send(&mut shelf, Kind::Room, Op::New, room()), Err(vec![unknown(Kind::Hotel, P)]));
    let hotel = || vec![sample::hotel(P)];
    assert_eq!(send(&mut shelf, Kind::Hotel, Op::Update, hotel()), Err(vec![unknown(Kind::Hotel, P)]));
    send(&mut shelf, Kind::Hotel, Op::New, hotel()).unwrap();
    send(&mut shelf, Kind::Hotel, Op::Disable, hotel()).unwrap();
    assert_eq!(send(&mut shelf, Kind::Room, Op::New, room()), Err(vec![disabled(Kind::Hotel, P)]));
    assert_eq!(send(&mut shelf, Kind::Hotel, Op::Update, hotel()), Err(vec![disabled(Kind::Hotel, P)]));
    send(&mut shelf, Kind::Hotel, Op::Enable, hotel()).unwrap();
    assert_eq!(send(&mut shelf, Kind::Room, Op::New, room()), Ok(vec![]));
}

#[test]
fn a_batch_is_taken_whole_or_not_at_all() {
    let mut shelf = furnished();
    let before = shelf.clone();
    let plans = vec![
        sample::rateplan("RP3", "C24H"),
        sample::rateplan("RP4", "NONE"),
        sample::rateplan("RP5", "NO2"),
    ];
    let refused = send(&mut shelf, Kind::RatePlan, Op::New, plans);
    assert_eq!(refused, Err(vec![unknown(Kind::Policy, "NONE"), unknown(Kind::Policy, "NO2")]));
    assert_eq!(shelf, before);
}

#[test]
fn seasonal_policies_are_references_too() {
    let mut shelf = furnished();
    let mut plan = sample::rateplan("RP", "C24H");
    let season = r#"[{"name":"x","code":"NREF","startDate":"2026-01-01","endDate":"2026-01-02"}]"#;
    plan.set("seasonalPolicies", crate::wire::json::parse(season.as_bytes()).unwrap());
    assert_eq!(
        send(&mut shelf, Kind::RatePlan, Op::New, vec![plan.clone()]),
        Err(vec![unknown(Kind::Policy, "NREF")])
    );
    send(&mut shelf, Kind::Policy, Op::New, vec![sample::policy("NREF")]).unwrap();
    assert_eq!(send(&mut shelf, Kind::RatePlan, Op::New, vec![plan.clone()]), Ok(vec![]));
    plan.set("cancellationPolicyCode", Json::Null);
    assert_eq!(send(&mut shelf, Kind::RatePlan, Op::Update, vec![plan]), Ok(vec![]));
}

#[test]
fn products_name_every_reference_that_fails() {
    let mut shelf = furnished();
    assert_eq!(
        products(&mut shelf, "RP9", &["A", "Z"], &["CITY", "VAT"]),
        Err(vec![unknown(Kind::RatePlan, "RP9"), unknown(Kind::Tax, "VAT"), unknown(Kind::Room, "Z"),])
    );
    send(&mut shelf, Kind::Tax, Op::Disable, vec![sample::tax("CITY")]).unwrap();
    let note = "tax CITY is disabled and will not be charged".to_owned();
    assert_eq!(products(&mut shelf, "RP1", &["A"], &["CITY"]), Ok(vec![note]));
    assert!(shelf.switch(Kind::Room, P, "A", false));
    assert_eq!(products(&mut shelf, "RP1", &["A"], &[]), Err(vec![disabled(Kind::Room, "A")]));
}

#[test]
fn the_products_of_a_rate_plan_replace_its_products_and_no_others() {
    let mut shelf = furnished();
    products(&mut shelf, "RP1", &["A", "B"], &["CITY"]).unwrap();
    products(&mut shelf, "RP2", &["B"], &[]).unwrap();
    products(&mut shelf, "RP1", &["A"], &["CITY"]).unwrap();
    let (rp1, rp2) = (sample::product("RP1", "A", &["CITY"]), sample::product("RP2", "B", &[]));
    assert_eq!(audited(&mut shelf, Kind::Product, &["RP1"]), (vec![rp1.clone()], vec![]));
    assert_eq!(audited(&mut shelf, Kind::Product, &[]), (vec![rp1, rp2.clone()], vec![]));
    products(&mut shelf, "RP1", &[], &[]).unwrap();
    assert_eq!(audited(&mut shelf, Kind::Product, &[]), (vec![rp2], vec![]));
}

#[test]
fn an_audit_gives_what_it_finds_and_names_what_it_does_not() {
    let mut shelf = furnished();
    let (a, b) = (sample::room("A"), sample::room("B"));
    assert_eq!(audited(&mut shelf, Kind::Room, &[]), (vec![a.clone(), b], vec![]));
    assert_eq!(audited(&mut shelf, Kind::Room, &["A", "Z"]), (vec![a], vec![unknown(Kind::Room, "Z")]));
    assert_eq!(audited(&mut shelf, Kind::Hotel, &[]), (vec![sample::hotel(P)], vec![]));
    send(&mut shelf, Kind::Tax, Op::Disable, vec![sample::tax("CITY")]).unwrap();
    assert_eq!(audited(&mut shelf, Kind::Tax, &[]), (vec![], vec![]));
    assert_eq!(audited(&mut shelf, Kind::Tax, &["CITY"]), (vec![], vec![disabled(Kind::Tax, "CITY")]));
    send(&mut shelf, Kind::Hotel, Op::Disable, vec![sample::hotel(P)]).unwrap();
    assert_eq!(audited(&mut shelf, Kind::Hotel, &[]), (vec![], vec![disabled(Kind::Hotel, P)]));
    let mut empty = MemoryShelf::default();
    assert_eq!(audited(&mut empty, Kind::Room, &[]), (vec![], vec![unknown(Kind::Hotel, P)]));
}

#[test]
fn the_newest_full_object_is_all_that_is_kept() {
    let mut shelf = furnished();
    let mut room = sample::room("A");
    let Some(Json::List(beds)) = room.get_mut("bedtypes") else { unreachable!() };
    beds.pop();
    room.take("images");
    send(&mut shelf, Kind::Room, Op::Update, vec![room.clone()]).unwrap();
    assert_eq!(audited(&mut shelf, Kind::Room, &["A"]).0, [room]);
}
