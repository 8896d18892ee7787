//! The model: what the tenant says is true, and who is told of it.

use waypost_store::directory::{Directory, Partner};
use waypost_store::{Sql, StoreError, query_one};

use super::copy;
use super::env::Env;
use super::lane::Lane;
use crate::kind::Kind;
use crate::rules::Shelf;
use crate::wire::json::{self, Json};
use crate::wire::push::Pushed;

/// The tenant's model as a shelf: what is put there is owed to every partner of the tenant that is pushed to.
pub struct ModelShelf<'a> {
    /// The transaction.
    pub tx: &'a mut dyn Sql,
    /// Ids, partners, the time.
    pub env: &'a Env,
    /// Whose model.
    pub tenant: i64,
    /// Objects that really changed.
    pub changed: u64,
}

/// The partners of a tenant that are pushed to.
pub fn targets(directory: &Directory, tenant: i64) -> impl Iterator<Item = &Partner> {
    directory.partners().iter().filter(move |partner| partner.tenant == tenant && partner.url.is_some())
}

impl Shelf for ModelShelf<'_> {
    type Error = StoreError;

    fn enabled(&mut self, kind: Kind, property: &str, code: &str) -> Result<Option<bool>, StoreError> {
        let row = query_one(
            self.tx,
            "SELECT enabled FROM content_object WHERE tenant = ?1 AND property = ?2 AND kind = ?3 AND code = ?4",
            &[self.tenant.into(), property.into(), kind.number().into(), code.into()],
        )?;
        row.map(|row| row.flag(0)).transpose()
    }

    fn put(&mut self, kind: Kind, property: &str, object: &Pushed, enabled: bool) -> Result<(), StoreError> {
        let key = [self.tenant.into(), property.into(), kind.number().into(), (&object.code).into()];
        let before = query_one(
            self.tx,
            "SELECT version, enabled, body FROM content_object WHERE tenant = ?1 AND property = ?2 AND kind = ?3 AND code = ?4",
            &key,
        )?;
        let version = match before {
            Some(row) => {
                let same = row.flag(1)? == enabled && parse(row.text(2)?)?.sorted() == object.body.sorted();
                if same {
                    return Ok(());
                }
                row.int(0)? + 1
            }
            None => 1,
        };
        let body = object.body.to_string();
        self.tx.put(
            "INSERT INTO content_object (tenant, property, kind, code, enabled, version, body, updated_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (tenant, property, kind, code) DO UPDATE SET \
             enabled = excluded.enabled, version = excluded.version, body = excluded.body, updated_at = excluded.updated_at",
            &[
                self.tenant.into(),
                property.into(),
                kind.number().into(),
                (&object.code).into(),
                enabled.into(),
                version.into(),
                (&body).into(),
                self.env.now.into(),
            ],
        )?;
        self.changed += 1;
        for partner in targets(&self.env.directory, self.tenant) {
            let lane = Lane { partner: partner.id, tenant: self.tenant, property: property.to_owned() };
            copy::owe(self.tx, self.env, &lane, kind, &object.code)?;
        }
        Ok(())
    }

    fn list(&mut self, kind: Kind, property: &str, codes: &[String]) -> Result<Vec<Json>, StoreError> {
        let rows = self.tx.query(
            "SELECT code, body FROM content_object WHERE tenant = ?1 AND property = ?2 AND kind = ?3 AND enabled = 1 ORDER BY code",
            &[self.tenant.into(), property.into(), kind.number().into()],
        )?;
        let mut found = Vec::new();
        for row in &rows {
            if !codes.is_empty() && !codes.iter().any(|code| row.text(0).is_ok_and(|own| own == code)) {
                continue;
            }
            match parse(row.text(1)?)? {
                Json::List(products) if kind == Kind::Product => found.extend(products),
                body => found.push(body),
            }
        }
        Ok(found)
    }
}

/// A stored body.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is not JSON.
pub fn parse(text: &str) -> Result<Json, StoreError> {
    json::parse(text.as_bytes()).map_err(|fault| StoreError::Corrupt(format!("content_object.body: {fault}")))
}
