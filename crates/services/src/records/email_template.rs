//! Templates of e-mail notifications (spec 4.2, EmailNotificationTemplateDto).

use waypost_store::{Row, Sql, StoreError, query_one};

use super::{Scope, audit};

/// A template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailTemplate {
    /// Its name, unique in the tenant.
    pub name: String,
    /// The service it is for, by name.
    pub service_name: Option<String>,
    /// English and French subject.
    pub subjects: (String, String),
    /// English and French paragraphs.
    pub bodies: (Vec<String>, Vec<String>),
    /// Whether the subject has placeholders.
    pub subject_parameters: bool,
    /// Whether the body has placeholders.
    pub body_parameters: bool,
    /// Whether it was deleted.
    pub is_deleted: bool,
    /// Raised by each change.
    pub revision: i64,
}

/// Templates of one answer at most.
const TEMPLATES_MAX: i64 = 1_000;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT name, service_name, subject_en, subject_fr, body_en, body_fr, subject_parameters, body_parameters, ",
            "deleted, revision FROM sd_email_template WHERE tenant = ?1 ",
            $rest
        )
    };
}

fn of(row: &Row) -> Result<EmailTemplate, StoreError> {
    let paragraphs = |column| {
        let corrupt = |_| StoreError::Corrupt("the body of a template".to_owned());
        serde_json::from_str::<Vec<String>>(row.text(column)?).map_err(corrupt)
    };
    Ok(EmailTemplate {
        name: row.text(0)?.to_owned(),
        service_name: row.opt_text(1)?.map(str::to_owned),
        subjects: (row.text(2)?.to_owned(), row.text(3)?.to_owned()),
        bodies: (paragraphs(4)?, paragraphs(5)?),
        subject_parameters: row.flag(6)?,
        body_parameters: row.flag(7)?,
        is_deleted: row.flag(8)?,
        revision: row.int(9)?,
    })
}

/// Stores a template in place of the former one with its name, deleted or not.
///
/// # Errors
/// See [`Sql::put`].
pub fn put(tx: &mut dyn Sql, scope: &Scope, new: &EmailTemplate) -> Result<(), StoreError> {
    let text = |list: &[String]| serde_json::Value::from(list.to_vec()).to_string();
    tx.put(
        "INSERT INTO sd_email_template (tenant, name, service_name, subject_en, subject_fr, body_en, body_fr, \
         subject_parameters, body_parameters, deleted, revision, updated_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 1, ?10) ON CONFLICT (tenant, name) DO UPDATE SET \
         service_name = ?3, subject_en = ?4, subject_fr = ?5, body_en = ?6, body_fr = ?7, subject_parameters = ?8, \
         body_parameters = ?9, deleted = 0, revision = sd_email_template.revision + 1, updated_at = ?10",
        &[
            scope.tenant().into(),
            (&new.name).into(),
            new.service_name.as_deref().into(),
            (&new.subjects.0).into(),
            (&new.subjects.1).into(),
            (&text(&new.bodies.0)).into(),
            (&text(&new.bodies.1)).into(),
            new.subject_parameters.into(),
            new.body_parameters.into(),
            scope.now.into(),
        ],
    )?;
    audit::note(tx, scope, ("email_template", 0), "register", &new.name)
}

/// Removes a template: it is listed only on demand, and sent no more. Returns whether there was one.
///
/// # Errors
/// See [`Sql::exec`].
pub fn delete(tx: &mut dyn Sql, scope: &Scope, name: &str) -> Result<bool, StoreError> {
    let touched = tx.exec(
        "UPDATE sd_email_template SET deleted = 1, revision = revision + 1, updated_at = ?3 \
         WHERE tenant = ?1 AND name = ?2 AND deleted = 0",
        &[scope.tenant().into(), name.into(), scope.now.into()],
    )?;
    audit::note(tx, scope, ("email_template", 0), "delete", name)?;
    Ok(touched > 0)
}

/// A template by its name, deleted or not.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, scope: &Scope, name: &str) -> Result<Option<EmailTemplate>, StoreError> {
    query_one(tx, select!("AND name = ?2"), &[scope.tenant().into(), name.into()])?
        .as_ref()
        .map(of)
        .transpose()
}

/// The templates by name; with `deleted` the deleted ones too.
///
/// # Errors
/// See [`Sql::query`].
pub fn list(tx: &mut dyn Sql, scope: &Scope, deleted: bool) -> Result<Vec<EmailTemplate>, StoreError> {
    let sql = select!("AND (deleted = 0 OR CAST(?2 AS BIGINT) = 1) ORDER BY name LIMIT ?3");
    let rows = tx.query(sql, &[scope.tenant().into(), deleted.into(), TEMPLATES_MAX.into()])?;
    rows.iter().map(of).collect()
}
