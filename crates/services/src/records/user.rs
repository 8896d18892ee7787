//! People (spec 5.2).

use waypost_store::{Param, Row, Sql, StoreError, query_one};

use super::coordinate::{self, Coordinate, Owner};
use super::{Scope, Services, audit, inserted};
use crate::rules::permission::READ_USERS;

/// What kind of person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum UserType {
    /// Not signed in with anything.
    Guest = 1,
    /// An employee: Windows or PKI.
    Internal = 2,
    /// An applicant: GCKey.
    External = 3,
}

impl UserType {
    /// The published words; `All` is a filter only.
    pub const WORDS: &'static [&'static str] = &["Unknown", "Guest", "Internal", "External", "All"];

    /// Its published word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Guest => "Guest",
            Self::Internal => "Internal",
            Self::External => "External",
        }
    }

    /// Its number, as stored.
    #[must_use]
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// Of a word in any case; `Unknown` and `All` are none.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Guest, Self::Internal, Self::External]
            .into_iter()
            .find(|kind| kind.word().eq_ignore_ascii_case(word))
    }

    fn of(number: i64) -> Result<Self, StoreError> {
        let found =
            [Self::Guest, Self::Internal, Self::External].into_iter().find(|kind| kind.number() == number);
        found.ok_or_else(|| StoreError::Corrupt(format!("the kind of a user is {number}")))
    }
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Their row; 0 before they are stored.
    pub id: i64,
    /// What kind.
    pub kind: UserType,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// GCKey identifier.
    pub mbun: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
    /// Windows user name.
    pub login: Option<String>,
    /// Certificate name.
    pub pki: Option<String>,
    /// `GCKey`, `Windows`, `PKI`.
    pub authentication_type: String,
    /// Whether the e-mail address was confirmed.
    pub verified: bool,
    /// Raised by each change.
    pub revision: i64,
    /// Phones, e-mail addresses, postal addresses.
    pub coordinates: Vec<Coordinate>,
}

impl User {
    /// The first e-mail address, a primary one where there is one.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        let primary = self.coordinates.iter().filter(|one| one.is_primary).find_map(Coordinate::email);
        primary.or_else(|| self.coordinates.iter().find_map(Coordinate::email))
    }
}

macro_rules! select {
    ($rest:expr) => {
        concat!(
            "SELECT id, kind, first_name, last_name, mbun, issuer, login, pki, authentication_type, verified, revision ",
            "FROM sd_user WHERE tenant = ?1 AND deleted = 0 ",
            $rest
        )
    };
}

fn of(row: &Row) -> Result<User, StoreError> {
    let text = |column| row.opt_text(column).map(|text| text.map(str::to_owned));
    Ok(User {
        id: row.int(0)?,
        kind: UserType::of(row.int(1)?)?,
        first_name: row.text(2)?.to_owned(),
        last_name: row.text(3)?.to_owned(),
        mbun: text(4)?,
        issuer: text(5)?,
        login: text(6)?,
        pki: text(7)?,
        authentication_type: row.text(8)?.to_owned(),
        verified: row.flag(9)?,
        revision: row.int(10)?,
        coordinates: Vec::new(),
    })
}

/// People one answer holds at most.
pub const USERS_MAX: i64 = 1_000;

fn key(login: Option<&str>) -> Option<String> {
    login.map(str::to_lowercase)
}

/// Stores a person with their coordinates. Returns their row.
///
/// # Errors
/// [`StoreError::Constraint`] when MBUN, Windows name or PKI belong to somebody already.
pub fn create(tx: &mut dyn Sql, scope: &Scope, new: &User) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_user (tenant, kind, first_name, last_name, mbun, issuer, login, login_key, pki, \
         authentication_type, verified, deleted, revision, created_at, updated_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, 1, ?12, ?12) RETURNING id",
        &[
            scope.tenant().into(),
            new.kind.number().into(),
            (&new.first_name).into(),
            (&new.last_name).into(),
            new.mbun.as_deref().into(),
            new.issuer.as_deref().into(),
            new.login.as_deref().into(),
            key(new.login.as_deref()).as_deref().into(),
            new.pki.as_deref().into(),
            (&new.authentication_type).into(),
            new.verified.into(),
            scope.now.into(),
        ],
    )?;
    let id = inserted(&rows)?;
    coordinate::replace(tx, scope, (Owner::User, id), &new.coordinates)?;
    audit::note(tx, scope, ("user", id), "create", new.kind.word())?;
    Ok(id)
}

