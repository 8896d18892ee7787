//! Lists of requests as they are answered.

use waypost_store::Sql;

use crate::api::call::Call;
use crate::records::request::Request;
use crate::records::request_list::{self, Selection};
use crate::records::{Scope, request_parts};
use crate::rules::Fault;
use crate::rules::time::Local;
use crate::wire::Page;
use crate::wire::request::{Beside, CollectionBody, RequestBody};

/// What a list shows.
#[derive(Clone, Copy, Debug)]
pub(in crate::api) struct Included {
    /// The requests themselves, not only their number.
    pub requests: bool,
    pub metadata: bool,
    pub entities: bool,
    pub history: bool,
}

impl Included {
    /// From the parameters of a GET.
    pub fn of(call: &Call) -> Self {
        Self {
            requests: !call.flag("excludeServiceRequests", false),
            metadata: !call.flag("excludeMetadata", false),
            entities: call.flag("includeRegulatedEntities", false),
            history: false,
        }
    }
}

/// One page of what is selected.
///
/// # Errors
/// When the store fails.
pub(in crate::api) fn collection(
    tx: &mut dyn Sql,
    scope: &Scope,
    selection: &Selection,
    (included, page): (Included, Page),
    zone: &Local,
) -> Result<CollectionBody, Fault> {
    let count = request_list::count(tx, scope, selection)?;
    let requests = match included.requests && page.offset() < count {
        true => request_list::page(tx, scope, selection, page)?,
        false => Vec::new(),
    };
    let ids: Vec<i64> = requests.iter().map(|request| request.id).collect();
    let mut entities = match included.entities {
        true => Some(request_parts::entities(tx, scope, &ids)?),
        false => None,
    };
    let mut histories = match included.history {
        true => Some(request_parts::histories(tx, scope, &ids)?),
        false => None,
    };
    let shown = requests.into_iter().map(|request| {
        let beside = Beside {
            metadata: included.metadata,
            entities: entities.as_mut().map(|found| found.remove(&request.id).unwrap_or_default()),
            history: histories.as_mut().map(|found| found.remove(&request.id).unwrap_or_default()),
        };
        RequestBody::of(request, beside, zone)
    });
    Ok(CollectionBody {
        service_requests: shown.collect(),
        count,
        page: page.number,
        has_more: page.has_more(count),
    })
}

/// One request with everything that belongs to it but its history.
///
/// # Errors
/// When the store fails.
pub(super) fn one(
    tx: &mut dyn Sql,
    scope: &Scope,
    request: Request,
    zone: &Local,
) -> Result<RequestBody, Fault> {
    let entities = request_parts::entities(tx, scope, &[request.id])?.remove(&request.id);
    let beside = Beside { metadata: true, entities: Some(entities.unwrap_or_default()), history: None };
    Ok(RequestBody::of(request, beside, zone))
}
