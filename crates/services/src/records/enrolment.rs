//! Enrolments: the client service that ties a person (and an organization) to a service (spec 5.2, 5.6).

use waypost_core::time::Micros;
use waypost_store::{Row, Sql, StoreError, query_one};

use super::{Scope, audit, inserted};
use crate::rules::enrolment::State;

/// An enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// Its row.
    pub id: i64,
    /// The person.
    pub user: i64,
    /// The service.
    pub service: i64,
    /// The organization, if any.
    pub organization: Option<i64>,
    /// As stored; see [`Enrolment::state_at`].
    pub state: State,
    /// Whether the person enrolled alone.
    pub self_enrolled: bool,
    /// From when on it is inactive.
    pub deactivate_at: Option<Micros>,
    /// Whether an enrolment key waits to be used.
    pub has_key: bool,
}

impl Enrolment {
    /// The state at a moment: a deactivation that has come due counts.
    #[must_use]
    pub fn state_at(&self, now: Micros) -> State {
        self.state.at(self.deactivate_at, now)
    }
}

/// Enrolments one answer holds at most.
const ENROLMENTS_MAX: i64 = 1_000;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, service, organization, state, self_enrolled, deactivate_at, key_hash ",
            "FROM sd_enrolment WHERE tenant = ?1 ",
            $rest
        )
    };
}

fn of(row: &Row) -> Result<Enrolment, StoreError> {
    let state = row.int(4)?;
    Ok(Enrolment {
        id: row.int(0)?,
        user: row.int(1)?,
        service: row.int(2)?,
        organization: Some(row.int(3)?).filter(|id| *id > 0),
        state: State::of(state)
            .ok_or_else(|| StoreError::Corrupt(format!("the state of an enrolment is {state}")))?,
        self_enrolled: row.flag(5)?,
        deactivate_at: row.opt_time(6)?,
        has_key: row.opt_blob(7)?.is_some(),
    })
}

/// The one enrolment of a person in a service, for an organization or for none.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(
    tx: &mut dyn Sql,
    scope: &Scope,
    (user, service, organization): (i64, i64, Option<i64>),
) -> Result<Option<Enrolment>, StoreError> {
    query_one(
        tx,
        select!("AND user_id = ?2 AND service = ?3 AND organization = ?4"),
        &[scope.tenant().into(), user.into(), service.into(), organization.unwrap_or(0).into()],
    )?
    .as_ref()
    .map(of)
    .transpose()
}

/// Stores a state; makes the enrolment when there is none. A scheduled deactivation is set to `deactivate_at`.
///
/// # Errors
/// See [`Sql::query`].
pub fn put(
    tx: &mut dyn Sql,
    scope: &Scope,
    (user, service, organization): (i64, i64, Option<i64>),
    (state, deactivate_at): (State, Option<Micros>),
    self_enrolled: bool,
) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_enrolment (tenant, user_id, service, organization, state, self_enrolled, deactivate_at, \
         created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) \
         ON CONFLICT (tenant, user_id, service, organization) DO UPDATE SET state = ?5, deactivate_at = ?7, \
         updated_at = ?8 RETURNING id",
        &[
            scope.tenant().into(),
            user.into(),
            service.into(),
            organization.unwrap_or(0).into(),
            state.number().into(),
            self_enrolled.into(),
            deactivate_at.into(),
            scope.now.into(),
        ],
    )?;
    let id = inserted(&rows)?;
    audit::note(tx, scope, ("enrolment", id), state.word(), &format!("user {user} in service {service}"))?;
    Ok(id)
}

/// Stores the hash of an enrolment key, or removes it.
///
/// # Errors
/// See [`Sql::put`].
pub fn set_key(tx: &mut dyn Sql, scope: &Scope, id: i64, hash: Option<&[u8]>) -> Result<(), StoreError> {
    tx.put(
        "UPDATE sd_enrolment SET key_hash = ?3, updated_at = ?4 WHERE tenant = ?1 AND id = ?2",
        &[scope.tenant().into(), id.into(), hash.into(), scope.now.into()],
    )?;
    audit::note(tx, scope, ("enrolment", id), "key", if hash.is_some() { "set" } else { "used" })
}

/// The enrolment a key was set for.
///
/// # Errors
/// See [`Sql::query`].
pub fn by_key(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: i64,
    hash: &[u8],
) -> Result<Option<Enrolment>, StoreError> {
    let sql = select!("AND service = ?2 AND key_hash = ?3");
    query_one(tx, sql, &[scope.tenant().into(), service.into(), hash.into()])?.as_ref().map(of).transpose()
}

/// The enrolments of a person, by row.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_user(tx: &mut dyn Sql, scope: &Scope, user: i64) -> Result<Vec<Enrolment>, StoreError> {
    let sql = select!("AND user_id = ?2 ORDER BY id LIMIT ?3");
    tx.query(sql, &[scope.tenant().into(), user.into(), ENROLMENTS_MAX.into()])?.iter().map(of).collect()
}

/// The enrolments in a service, by person.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_service(tx: &mut dyn Sql, scope: &Scope, service: i64) -> Result<Vec<Enrolment>, StoreError> {
    let sql = select!("AND service = ?2 ORDER BY user_id, id LIMIT ?3");
    tx.query(sql, &[scope.tenant().into(), service.into(), ENROLMENTS_MAX.into()])?.iter().map(of).collect()
}

/// The enrolments for an organization, by person.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_organization(
    tx: &mut dyn Sql,
    scope: &Scope,
    organization: i64,
) -> Result<Vec<Enrolment>, StoreError> {
    let sql = select!("AND organization = ?2 ORDER BY user_id, id LIMIT ?3");
    tx.query(sql, &[scope.tenant().into(), organization.into(), ENROLMENTS_MAX.into()])?
        .iter()
        .map(of)
        .collect()
}

/// Whether a person is enrolled and active in a service now, for whichever organization.
///
/// # Errors
/// See [`Sql::query`].
pub fn is_active(tx: &mut dyn Sql, scope: &Scope, user: i64, service: i64) -> Result<bool, StoreError> {
    let sql = select!("AND user_id = ?2 AND service = ?3 ORDER BY id LIMIT 100");
    let rows = tx.query(sql, &[scope.tenant().into(), user.into(), service.into()])?;
    for row in &rows {
        if of(row)?.state_at(scope.now) == State::Active {
            return Ok(true);
        }
    }
    Ok(false)
}
