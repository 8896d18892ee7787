//! Lists of service requests: what is selected, counted, and one page of it.
//!
//! A page is found in two steps: first the ids, for which the indexes are enough, then the rows of that page alone.

use waypost_store::{Engine, Sql, StoreError};

use super::composed::Composed;
use super::request::{self, Request};
use super::{Scope, Services};
use super::{request_count, request_merge};
use crate::rules::part;
use crate::rules::srql::{Condition, Filter, IdType};
use crate::wire::Page;

/// Which requests. Everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Of this owner.
    pub user: Option<i64>,
    /// For this organization.
    pub organization: Option<i64>,
    /// Of one of these services; `None` for every service the application is bound to.
    pub services: Option<Vec<i64>>,
    /// One of these.
    pub requests: Option<Vec<i64>>,
    /// Assigned to one of these people.
    pub assignees: Option<Vec<i64>>,
    /// A text that the metadata has under a key, both in lower case.
    pub metadata: Option<(String, String)>,
    /// The filter and the order.
    pub filter: Filter,
}

impl Selection {
    /// Whether the services alone decide.
    fn is_by_service_alone(&self) -> bool {
        let Self { user, organization, services: _, requests, assignees, metadata, filter } = self;
        user.is_none()
            && organization.is_none()
            && requests.is_none()
            && assignees.is_none()
            && metadata.is_none()
            && filter.groups.is_empty()
    }
}

/// The services that a selection may be about; `None` for all.
fn services<'a>(scope: &'a Scope, selection: &'a Selection) -> Option<&'a [i64]> {
    match (&selection.services, &scope.services) {
        (Some(services), _) => Some(services.as_slice()),
        (None, Services::Of(services)) => Some(&**services),
        (None, Services::All) => None,
    }
}

/// How many requests are selected.
///
/// # Errors
/// See [`Sql::query`].
pub fn count(tx: &mut dyn Sql, scope: &Scope, selection: &Selection) -> Result<i64, StoreError> {
    if selection.is_by_service_alone() {
        return request_count::of(tx, scope, services(scope, selection));
    }
    let mut sql = Composed::default();
    sql.say("SELECT count(*) FROM sd_request r WHERE ");
    conditions(&mut sql, tx.engine(), scope, selection);
    sql.query(tx)?.first().map_or(Ok(0), |row| row.int(0))
}

/// One page of the selected requests, in their order.
///
/// # Errors
/// See [`Sql::query`].
pub fn page(
    tx: &mut dyn Sql,
    scope: &Scope,
    selection: &Selection,
    page: Page,
) -> Result<Vec<Request>, StoreError> {
    let ids = ids(tx, scope, selection, page)?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Composed::default();
    sql.say(concat!("SELECT ", crate::request_columns!(), " FROM sd_request r WHERE "));
    sql.say(if tx.engine() == Engine::Sqlite { "+r.tenant = " } else { "r.tenant = " });
    sql.int(scope.tenant()).say(" AND r.id IN ").ints(&ids).say(order(selection));
    sql.query(tx)?.iter().map(request::of).collect()
}

const fn order(selection: &Selection) -> &'static str {
    match (selection.filter.order.by_date, selection.filter.order.ascending) {
        (false, false) => " ORDER BY r.id DESC",
        (false, true) => " ORDER BY r.id",
        (true, false) => " ORDER BY r.updated_at DESC, r.id DESC",
        (true, true) => " ORDER BY r.updated_at, r.id",
    }
}

/// By what the rows are found. SQLite keeps no statistics here and would take any index whose first columns are given, so the
/// columns that must not lead are written with a plus before them, which leaves their index out. PostgreSQL has statistics, and a
/// plus would hide from it what they say of the column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// By their ids, from a list or another table.
    Ids,
    /// By their owner or organization.
    Party,
    /// By what all their columns say.
    Facets,
    /// By what the statistics say.
    Planner,
}

fn ids(tx: &mut dyn Sql, scope: &Scope, selection: &Selection, page: Page) -> Result<Vec<i64>, StoreError> {
    let order_by = selection.filter.order;
    if selection.is_by_service_alone() && !order_by.by_date {
        let merged = (page, order_by.ascending);
        if let Some(ids) = request_merge::ids(tx, scope, services(scope, selection), merged)? {
            return Ok(ids);
        }
    }
    let mut sql = Composed::default();
    sql.say("SELECT r.id FROM sd_request r WHERE ");
    conditions(&mut sql, tx.engine(), scope, selection);
    sql.say(order(selection)).say(" LIMIT ").int(page.size).say(" OFFSET ").int(page.offset());
    sql.query(tx)?.iter().map(|row| row.int(0)).collect()
}

impl Lead {
    /// Whether the facets may lead.
    const fn is_open(self) -> bool {
        matches!(self, Self::Facets | Self::Planner)
    }
}

fn lead(engine: Engine, selection: &Selection) -> Lead {
    if engine == Engine::Postgres {
        return Lead::Planner;
    }
    let entity = |condition: &Condition| matches!(condition, Condition::Entity { .. });
    let by_entity = matches!(selection.filter.groups.as_slice(), [only] if only.iter().any(entity));
    if selection.requests.is_some()
        || selection.assignees.is_some()
        || selection.metadata.is_some()
        || by_entity
    {
        return Lead::Ids;
    }
    if selection.user.is_some() || selection.organization.is_some() { Lead::Party } else { Lead::Facets }
}