/// Stores a changed person; with `coordinates` their coordinates too. Returns their new revision.
///
/// # Errors
/// As [`create`].
pub fn update(tx: &mut dyn Sql, scope: &Scope, user: &User, coordinates: bool) -> Result<i64, StoreError> {
    tx.put(
        "UPDATE sd_user SET kind = ?3, first_name = ?4, last_name = ?5, mbun = ?6, issuer = ?7, login = ?8, \
         login_key = ?9, pki = ?10, authentication_type = ?11, verified = ?12, revision = revision + 1, updated_at = ?13 \
         WHERE tenant = ?1 AND id = ?2",
        &[
            scope.tenant().into(),
            user.id.into(),
            user.kind.number().into(),
            (&user.first_name).into(),
            (&user.last_name).into(),
            user.mbun.as_deref().into(),
            user.issuer.as_deref().into(),
            user.login.as_deref().into(),
            key(user.login.as_deref()).as_deref().into(),
            user.pki.as_deref().into(),
            (&user.authentication_type).into(),
            user.verified.into(),
            scope.now.into(),
        ],
    )?;
    if coordinates {
        coordinate::replace(tx, scope, (Owner::User, user.id), &user.coordinates)?;
    }
    audit::note(
        tx,
        scope,
        ("user", user.id),
        "update",
        if coordinates { "person and coordinates" } else { "person" },
    )?;
    Ok(user.revision + 1)
}

/// Stores the hash of the code that confirms a person's e-mail address; the address counts as unconfirmed from then on.
///
/// # Errors
/// See [`Sql::put`].
pub fn set_email_code(tx: &mut dyn Sql, scope: &Scope, id: i64, hash: &[u8]) -> Result<(), StoreError> {
    tx.put(
        "UPDATE sd_user SET email_code = ?3, verified = 0, revision = revision + 1, updated_at = ?4 \
         WHERE tenant = ?1 AND id = ?2",
        &[scope.tenant().into(), id.into(), hash.into(), scope.now.into()],
    )?;
    audit::note(tx, scope, ("user", id), "email code", "")
}

/// Confirms the e-mail address of a person and uses the code up. Returns whether it was the code.
///
/// # Errors
/// See [`Sql::exec`].
pub fn confirm_email(tx: &mut dyn Sql, scope: &Scope, id: i64, hash: &[u8]) -> Result<bool, StoreError> {
    let touched = tx.exec(
        "UPDATE sd_user SET email_code = NULL, verified = 1, revision = revision + 1, updated_at = ?4 \
         WHERE tenant = ?1 AND id = ?2 AND deleted = 0 AND email_code = ?3",
        &[scope.tenant().into(), id.into(), hash.into(), scope.now.into()],
    )?;
    if touched > 0 {
        audit::note(tx, scope, ("user", id), "email confirmed", "")?;
    }
    Ok(touched > 0)
}

