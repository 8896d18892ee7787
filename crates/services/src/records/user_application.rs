//! Applications as people have roles in them (spec 4.3, UserApplicationManagement).

use waypost_store::{Param, Row, Sql, StoreError, query_one};

use super::user::like;
use super::{Scope, audit};

/// An application as it is described to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserApplication {
    /// Its row.
    pub id: i64,
    /// English name.
    pub name_en: String,
    /// French name.
    pub name_fr: String,
    /// Whether accounts of employees are managed.
    pub manage_internal: bool,
    /// English acronym.
    pub acronym_en: String,
    /// French acronym.
    pub acronym_fr: String,
    /// English description.
    pub description_en: String,
    /// French description.
    pub description_fr: String,
}

/// A role in an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its number.
    pub role: i64,
    /// English name.
    pub name_en: String,
    /// French name.
    pub name_fr: String,
    /// Whether whoever has it manages the people of the application.
    pub manages_users: bool,
    /// The permissions it brings in its service.
    pub permissions: Vec<i64>,
}

/// A role somebody has in a service of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// The service.
    pub service: i64,
    /// The role.
    pub role: i64,
    /// Whether it counts.
    pub is_active: bool,
}

/// Roles of one application, or of one person in it, at most.
const ROLES_MAX: i64 = 1_000;

/// An application by its row.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<Option<UserApplication>, StoreError> {
    let row = query_one(
        tx,
        "SELECT id, name_en, name_fr, manage_internal, acronym_en, acronym_fr, description_en, description_fr \
         FROM sd_application WHERE tenant = ?1 AND id = ?2",
        &[scope.tenant().into(), id.into()],
    )?;
    let Some(row) = row else { return Ok(None) };
    let text = |column| row.text(column).map(str::to_owned);
    Ok(Some(UserApplication {
        id: row.int(0)?,
        name_en: text(1)?,
        name_fr: text(2)?,
        manage_internal: row.flag(3)?,
        acronym_en: text(4)?,
        acronym_fr: text(5)?,
        description_en: text(6)?,
        description_fr: text(7)?,
    }))
}

/// Stores a role in place of the former one with its number.
///
/// # Errors
/// See [`Sql::put`].
pub fn put_role(tx: &mut dyn Sql, scope: &Scope, application: i64, role: &Role) -> Result<(), StoreError> {
    let permissions: Vec<_> = role.permissions.iter().map(i64::to_string).collect();
    tx.put(
        "INSERT INTO sd_role (tenant, application, role, name_en, name_fr, manages_users, permissions) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (tenant, application, role) \
         DO UPDATE SET name_en = ?4, name_fr = ?5, manages_users = ?6, permissions = ?7",
        &[
            scope.tenant().into(),
            application.into(),
            role.role.into(),
            (&role.name_en).into(),
            (&role.name_fr).into(),
            role.manages_users.into(),
            (&permissions.join(" ")).into(),
        ],
    )?;
    audit::note(tx, scope, ("application", application), "role", &role.role.to_string())
}

/// The roles of an application, by number.
///
/// # Errors
/// See [`Sql::query`].
pub fn roles(tx: &mut dyn Sql, scope: &Scope, application: i64) -> Result<Vec<Role>, StoreError> {
    let rows = tx.query(
        "SELECT role, name_en, name_fr, manages_users, permissions FROM sd_role \
         WHERE tenant = ?1 AND application = ?2 ORDER BY role LIMIT ?3",
        &[scope.tenant().into(), application.into(), ROLES_MAX.into()],
    )?;
    rows.iter().map(role).collect()
}

fn role(row: &Row) -> Result<Role, StoreError> {
    let permissions = row.text(4)?.split(' ').filter(|word| !word.is_empty());
    let corrupt = |_| StoreError::Corrupt("the permissions of a role".to_owned());
    Ok(Role {
        role: row.int(0)?,
        name_en: row.text(1)?.to_owned(),
        name_fr: row.text(2)?.to_owned(),
        manages_users: row.flag(3)?,
        permissions: permissions.map(|word| word.parse().map_err(corrupt)).collect::<Result<_, _>>()?,
    })
}

/// Whether any application of the tenant has a role with this number.
///
/// # Errors
/// See [`Sql::query`].
pub fn role_exists(tx: &mut dyn Sql, scope: &Scope, role: i64) -> Result<bool, StoreError> {
    let sql = "SELECT role FROM sd_role WHERE tenant = ?1 AND role = ?2 LIMIT 1";
    Ok(query_one(tx, sql, &[scope.tenant().into(), role.into()])?.is_some())
}

/// Gives a person a role in a service; one they have is made active again.
///
/// # Errors
/// See [`Sql::put`].
pub fn give(
    tx: &mut dyn Sql,
    scope: &Scope,
    (application, user): (i64, i64),
    given: Given,
    by: i64,
) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO sd_role_user (tenant, application, user_id, service, role, active, created_by, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (tenant, application, user_id, service, role) \
         DO UPDATE SET active = ?6",
        &[
            scope.tenant().into(),
            application.into(),
            user.into(),
            given.service.into(),
            given.role.into(),
            given.is_active.into(),
            by.into(),
            scope.now.into(),
        ],
    )?;
    let detail = format!("{} of application {application} in service {}", given.role, given.service);
    audit::note(tx, scope, ("user", user), "role", &detail)
}

