//! What is shown beside a page of requests: their histories and regulated entities, each read at once for the page.

use std::collections::HashMap;

use waypost_store::{Sql, StoreError};

use super::Scope;
use super::composed::Composed;
use super::history::{self, Entry};

/// A regulated entity of a request, with the names its service gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityView {
    /// Such as `VESSEL`.
    pub type_code: String,
    /// Such as `IMO`.
    pub id_type_code: String,
    /// Its identifier.
    pub value: String,
    /// English name of the identifier.
    pub name_en: String,
    /// French name of the identifier.
    pub name_fr: String,
    /// Where it stands among the others.
    pub sort_order: i64,
}

/// Rows of one kind read for one page at most.
const ROWS_MAX: i64 = 20_000;

/// The histories of these requests, oldest entry first.
///
/// # Errors
/// See [`Sql::query`].
pub fn histories(
    tx: &mut dyn Sql,
    scope: &Scope,
    requests: &[i64],
) -> Result<HashMap<i64, Vec<Entry>>, StoreError> {
    let mut found: HashMap<i64, Vec<Entry>> = HashMap::new();
    if requests.is_empty() {
        return Ok(found);
    }
    let mut sql = Composed::default();
    sql.say(concat!("SELECT ", crate::history_columns!(), " FROM sd_history WHERE tenant = "));
    sql.int(scope.tenant()).say(" AND request IN ").ints(requests);
    sql.say(" ORDER BY request, at, id LIMIT ").int(ROWS_MAX);
    for row in &sql.query(tx)? {
        let entry = history::of(row)?;
        found.entry(entry.request).or_default().push(entry);
    }
    Ok(found)
}

/// The regulated entities of these requests, in the order of their service.
///
/// # Errors
/// See [`Sql::query`].
pub fn entities(
    tx: &mut dyn Sql,
    scope: &Scope,
    requests: &[i64],
) -> Result<HashMap<i64, Vec<EntityView>>, StoreError> {
    let mut found: HashMap<i64, Vec<EntityView>> = HashMap::new();
    if requests.is_empty() {
        return Ok(found);
    }
    let mut sql = Composed::default();
    sql.say(
        "SELECT e.request, e.type_code, e.id_type_code, e.value, coalesce(t.name_en, ''), coalesce(t.name_fr, ''), \
         coalesce(t.sort_order, 0) FROM sd_request_entity e JOIN sd_request r ON r.id = e.request \
         LEFT JOIN sd_service_entity_type t ON t.tenant = e.tenant AND t.service = r.service \
         AND t.type_code = e.type_code AND t.id_type_code = e.id_type_code WHERE e.tenant = ",
    );
    sql.int(scope.tenant()).say(" AND e.request IN ").ints(requests);
    sql.say(" ORDER BY e.request, coalesce(t.sort_order, 0), e.n LIMIT ").int(ROWS_MAX);
    for row in &sql.query(tx)? {
        let entity = EntityView {
            type_code: row.text(1)?.to_owned(),
            id_type_code: row.text(2)?.to_owned(),
            value: row.text(3)?.to_owned(),
            name_en: row.text(4)?.to_owned(),
            name_fr: row.text(5)?.to_owned(),
            sort_order: row.int(6)?,
        };
        found.entry(row.int(0)?).or_default().push(entity);
    }
    Ok(found)
}
