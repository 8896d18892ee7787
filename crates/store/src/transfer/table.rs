//! The exported tables, and rows as JSON.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};

use crate::sql::{Row, Value};
use crate::{Param, StoreError};

/// One table of the format.
pub(super) struct Table {
    pub name: &'static str,
    pub columns: &'static [&'static str],
    /// Inserts a whole row; one that is there stays.
    pub insert: &'static str,
    /// Reads rows of tenant ?1 with ids in `(?2, ?3)`, at most ?4; for `story`, of messages in that range.
    pub select: &'static str,
}

/// Columns whose bytes are base64 in a line.
const BLOBS: &[&str] =
    &["transid", "progress", "hash", "hub_secret", "jwt_secret", "password", "secrets", "sound"];
/// Columns that are left out unless secrets are asked for.
pub(super) const SECRETS: &[&str] = &["hub_secret", "jwt_secret", "password", "secrets"];

pub(super) static TENANT: LazyLock<Table> = LazyLock::new(|| {
    const COLUMNS: &[&str] =
        &["slug", "name", "status", "time_zone", "default_priority", "sandbox", "settings", "created_at"];
    table("tenant", COLUMNS, "WHERE id = ?1 AND id > ?2 AND id < ?3 ORDER BY id LIMIT ?4")
});

const BY_TENANT: &str = "WHERE tenant = ?1 AND id > ?2 AND id < ?3 ORDER BY id LIMIT ?4";
/// The tenant stands in the template's row.
const OF_TEMPLATES: &str = "WHERE template IN (SELECT id FROM template WHERE tenant = ?1) \
     AND id > ?2 AND id < ?3 ORDER BY id LIMIT ?4";
/// Tables without ids are small, save `dnd`, which is paged on its own.
const WHOLE: &str = "WHERE tenant = ?1 AND CAST(?2 AS BIGINT) < CAST(?3 AS BIGINT) ORDER BY 2 LIMIT ?4";

/// One row for the tenant and one for each of its services: more than a page holds only by the thousand.
const SERVICES: &str = "WHERE tenant = ?1 AND CAST(?2 AS BIGINT) < CAST(?3 AS BIGINT) \
     AND CAST(?4 AS BIGINT) > 0 ORDER BY service";

/// In an order in which a row comes after those it names.
pub(super) static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    vec![
        table(
            "service",
            &[
                "id",
                "tenant",
                "slug",
                "name",
                "status",
                "notify_url",
                "notify_types",
                "inbound_url",
                "default_sender",
                "route_group",
                "hub_secret",
                "hub_algorithm",
                "jwt_secret",
                "created_at",
            ],
            BY_TENANT,
        ),
        table(
            "api_key",
            &["id", "tenant", "service", "kind", "prefix", "hash", "created_at", "revoked_at"],
            BY_TENANT,
        ),
        table("sender", &["id", "tenant", "address", "tps", "created_at"], BY_TENANT),
        table(
            "smpp_connection",
            &["id", "name", "tenant", "sandbox", "config", "password", "enabled", "created_at"],
            BY_TENANT,
        ),
        table(
            "sip_trunk",
            &["id", "name", "tenant", "sandbox", "config", "password", "enabled", "created_at"],
            BY_TENANT,
        ),
        table("voice_prompt", &["id", "tenant", "prompt_id", "name", "sound", "created_at"], BY_TENANT),
        table("voice_flow", &["id", "tenant", "flow_id", "body", "created_at"], BY_TENANT),
        table(
            "app",
            &[
                "id",
                "tenant",
                "app_id",
                "kind",
                "name",
                "status",
                "push",
                "rt",
                "config",
                "secrets",
                "created_at",
            ],
            BY_TENANT,
        ),
        table("service_app", &["tenant", "service", "channel", "app"], WHOLE),
        table("profile_attribute", &["id", "tenant", "name", "kind", "created_at"], BY_TENANT),
        table(
            "customer",
            &[
                "id",
                "tenant",
                "customer_id",
                "msisdn",
                "email",
                "active",
                "verified",
                "attributes",
                "created_at",
                "updated_at",
            ],
            BY_TENANT,
        ),
        table(
            "app_profile",
            &[
                "id",
                "tenant",
                "app",
                "ident",
                "customer_id",
                "user_id",
                "device_id",
                "token",
                "os",
                "active",
                "verified",
                "attributes",
                "secrets",
                "created_at",
                "updated_at",
                "seen_at",
            ],
            BY_TENANT,
        ),
        table("template", &["id", "tenant", "template_id", "name", "created_at"], BY_TENANT),
        table(
            "template_version",
            &["id", "template", "channel", "version", "content", "approved_at", "created_at"],
            OF_TEMPLATES,
        ),
        table(
            "link",
            &["id", "tenant", "name", "url", "validity_minutes", "enabled", "created_at"],
            BY_TENANT,
        ),
        table("event", &["id", "tenant", "name", "parameters", "enabled", "created_at"], BY_TENANT),
        table(
            "rule",
            &[
                "id",
                "tenant",
                "service",
                "name",
                "happens",
                "event",
                "conditions",
                "template",
                "channel",
                "destination",
                "delay_s",
                "enabled",
                "created_at",
            ],
            BY_TENANT,
        ),
        table("ip_allow", &["id", "tenant", "cidr"], BY_TENANT),
        table("tps_limit", &["tenant", "api", "per_second", "burst_mode"], WHOLE),
        table("burst_use", &["tenant", "api", "day", "day_secs", "month", "month_secs"], WHOLE),
        table("policy", &["tenant", "service", "settings"], SERVICES),
        table("rate", &["id", "tenant", "channel", "prefix", "price"], BY_TENANT),
        table("spam_phrase", &["id", "tenant", "phrase"], BY_TENANT),
        table("verified", &["id", "tenant", "destination", "since"], BY_TENANT),
        table("credit", &["tenant", "enforced", "granted", "balance", "updated_at"], WHOLE),
        table(
            "request",
            &[
                "id",
                "tenant",
                "service",
                "transid",
                "api_key",
                "channel",
                "content",
                "notify_url",
                "callback_data",
                "expires_at",
                "priority",
                "route",
                "units",
                "messages",
            ],
            BY_TENANT,
        ),
        table(
            "message",
            &[
                "id",
                "request",
                "tenant",
                "service",
                "unit",
                "dest_type",
                "destination",
                "correlation",
                "state",
                "code",
                "progress",
                "connection",
                "parts",
                "updated_at",
            ],
            BY_TENANT,
        ),
        table(
            "inbound",
            &[
                "id",
                "tenant",
                "service",
                "connection",
                "source",
                "destination",
                "text",
                "data_coding",
                "parts",
                "received_at",
            ],
            BY_TENANT,
        ),
        table(
            "social_inbound",
            &[
                "id",
                "tenant",
                "service",
                "app",
                "channel",
                "source",
                "event",
                "text",
                "attachments",
                "postback",
                "provider_ref",
                "received_at",
            ],
            BY_TENANT,
        ),
    ]
});