fn conditions(sql: &mut Composed, engine: Engine, scope: &Scope, selection: &Selection) {
    let lead = lead(engine, selection);
    sql.say(if lead == Lead::Ids { "+r.tenant = " } else { "r.tenant = " }).int(scope.tenant());
    sql.say(if lead == Lead::Ids { " AND +r.deleted = 0" } else { " AND r.deleted = 0" });
    if let Some(user) = selection.user {
        sql.say(if lead == Lead::Ids { " AND +r.user_id = " } else { " AND r.user_id = " }).int(user);
    }
    if let Some(organization) = selection.organization {
        // The owner leads where both are given.
        let led = lead == Lead::Ids || (lead == Lead::Party && selection.user.is_some());
        sql.say(if led { " AND +r.organization = " } else { " AND r.organization = " }).int(organization);
    }
    let services = services(scope, selection);
    if let Some(services) = services {
        sql.say(if lead.is_open() { " AND r.service IN " } else { " AND +r.service IN " }).ints(services);
    }
    if let Some(requests) = &selection.requests {
        sql.say(" AND r.id IN ").ints(requests);
    }
    if let Some(assignees) = &selection.assignees {
        sql.say(" AND r.id IN (SELECT a.request FROM sd_assignment a WHERE a.tenant = ").int(scope.tenant());
        sql.say(" AND a.user_id IN ").ints(assignees).say(")");
    }
    if let Some((key, text)) = &selection.metadata {
        sql.say(" AND r.id IN (SELECT m.request FROM sd_request_metadata m WHERE m.tenant = ");
        sql.int(scope.tenant()).say(" AND m.service IN ");
        sql.ints(selection.services.as_deref().unwrap_or_default());
        sql.say(" AND m.key_name = ").value(key.as_str()).say(" AND ");
        sql.say(contains(engine)).say("(m.value, ").value(text.as_str()).say(") > 0)");
    }
    filter(sql, engine, (scope, services, lead), &selection.filter);
}

/// Who asks, the services it may only be about, and by what the rows are found.
type Within<'a> = (&'a Scope, Option<&'a [i64]>, Lead);

fn filter(sql: &mut Composed, engine: Engine, within: Within<'_>, filter: &Filter) {
    for (n, group) in filter.groups.iter().enumerate() {
        sql.say(if n == 0 { " AND ((" } else { ") OR (" });
        for (n, one) in group.iter().enumerate() {
            if n > 0 {
                sql.say(" AND ");
            }
            condition(sql, engine, within, one);
        }
    }
    if !filter.groups.is_empty() {
        sql.say("))");
    }
}

fn condition(sql: &mut Composed, engine: Engine, within: Within<'_>, condition: &Condition) {
    let (scope, _, lead) = within;
    match condition {
        Condition::Status(statuses) => {
            let numbers: Vec<i64> = statuses.iter().map(|status| status.number()).collect();
            sql.say(if lead.is_open() { "r.status IN " } else { "+r.status IN " }).ints(&numbers);
        }
        Condition::Place { value, exact_case: true } => {
            _ = sql.say("r.place_of_supply = ").value(value.as_str())
        }
        Condition::Place { value, exact_case: false } => {
            sql.say("lower(r.place_of_supply) = ").value(value.to_lowercase());
        }
        Condition::Attributes(ids) => _ = sql.say("r.service_attribute IN ").ints(ids),
        Condition::Changed(from, to) => {
            let (after, before) = match lead {
                Lead::Facets | Lead::Planner => ("r.updated_at >= ", " AND r.updated_at < "),
                Lead::Ids | Lead::Party => ("+r.updated_at >= ", " AND +r.updated_at < "),
            };
            sql.say(after).int(from.0).say(before).int(to.0);
        }
        Condition::Entity { id_type, value, partial: true } => {
            partial(sql, engine, within, (*id_type, value))
        }
        Condition::Entity { id_type, value, partial: false } => {
            // The service of the request itself is asked for as well. An exact value is found by itself.
            sql.say("r.id IN (SELECT e.request FROM sd_request_entity e WHERE e.tenant = ")
                .int(scope.tenant());
            sql.say(" AND e.id_type_code = ").value(id_type.code());
            sql.say(" AND e.value_key = ").value(value.as_str()).say(")");
        }
    }
}

/// The requests with an entity whose identifier contains the text: those with a part that begins with it.
fn partial(
    sql: &mut Composed,
    engine: Engine,
    (scope, services, _): Within<'_>,
    (id_type, text): (IdType, &str),
) {
    let Some(range) = part::range(text) else {
        // Every identifier contains it.
        sql.say("1 = 1");
        return;
    };
    sql.say("(r.id IN (SELECT p.request FROM sd_entity_part p WHERE p.tenant = ").int(scope.tenant());
    sql.say(" AND p.id_type = ").int(id_type.number());
    match services {
        Some(services) => sql.say(" AND p.service IN ").ints(services),
        // Each service is a stretch of the index.
        None => sql
            .say(" AND p.service IN (SELECT id FROM sd_service WHERE tenant = ")
            .int(scope.tenant())
            .say(")"),
    };
    sql.say(" AND p.part >= ").value(range.from);
    if let Some(before) = range.before {
        sql.say(" AND p.part < ").value(before);
    }
    sql.say(")");
    if range.longer {
        sql.say(" AND EXISTS (SELECT 1 FROM sd_request_entity e WHERE e.tenant = ").int(scope.tenant());
        sql.say(" AND e.request = r.id AND e.id_type_code = ").value(id_type.code()).say(" AND ");
        sql.say(contains(engine)).say("(e.value_key, ").value(text).say(") > 0)");
    }
    sql.say(")");
}

/// The function that finds a text in another.
const fn contains(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "instr",
        Engine::Postgres => "strpos",
    }
}