/// Removes a person: they are found no more, what refers to them stays.
///
/// # Errors
/// See [`Sql::put`].
pub fn delete(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<(), StoreError> {
    tx.put(
        "UPDATE sd_user SET deleted = 1, revision = revision + 1, updated_at = ?3 WHERE tenant = ?1 AND id = ?2",
        &[scope.tenant().into(), id.into(), scope.now.into()],
    )?;
    audit::note(tx, scope, ("user", id), "delete", "")
}

/// Whether there is such a person.
///
/// # Errors
/// See [`Sql::query`].
pub fn exists(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM sd_user WHERE tenant = ?1 AND id = ?2 AND deleted = 0";
    Ok(query_one(tx, sql, &[scope.tenant().into(), id.into()])?.is_some())
}

/// A person without coordinates.
///
/// # Errors
/// See [`Sql::query`].
pub fn bare(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<Option<User>, StoreError> {
    query_one(tx, select!("AND id = ?2"), &[scope.tenant().into(), id.into()])?.as_ref().map(of).transpose()
}

/// A person with coordinates.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<Option<User>, StoreError> {
    let found = bare(tx, scope, id)?;
    with_coordinates(tx, scope, found.into_iter().collect()).map(|users| users.into_iter().next())
}

/// Those with these rows, at most [`USERS_MAX`]; unknown ones are left out.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_ids(tx: &mut dyn Sql, scope: &Scope, ids: &[i64]) -> Result<Vec<User>, StoreError> {
    let mut found = Vec::new();
    for id in ids.iter().take(usize::try_from(USERS_MAX).unwrap_or(0)) {
        found.extend(find(tx, scope, *id)?);
    }
    Ok(found)
}

