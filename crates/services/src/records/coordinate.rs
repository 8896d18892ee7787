//! Phones, e-mail addresses and postal addresses of people and organizations (spec 4.2).

use serde_json::{Map, Value};
use waypost_store::{Sql, StoreError};

use super::Scope;
use crate::rules::contact::msisdn;

/// Whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum Owner {
    /// A person.
    User = 1,
    /// An organization.
    Organization = 2,
}

/// What it reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum CoordinateKind {
    /// A phone.
    Phone = 1,
    /// An e-mail address.
    Email = 2,
    /// A postal address.
    Address = 3,
}

/// One way to reach somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coordinate {
    /// Its row; 0 before it is stored.
    pub id: i64,
    /// What it reaches.
    pub kind: CoordinateKind,
    /// Where: home, business.
    pub location_type: Option<String>,
    /// Whether it is the one to use first.
    pub is_primary: bool,
    /// The members of its published shape, apart from those above.
    pub body: Map<String, Value>,
}

impl Coordinate {
    /// The e-mail address, if it is one.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.body.get("EmailAddress").and_then(Value::as_str).filter(|_| self.kind == CoordinateKind::Email)
    }

    /// The number to which a message can be sent, if it is a phone that says its country.
    #[must_use]
    pub fn msisdn(&self) -> Option<String> {
        let text = |name: &str| self.body.get(name).and_then(Value::as_str).unwrap_or_default();
        if self.kind != CoordinateKind::Phone {
            return None;
        }
        let parts = [text("CountryCode"), text("AreaCode"), text("LocalNumber")];
        msisdn(text("InternationalNumber"), text("DisplayPhoneNumber"), parts)
    }
}

/// Coordinates of one owner at most.
pub const COORDINATES_MAX: usize = 50;

/// Stores these in place of what is there: one with the id of a coordinate that is there changes it, so that whoever refers to it
/// still finds it; one without an id is added; what is not among them is removed.
///
/// # Errors
/// See [`Sql::query`].
pub fn replace(
    tx: &mut dyn Sql,
    scope: &Scope,
    (owner, id): (Owner, i64),
    coordinates: &[Coordinate],
) -> Result<(), StoreError> {
    let kept = coordinates.get(..COORDINATES_MAX).unwrap_or(coordinates);
    for there in of(tx, scope, (owner, id))? {
        if kept.iter().all(|coordinate| coordinate.id != there.id) {
            tx.put(
                "DELETE FROM sd_coordinate WHERE tenant = ?1 AND owner_kind = ?2 AND owner = ?3 AND id = ?4",
                &[scope.tenant().into(), (owner as i64).into(), id.into(), there.id.into()],
            )?;
        }
    }
    kept.iter().try_for_each(|coordinate| put(tx, scope, (owner, id), coordinate))
}

fn put(
    tx: &mut dyn Sql,
    scope: &Scope,
    (owner, id): (Owner, i64),
    coordinate: &Coordinate,
) -> Result<(), StoreError> {
    let email = coordinate.email().map(|email| email.trim().to_lowercase());
    let body = Value::Object(coordinate.body.clone()).to_string();
    let sql = match coordinate.id {
        0 => {
            "INSERT INTO sd_coordinate (tenant, owner_kind, owner, kind, location_type, is_primary, email_key, body) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        }
        _ => {
            "UPDATE sd_coordinate SET location_type = ?5, is_primary = ?6, email_key = ?7, body = ?8 \
             WHERE tenant = ?1 AND owner_kind = ?2 AND owner = ?3 AND kind = ?4 AND id = ?9"
        }
    };
    let mut params = vec![
        scope.tenant().into(),
        (owner as i64).into(),
        id.into(),
        (coordinate.kind as i64).into(),
        coordinate.location_type.as_deref().into(),
        coordinate.is_primary.into(),
        email.as_deref().into(),
        (&body).into(),
    ];
    if coordinate.id != 0 {
        params.push(coordinate.id.into());
    }
    tx.put(sql, &params)
}

/// The coordinates of one owner, in the order they were added.
///
/// # Errors
/// See [`Sql::query`].
pub fn of(tx: &mut dyn Sql, scope: &Scope, (owner, id): (Owner, i64)) -> Result<Vec<Coordinate>, StoreError> {
    let rows = tx.query(
        "SELECT id, kind, location_type, is_primary, body FROM sd_coordinate \
         WHERE tenant = ?1 AND owner_kind = ?2 AND owner = ?3 ORDER BY id LIMIT 50",
        &[scope.tenant().into(), (owner as i64).into(), id.into()],
    )?;
    let corrupt = |what: &str| StoreError::Corrupt(format!("{what} of a coordinate"));
    rows.iter()
        .map(|row| {
            Ok(Coordinate {
                id: row.int(0)?,
                kind: match row.int(1)? {
                    1 => CoordinateKind::Phone,
                    2 => CoordinateKind::Email,
                    3 => CoordinateKind::Address,
                    _ => return Err(corrupt("the kind")),
                },
                location_type: row.opt_text(2)?.map(str::to_owned),
                is_primary: row.flag(3)?,
                body: serde_json::from_str(row.text(4)?).map_err(|_| corrupt("the body"))?,
            })
        })
        .collect()
}
