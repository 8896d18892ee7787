//! Phones, e-mail addresses and postal addresses as they are sent and shown (spec 4.2).

use serde_json::{Map, Value};

use super::Fields;
use crate::records::coordinate::{COORDINATES_MAX, Coordinate, CoordinateKind};
use crate::rules::Refusal;
use crate::rules::contact::is_email;

/// Longest text of a member, characters.
const TEXT_CHARS_MAX: usize = 400;

const PHONE: &[&str] = &[
    "LocalNumber",
    "AreaCode",
    "CountryCode",
    "ExtensionNumber",
    "InternationalAccessNumber",
    "InternationalNumber",
    "PhoneType",
    "DisplayPhoneNumber",
];
const EMAIL: &[&str] = &["EmailAddress"];
const ADDRESS: &[&str] = &[
    "CoordinateType",
    "SubAddressType",
    "FloorSectionNumber",
    "SuiteApartmentNumber",
    "StreetCivicNumber",
    "StreetName",
    "PostalZipCode",
    "BuildingName",
    "StreetDirection",
    "StreetType",
    "CountrySubdivisionCode",
    "DeliveryInstallationArea",
    "DeliveryInstallQualifier",
    "GenDeliveryCategory",
    "RouteServiceType",
    "BoxNumber",
    "RouteServiceNumber",
    "UnregisteredCityTownName",
    "DeliveryDirective",
    "GeneratedStreetAddress",
    "CityTown",
    "CityTownName",
];

const LISTS: &[(&str, CoordinateKind)] = &[
    ("Phones", CoordinateKind::Phone),
    ("Emails", CoordinateKind::Email),
    ("Addresses", CoordinateKind::Address),
];

const fn members(kind: CoordinateKind) -> &'static [&'static str] {
    match kind {
        CoordinateKind::Phone => PHONE,
        CoordinateKind::Email => EMAIL,
        CoordinateKind::Address => ADDRESS,
    }
}

/// The coordinates after a change: a list that is written out stands in place of the former one, the others stay. A coordinate keeps
/// its id: the one that is named by `Id`, else the one that says the same.
///
/// # Errors
/// 901002 that names the member.
pub fn merged(fields: &Fields, before: &[Coordinate]) -> Result<Vec<Coordinate>, Refusal> {
    let mut after = Vec::new();
    for (list, kind) in LISTS {
        if fields.names(list) {
            for one in fields.objects(list)? {
                let coordinate = identified(&one, read(&one, *kind)?, before, &after)?;
                after.push(coordinate);
            }
        } else {
            after.extend(before.iter().filter(|one| one.kind == *kind).cloned());
        }
    }
    if after.len() > COORDINATES_MAX {
        return Err(fields.wrong("Addresses", format!("at most {COORDINATES_MAX} coordinates in all")));
    }
    Ok(after)
}

/// The coordinate with its id, 0 for a new one.
fn identified(
    fields: &Fields,
    new: Coordinate,
    before: &[Coordinate],
    after: &[Coordinate],
) -> Result<Coordinate, Refusal> {
    let free = |old: &&Coordinate| old.kind == new.kind && after.iter().all(|taken| taken.id != old.id);
    let old = match fields.opt_id("Id")? {
        Some(id) => {
            let rule = "the id of a coordinate that is there, once, or none for a new one";
            let named = before.iter().find(|old| old.id == id && free(old));
            Some(named.ok_or_else(|| fields.wrong("Id", rule))?)
        }
        None => before.iter().find(|old| {
            free(old)
                && (&old.location_type, old.is_primary, &old.body)
                    == (&new.location_type, new.is_primary, &new.body)
        }),
    };
    Ok(Coordinate { id: old.map_or(0, |old| old.id), ..new })
}

fn read(fields: &Fields, kind: CoordinateKind) -> Result<Coordinate, Refusal> {
    let mut body = Map::new();
    for name in members(kind) {
        if let Some(text) = fields.opt_text_of(name, TEXT_CHARS_MAX)? {
            body.insert((*name).to_owned(), Value::String(text));
        }
    }
    match kind {
        CoordinateKind::Email => {
            let address = fields.text("EmailAddress")?.trim().to_owned();
            if !is_email(&address) {
                return Err(fields.wrong("EmailAddress", "an e-mail address"));
            }
            body.insert("EmailAddress".to_owned(), Value::String(address));
        }
        CoordinateKind::Address => {
            if let Some(code) = fields.opt_int("CountryCode")? {
                body.insert("CountryCode".to_owned(), code.into());
            }
        }
        CoordinateKind::Phone => {}
    }
    Ok(Coordinate {
        id: 0,
        kind,
        location_type: fields.opt_text_of("LocationType", TEXT_CHARS_MAX)?,
        is_primary: fields.flag("IsPrimary", false)?,
        body,
    })
}

