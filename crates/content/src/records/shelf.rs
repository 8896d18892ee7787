//! What a partner has pushed to us.

use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError, query_one};

use crate::kind::Kind;
use crate::rules::Shelf;
use crate::wire::json::{self, Json};
use crate::wire::push::Pushed;

/// Objects of a kind one audit gives back at most.
const LISTED_MAX: i64 = 100_000;

/// The shelf of one partner inside a transaction. The partner is one of the context's tenant: whoever makes it has seen
/// to that.
pub struct SqlShelf<'a> {
    /// The transaction.
    pub tx: &'a mut dyn Sql,
    /// The partner's row.
    pub partner: i64,
    /// When.
    pub now: Micros,
}

impl Shelf for SqlShelf<'_> {
    type Error = StoreError;

    fn enabled(&mut self, kind: Kind, property: &str, code: &str) -> Result<Option<bool>, StoreError> {
        let row = query_one(
            self.tx,
            "SELECT enabled FROM content_received WHERE partner = ?1 AND property = ?2 AND kind = ?3 AND code = ?4",
            &[self.partner.into(), property.into(), kind.number().into(), code.into()],
        )?;
        row.map(|row| row.flag(0)).transpose()
    }

    fn put(&mut self, kind: Kind, property: &str, object: &Pushed, enabled: bool) -> Result<(), StoreError> {
        let body = object.body.to_string();
        self.tx.put(
            "INSERT INTO content_received (partner, property, kind, code, enabled, body, updated_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (partner, property, kind, code) \
             DO UPDATE SET enabled = excluded.enabled, body = excluded.body, updated_at = excluded.updated_at",
            &[
                self.partner.into(),
                property.into(),
                kind.number().into(),
                (&object.code).into(),
                enabled.into(),
                (&body).into(),
                self.now.into(),
            ],
        )
    }

    fn list(&mut self, kind: Kind, property: &str, codes: &[String]) -> Result<Vec<Json>, StoreError> {
        let mut found = Vec::new();
        let mut add = |text: &str| -> Result<(), StoreError> {
            let body = json::parse(text.as_bytes())
                .map_err(|fault| StoreError::Corrupt(format!("content_received.body: {fault}")))?;
            match body {
                Json::List(products) if kind == Kind::Product => found.extend(products),
                body => found.push(body),
            }
            Ok(())
        };
        if codes.is_empty() {
            let rows = self.tx.query(
                "SELECT body FROM content_received WHERE partner = ?1 AND property = ?2 AND kind = ?3 AND enabled = 1 \
                 ORDER BY code LIMIT ?4",
                &[self.partner.into(), property.into(), kind.number().into(), LISTED_MAX.into()],
            )?;
            rows.iter().try_for_each(|row| add(row.text(0)?))?;
        }
        for code in codes {
            let row = query_one(
                self.tx,
                "SELECT body FROM content_received WHERE partner = ?1 AND property = ?2 AND kind = ?3 AND code = ?4 \
                 AND enabled = 1",
                &[self.partner.into(), property.into(), kind.number().into(), code.into()],
            )?;
            row.map_or(Ok(()), |row| add(row.text(0)?))?;
        }
        Ok(found)
    }
}

/// Switches an object that a partner has pushed on or off at our own side; false when there is none. This is how a
/// receiver takes a room type, rate plan or policy out of use, which no push can do (7060–7062).
///
/// # Errors
/// See [`Sql::exec`].
pub fn switch(
    tx: &mut dyn Sql,
    _ctx: &Ctx,
    partner: i64,
    object: (Kind, &str, &str),
    enabled: bool,
    now: Micros,
) -> Result<bool, StoreError> {
    let (kind, property, code) = object;
    let touched = tx.exec(
        "UPDATE content_received SET enabled = ?5, updated_at = ?6 \
         WHERE partner = ?1 AND property = ?2 AND kind = ?3 AND code = ?4",
        &[partner.into(), property.into(), kind.number().into(), code.into(), enabled.into(), now.into()],
    )?;
    Ok(touched == 1)
}
