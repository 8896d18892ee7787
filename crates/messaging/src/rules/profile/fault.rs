//! Every way a request or a record of the Profile API is refused.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::attribute::Mandatory;
use crate::rules::Detail;
use crate::wire::{JsonFault, RECORDS_MAX};

/// Why a whole request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileRefusal {
    /// 7000.
    Json(JsonFault),
    /// 7001.
    KeyUnknown,
    /// 7002.
    KeyMissing,
    /// 7003: no record, or a path that ends before the customer id.
    CustomerIdMissing,
    /// 7006: the request could not be kept, or the store could not be read.
    Internal,
    /// 7006: more requests wait than the server takes; try again.
    Busy,
    /// 7010; 7208 on delete for tenants that ask for it.
    SourceIp {
        /// Whether the old number of the delete pages is answered.
        old_code: bool,
    },
    /// 7011: a parameter of the query.
    Query {
        /// Its name.
        name: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// 7012.
    BatchTooLarge,
    /// 7013.
    StoreMissing,
    /// 7014: not one of the customers asked for is there.
    CustomerNotFound,
    /// 7014: not one of the app profiles asked for is there.
    AppProfileNotFound,
    /// 7018.
    AppInvalid,
    /// 7020.
    Rate,
    /// 7600.
    NoResults,
    /// 7011: the header is not a key.
    IdempotencyKeyInvalid,
    /// 7040: the key was used with another request.
    IdempotencyKeyReused,
}

/// Why one record is refused. Kept with the results of a queued batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordFault {
    /// 7003.
    CustomerIdMissing,
    /// 7003.
    Missing(Mandatory),
    /// 7003: `status` of an app profile.
    StatusNotZeroOrOne,
    /// 7011: `status` of a customer.
    RecordStatus,
    /// 7011: a value that does not fit its type.
    Value {
        /// The attribute.
        name: String,
        /// What it must be.
        rule: Cow<'static, str>,
    },
    /// 7017: an attribute that is not in the store.
    Unknown(String),
    /// 7014; 7203 on delete for tenants that ask for it.
    CustomerNotFound {
        /// Whether the old number of the delete pages is answered.
        old_code: bool,
    },
    /// 7014.
    AppProfileNotFound,
    /// 7015.
    CustomerExists,
    /// 7015.
    AppProfileExists,
    /// 7016: a fault of ours; the other records of the batch are not touched by it.
    Internal,
    /// 7019: the queued batch was too old when its turn came.
    Expired,
}

fn detail(
    field: impl Into<Cow<'static, str>>,
    rule: impl Into<Cow<'static, str>>,
    remedy: impl Into<Cow<'static, str>>,
) -> Detail {
    Detail { field: field.into(), rule: rule.into(), remedy: remedy.into() }
}

impl ProfileRefusal {
    /// What helps the caller to mend it.
    #[must_use]
    pub fn detail(&self) -> Detail {
        match self {
            Self::Json(fault) => detail(fault.field(), fault.to_string(), fault.remedy()),
            Self::KeyUnknown => detail(
                "key",
                "a current profile key of a live tenant",
                "check the key; a service key does not work here",
            ),
            Self::KeyMissing => detail("key", "mandatory header", "send the profile key in the header `key`"),
            Self::CustomerIdMissing => detail(
                "customerId",
                "at least one record, or a customer id in the path or query",
                "send for example {\"Records\":[{\"customerId\":\"1\",\"Attributes\":{}}]}",
            ),
            Self::Internal => detail("request", "the request was not carried out", "send it again"),
            Self::Busy => detail("request", "too many requests are waiting", "send it again after a second"),
            Self::SourceIp { .. } => detail(
                "source address",
                "an address of the tenant's allowlist",
                "send from an allowed address or have this one added",
            ),
            Self::Query { name, rule } => detail(*name, *rule, "send one of these, or leave it out"),
            Self::BatchTooLarge => detail(
                "Records",
                format!("at most {RECORDS_MAX} records or ids in a request"),
                "split them over several requests",
            ),
            Self::StoreMissing => {
                detail("tenant", "a tenant with a master profile store", "have the store switched on")
            }
            Self::CustomerNotFound => {
                detail("customerId", "a customer of the tenant", "check the id, or create the customer first")
            }
            Self::AppProfileNotFound => detail(
                "customerId",
                "a customer, user or device with a profile in the app",
                "check the id, or create the app profile first",
            ),
            Self::AppInvalid => {
                detail("appid", "an app asset of the tenant", "copy the app id from the console")
            }
            Self::Rate => {
                detail("request", "the tenant's requests per second", "slow down and send it again")
            }
            Self::NoResults => detail(
                "transid",
                "the transid of a queued batch of the tenant that is done",
                "ask again after some seconds; check the transid if nothing comes",
            ),
            Self::IdempotencyKeyInvalid => detail(
                "Idempotency-Key",
                "1 to 255 visible ASCII characters",
                "send for example a UUID, or leave the header out",
            ),
            Self::IdempotencyKeyReused => detail(
                "Idempotency-Key",
                "one key for one request",
                "send the first request again unchanged, or this one under a new key",
            ),
        }
    }
}

impl RecordFault {
    /// What helps the caller to mend it.
    #[must_use]
    pub fn detail(&self) -> Detail {
        match self {
            Self::CustomerIdMissing => detail("customerId", "mandatory", "add the customer's id"),
            Self::Missing(mandatory) => {
                detail(format!("Attributes.{}", mandatory.name()), "mandatory and not empty", "add it")
            }
            Self::StatusNotZeroOrOne | Self::RecordStatus => {
                detail("Attributes.status", "0 or 1", "send one of these")
            }
            Self::Value { name, rule } => {
                detail(format!("Attributes.{name}"), rule.clone(), "send the value as a text of this kind")
            }
            Self::Unknown(name) => detail(
                format!("Attributes.{name}"),
                "an attribute of the profile store",
                "correct the name, or have the attribute added to the store",
            ),
            Self::CustomerNotFound { .. } => {
                detail("customerId", "a customer of the tenant", "check the id, or create the customer first")
            }
            Self::AppProfileNotFound => detail(
                "customerId",
                "a customer, user or device with a profile in the app",
                "check the ids, or create the app profile first",
            ),
            Self::CustomerExists | Self::AppProfileExists => {
                detail("customerId", "not there yet", "use PUT to change it")
            }
            Self::Internal => detail("record", "carried out", "send the record again"),
            Self::Expired => {
                detail("request", "carried out while it was still wanted", "send the record again")
            }
        }
    }
}

impl From<JsonFault> for ProfileRefusal {
    fn from(fault: JsonFault) -> Self {
        Self::Json(fault)
    }
}