/// The coordinates of one kind, every member written.
#[must_use]
pub fn shown(coordinates: &[Coordinate], kind: CoordinateKind) -> Vec<Value> {
    coordinates.iter().filter(|one| one.kind == kind).map(show).collect()
}

fn show(one: &Coordinate) -> Value {
    let mut body = Map::new();
    body.insert("Id".to_owned(), one.id.into());
    body.insert("LocationType".to_owned(), one.location_type.clone().into());
    body.insert("IsPrimary".to_owned(), one.is_primary.into());
    let country = if one.kind == CoordinateKind::Address { Some("CountryCode") } else { None };
    for name in members(one.kind).iter().copied().chain(country) {
        body.insert(name.to_owned(), one.body.get(name).cloned().unwrap_or(Value::Null));
    }
    Value::Object(body)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(body: Value) -> Fields {
        Fields::of(body, "").unwrap()
    }

    #[test]
    fn a_list_that_is_not_written_out_stays_as_it_was() {
        let first = json!({"Phones": [{"LocalNumber": 5550100}], "Emails": [{"EmailAddress": " a@b.ca "}]});
        let before = merged(&fields(first), &[]).unwrap();
        let after = merged(&fields(json!({"Emails": []})), &before).unwrap();
        assert_eq!(after.len(), 1);
        let phone = &shown(&after, CoordinateKind::Phone)[0];
        assert_eq!((&phone["LocalNumber"], &phone["AreaCode"]), (&json!("5550100"), &Value::Null));
        assert_eq!(before[1].email(), Some("a@b.ca"));
    }

    #[test]
    fn a_coordinate_keeps_its_id_by_naming_it_or_by_saying_the_same() {
        let mut before = merged(
            &fields(json!({"Emails": [{"EmailAddress": "a@b.ca"}, {"EmailAddress": "c@d.ca"}],
            "Phones": [{"LocalNumber": "1"}]})),
            &[],
        )
        .unwrap();
        for (id, one) in (1..).zip(&mut before) {
            one.id = id;
        }
        let ids = |body: Value| {
            merged(&fields(body), &before).map(|after| after.iter().map(|one| one.id).collect::<Vec<_>>())
        };
        let emails = json!({"Emails": [{"EmailAddress": "e@f.ca"}, {"EmailAddress": "c@d.ca"}, {"Id": 2, "EmailAddress": "g@h.ca"}]});
        assert_eq!(ids(emails).unwrap(), [1, 0, 3, 2]);
        let twice = json!({"Emails": [{"EmailAddress": "c@d.ca"}, {"EmailAddress": "c@d.ca"}]});
        assert_eq!(ids(twice).unwrap(), [1, 3, 0]);
        let place = |body: Value| ids(body).unwrap_err().detail().unwrap().field.to_string();
        assert_eq!(place(json!({"Emails": [{"Id": 1, "EmailAddress": "a@b.ca"}]})), "Emails[0].Id");
        let one = json!({"Id": 2, "EmailAddress": "a@b.ca"});
        assert_eq!(place(json!({"Emails": [one, one]})), "Emails[1].Id");
    }

    #[test]
    fn a_wrong_member_is_named_with_its_place() {
        let place = |body: Value| merged(&fields(body), &[]).unwrap_err().detail().unwrap().field.to_string();
        assert_eq!(place(json!({"Emails": [{"EmailAddress": "a"}]})), "Emails[0].EmailAddress");
        assert_eq!(place(json!({"Addresses": [{}, {"CountryCode": "x"}]})), "Addresses[1].CountryCode");
        assert_eq!(place(json!({"Phones": [{"Id": 7}]})), "Phones[0].Id");
        let many: Vec<_> = std::iter::repeat_n(json!({}), 51).collect();
        assert_eq!(place(json!({"Phones": many})), "Addresses");
    }
}