pub(super) static STORY: LazyLock<Table> = LazyLock::new(|| {
    table(
        "story",
        &["message", "at", "seq", "kind", "code", "detail"],
        "WHERE message IN (SELECT id FROM message WHERE tenant = ?1 AND id >= ?2 AND id <= ?3) ORDER BY message, at, seq \
         LIMIT ?4",
    )
});

/// With each page of messages, like the stories.
pub(super) static CHARGE: LazyLock<Table> = LazyLock::new(|| {
    table(
        "charge",
        &["message", "tenant", "amount", "at", "refunded_at"],
        "WHERE tenant = ?1 AND message >= ?2 AND message <= ?3 ORDER BY message LIMIT ?4",
    )
});

pub(super) static DND: LazyLock<Table> =
    LazyLock::new(|| table("dnd", &["tenant", "msisdn", "since", "source"], WHOLE));

/// Builds the statements once; they live as long as the program, as prepared statements need.
fn table(name: &'static str, columns: &'static [&'static str], rest: &str) -> Table {
    // Serial ids are given anew by the importing store.
    let own_ids = !matches!(
        name,
        "service"
            | "api_key"
            | "sender"
            | "smpp_connection"
            | "sip_trunk"
            | "voice_prompt"
            | "voice_flow"
            | "ip_allow"
            | "app"
            | "profile_attribute"
            | "customer"
            | "app_profile"
            | "template"
            | "template_version"
            | "link"
            | "event"
            | "rule"
            | "rate"
            | "spam_phrase"
            | "verified"
    );
    let inserted: Vec<_> = columns.iter().filter(|column| own_ids || **column != "id").collect();
    let list = |names: &mut dyn Iterator<Item = String>| names.collect::<Vec<_>>().join(", ");
    let names = list(&mut inserted.iter().map(|column| (**column).to_owned()));
    let places = list(&mut (1..=inserted.len()).map(|n| format!("?{n}")));
    let insert = format!("INSERT INTO {name} ({names}) VALUES ({places}) ON CONFLICT DO NOTHING");
    let select = format!("SELECT {} FROM {name} {rest}", columns.join(", "));
    Table { name, columns, insert: insert.leak(), select: select.leak() }
}

impl Table {
    /// A row as a line's object.
    pub fn to_json(&self, row: &Row, secrets: bool) -> Map<String, Json> {
        let mut object = Map::new();
        object.insert("table".to_owned(), self.name.into());
        for (column, value) in self.columns.iter().zip(&row.0) {
            let json = match value {
                _ if !secrets && SECRETS.contains(column) => continue,
                Value::Null => Json::Null,
                Value::Int(int) => (*int).into(),
                Value::Text(text) => text.as_str().into(),
                Value::Blob(bytes) => STANDARD.encode(bytes).into(),
            };
            object.insert((*column).to_owned(), json);
        }
        object
    }

    /// The columns of a line's object; a missing one is null.
    pub fn read(&self, object: &Map<String, Json>) -> Result<Vec<Value>, String> {
        self.columns.iter().map(|column| value(column, object.get(*column).unwrap_or(&Json::Null))).collect()
    }

    /// Where a column is.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| *column == name)
    }

    /// The parameters of `insert`: all columns, without the id when the store gives it.
    pub fn insert_params<'a>(&self, values: &'a [Value]) -> Vec<Param<'a>> {
        let skip_id = self.column("id") == Some(0) && !self.insert.contains("(id, ");
        values.iter().skip(usize::from(skip_id)).map(Value::as_param).collect()
    }
}

fn value(column: &str, json: &Json) -> Result<Value, String> {
    match json {
        Json::Null => Ok(Value::Null),
        Json::Number(number) => {
            number.as_i64().map(Value::Int).ok_or_else(|| format!("{column} is no integer"))
        }
        Json::String(text) if BLOBS.contains(&column) => {
            STANDARD.decode(text).map(Value::Blob).map_err(|_| format!("{column} is no base64"))
        }
        Json::String(text) => Ok(Value::Text(text.clone())),
        _ => Err(format!("{column} is neither a number nor a text")),
    }
}

/// The integer in a column.
pub(super) fn int(values: &[Value], at: Option<usize>) -> Result<i64, StoreError> {
    match at.and_then(|at| values.get(at)) {
        Some(Value::Int(int)) => Ok(*int),
        _ => Err(StoreError::Refused("a column that must be a number is not".to_owned())),
    }
}