/// Takes every role in an application from a person.
///
/// # Errors
/// See [`Sql::put`].
pub fn take_all(tx: &mut dyn Sql, scope: &Scope, (application, user): (i64, i64)) -> Result<(), StoreError> {
    tx.put(
        "DELETE FROM sd_role_user WHERE tenant = ?1 AND application = ?2 AND user_id = ?3",
        &[scope.tenant().into(), application.into(), user.into()],
    )?;
    audit::note(tx, scope, ("user", user), "roles taken", &format!("of application {application}"))
}

/// Makes every role of a person in an application count, or not.
///
/// # Errors
/// See [`Sql::put`].
pub fn set_active(
    tx: &mut dyn Sql,
    scope: &Scope,
    (application, user): (i64, i64),
    is_active: bool,
) -> Result<(), StoreError> {
    tx.put(
        "UPDATE sd_role_user SET active = ?4 WHERE tenant = ?1 AND application = ?2 AND user_id = ?3",
        &[scope.tenant().into(), application.into(), user.into(), is_active.into()],
    )?;
    let action = if is_active { "roles activate" } else { "roles deactivate" };
    audit::note(tx, scope, ("user", user), action, &format!("of application {application}"))
}

/// The roles of a person in an application, by service and number.
///
/// # Errors
/// See [`Sql::query`].
pub fn given(
    tx: &mut dyn Sql,
    scope: &Scope,
    (application, user): (i64, i64),
) -> Result<Vec<Given>, StoreError> {
    let rows = tx.query(
        "SELECT service, role, active FROM sd_role_user WHERE tenant = ?1 AND application = ?2 AND user_id = ?3 \
         ORDER BY service, role LIMIT ?4",
        &[scope.tenant().into(), application.into(), user.into(), ROLES_MAX.into()],
    )?;
    rows.iter()
        .map(|row| Ok(Given { service: row.int(0)?, role: row.int(1)?, is_active: row.flag(2)? }))
        .collect()
}

/// The applications in which a person has an active role, by row.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_user(
    tx: &mut dyn Sql,
    scope: &Scope,
    user: i64,
    role: Option<i64>,
) -> Result<Vec<i64>, StoreError> {
    let rows = tx.query(
        "SELECT DISTINCT application FROM sd_role_user WHERE tenant = ?1 AND user_id = ?2 AND active = 1 \
         AND (CAST(?3 AS BIGINT) = 0 OR role = ?3) ORDER BY application LIMIT ?4",
        &[scope.tenant().into(), user.into(), role.unwrap_or(0).into(), ROLES_MAX.into()],
    )?;
    rows.iter().map(|row| row.int(0)).collect()
}

/// Filters of the people of an application; an absent one lets everybody through.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Contained in the first or last name, lower case.
    pub name: Option<String>,
    /// Contained in an e-mail address, lower case. With a name: either.
    pub email: Option<String>,
    /// Who has this role.
    pub role: Option<i64>,
    /// Who has a role in this service.
    pub service: Option<i64>,
}

/// The employees who have a role in an application: a page of their rows, and how many there are in all.
///
/// # Errors
/// See [`Sql::query`].
pub fn people(
    tx: &mut dyn Sql,
    scope: &Scope,
    application: i64,
    filter: &Filter,
    (offset, limit): (i64, i64),
) -> Result<(Vec<i64>, i64), StoreError> {
    macro_rules! conditions {
        () => {
            "FROM sd_user u WHERE u.tenant = ?1 AND u.deleted = 0 AND u.kind = 2 AND EXISTS (SELECT 1 FROM sd_role_user r \
             WHERE r.tenant = ?1 AND r.application = ?2 AND r.user_id = u.id AND (CAST(?3 AS BIGINT) = 0 OR r.role = ?3) \
             AND (CAST(?4 AS BIGINT) = 0 OR r.service = ?4)) AND (CAST(?5 AS BIGINT) = 0 OR \
             (CAST(?6 AS TEXT) <> '' AND (lower(u.first_name) LIKE ?6 ESCAPE '!' OR lower(u.last_name) LIKE ?6 ESCAPE '!')) \
             OR (CAST(?7 AS TEXT) <> '' AND u.id IN (SELECT owner FROM sd_coordinate WHERE tenant = ?1 AND owner_kind = 1 \
             AND email_key LIKE ?7 ESCAPE '!'))) "
        };
    }
    let (name, email) = (like(filter.name.as_deref()), like(filter.email.as_deref()));
    let base: [Param<'_>; 7] = [
        scope.tenant().into(),
        application.into(),
        filter.role.unwrap_or(0).into(),
        filter.service.unwrap_or(0).into(),
        (filter.name.is_some() || filter.email.is_some()).into(),
        (&name).into(),
        (&email).into(),
    ];
    let count = query_one(tx, concat!("SELECT count(*) ", conditions!()), &base)?;
    let count = count.map_or(Ok(0), |row| row.int(0))?;
    let page = [&base[..], &[limit.into(), offset.into()]].concat();
    let rows = tx.query(concat!("SELECT u.id ", conditions!(), "ORDER BY u.id LIMIT ?8 OFFSET ?9"), &page)?;
    Ok((rows.iter().map(|row| row.int(0)).collect::<Result<_, _>>()?, count))
}