/// By what a person signs in with.
#[derive(Clone, Copy, Debug)]
pub enum Credential<'a> {
    /// GCKey identifier, and its issuer where one is named.
    Mbun(&'a str, Option<&'a str>),
    /// Windows user name, in any case.
    Login(&'a str),
    /// Certificate name.
    Pki(&'a str),
}

/// The person who signs in with this.
///
/// # Errors
/// See [`Sql::query`].
pub fn by_credential(
    tx: &mut dyn Sql,
    scope: &Scope,
    credential: Credential<'_>,
) -> Result<Option<User>, StoreError> {
    let tenant = scope.tenant().into();
    let found = match credential {
        Credential::Mbun(mbun, None) => query_one(tx, select!("AND mbun = ?2"), &[tenant, mbun.into()])?,
        Credential::Mbun(mbun, Some(issuer)) => {
            let sql = select!("AND mbun = ?2 AND (issuer IS NULL OR issuer = ?3)");
            query_one(tx, sql, &[tenant, mbun.into(), issuer.into()])?
        }
        Credential::Login(login) => {
            query_one(tx, select!("AND login_key = ?2"), &[tenant, (&login.to_lowercase()).into()])?
        }
        Credential::Pki(pki) => query_one(tx, select!("AND pki = ?2"), &[tenant, pki.into()])?,
    };
    let found = found.as_ref().map(of).transpose()?;
    with_coordinates(tx, scope, found.into_iter().collect()).map(|users| users.into_iter().next())
}

/// The people with an e-mail address, in any case, by row.
///
/// # Errors
/// See [`Sql::query`].
pub fn by_email(tx: &mut dyn Sql, scope: &Scope, email: &str) -> Result<Vec<User>, StoreError> {
    let email = email.trim().to_lowercase();
    let rows = tx.query(
        select!(
            "AND id IN (SELECT owner FROM sd_coordinate WHERE tenant = ?1 AND email_key = ?2 AND owner_kind = 1) \
             ORDER BY id LIMIT ?3"
        ),
        &[scope.tenant().into(), (&email).into(), USERS_MAX.into()],
    )?;
    let users = rows.iter().map(of).collect::<Result<_, _>>()?;
    with_coordinates(tx, scope, users)
}

/// Gives each of at most [`USERS_MAX`] people their coordinates.
///
/// # Errors
/// See [`Sql::query`].
pub fn with_coordinates(
    tx: &mut dyn Sql,
    scope: &Scope,
    mut users: Vec<User>,
) -> Result<Vec<User>, StoreError> {
    for user in &mut users {
        user.coordinates = coordinate::of(tx, scope, (Owner::User, user.id))?;
    }
    Ok(users)
}

/// Whether a person is active in one of the caller's services and holds a permission there.
///
/// # Errors
/// See [`Sql::query`].
pub fn holds(tx: &mut dyn Sql, scope: &Scope, user: i64, permission: i64) -> Result<bool, StoreError> {
    let rows = tx.query(
        "SELECT DISTINCT p.service FROM sd_user_permission p JOIN sd_enrolment e ON e.tenant = p.tenant \
         AND e.user_id = p.user_id AND e.service = p.service WHERE p.tenant = ?1 AND p.user_id = ?2 \
         AND p.permission = ?3 AND e.state = 1 AND (e.deactivate_at IS NULL OR e.deactivate_at > ?4) LIMIT 10000",
        &[scope.tenant().into(), user.into(), permission.into(), scope.now.into()],
    )?;
    for row in rows {
        if scope.covers(row.int(0)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Filters of a list of people; an absent one lets everybody through.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<UserType>,
    /// Contained in the first or last name, lower case.
    pub name: Option<String>,
    /// Contained in an e-mail address, lower case. With a name: either.
    pub email: Option<String>,
    /// Enrolled in a service, open to the application, where this person holds the permission to read users.
    pub seen_by: Option<i64>,
}

/// A page of people by row, and how many there are in all.
///
/// # Errors
/// See [`Sql::query`].
pub fn list(
    tx: &mut dyn Sql,
    scope: &Scope,
    filter: &Filter,
    (offset, limit): (i64, i64),
) -> Result<(Vec<User>, i64), StoreError> {
    macro_rules! conditions {
        () => {
            "AND (CAST(?2 AS BIGINT) = 0 OR kind = ?2) AND (CAST(?3 AS BIGINT) = 0 OR \
             (CAST(?4 AS TEXT) <> '' AND (lower(first_name) LIKE ?4 ESCAPE '!' OR lower(last_name) LIKE ?4 ESCAPE '!')) OR \
             (CAST(?5 AS TEXT) <> '' AND id IN (SELECT owner FROM sd_coordinate WHERE tenant = ?1 AND owner_kind = 1 \
             AND email_key LIKE ?5 ESCAPE '!'))) AND (CAST(?6 AS BIGINT) = 0 OR EXISTS (SELECT 1 FROM sd_enrolment e \
             JOIN sd_user_permission p ON p.tenant = e.tenant AND p.service = e.service \
             WHERE e.tenant = ?1 AND e.user_id = sd_user.id AND e.state < 3 AND p.user_id = ?6 AND p.permission = ?7 \
             AND (CAST(?8 AS BIGINT) = 0 OR p.service IN (SELECT service FROM sd_application_service \
             WHERE tenant = ?1 AND application = ?8)))) "
        };
    }
    let (name, email) = (like(filter.name.as_deref()), like(filter.email.as_deref()));
    let filtered = filter.name.is_some() || filter.email.is_some();
    let kind = filter.kind.map_or(0, UserType::number);
    let application = if scope.services == Services::All { 0 } else { scope.application };
    let base: [Param<'_>; 8] = [
        scope.tenant().into(),
        kind.into(),
        filtered.into(),
        (&name).into(),
        (&email).into(),
        filter.seen_by.unwrap_or(0).into(),
        READ_USERS.into(),
        application.into(),
    ];
    let count = query_one(
        tx,
        concat!("SELECT count(*) FROM sd_user WHERE tenant = ?1 AND deleted = 0 ", conditions!()),
        &base,
    )?;
    let count = count.map_or(Ok(0), |row| row.int(0))?;
    let page = [&base[..], &[limit.into(), offset.into()]].concat();
    let rows = tx.query(select!(concat!(conditions!(), "ORDER BY id LIMIT ?9 OFFSET ?10")), &page)?;
    let users = rows.iter().map(of).collect::<Result<_, _>>()?;
    Ok((with_coordinates(tx, scope, users)?, count))
}

/// A pattern for `LIKE … ESCAPE '!'` that finds the text anywhere.
pub(crate) fn like(text: Option<&str>) -> String {
    let Some(text) = text else { return String::new() };
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
