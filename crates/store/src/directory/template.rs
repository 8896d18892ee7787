//! Templates (spec 3.3): texts and blocks with placeholders, one content for each channel, versioned and approved.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use waypost_core::channel::Channel;
use waypost_core::time::Micros;

use crate::sql::Sql;
use crate::{Param, Row, StoreError};

/// A template, without what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Template {
    /// Its row.
    #[serde(skip)]
    pub id: i64,
    /// The tenant's row.
    #[serde(skip)]
    pub tenant: i64,
    /// What clients name it by, unique in the tenant.
    pub template_id: String,
    /// Its name.
    pub name: String,
}

/// What a template says on a channel, in one version.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TemplateVersion {
    /// The channel.
    pub channel: String,
    /// 1 for the first on its channel.
    pub version: i64,
    /// The channel's block.
    pub content: Value,
    /// When it was approved, microseconds since 1970; only what is approved is sent.
    pub approved_at: Option<i64>,
    /// When it was made, microseconds since 1970.
    pub created_at: i64,
}

/// All templates when ?1 is 0, otherwise those of one tenant.
pub(super) const SELECT: &str =
    "SELECT id, tenant, template_id, name FROM template WHERE (tenant = ?1 OR ?1 = 0) ORDER BY id";

pub(super) fn from_row(row: &Row) -> Result<Template, StoreError> {
    Ok(Template {
        id: row.int(0)?,
        tenant: row.int(1)?,
        template_id: row.text(2)?.to_owned(),
        name: row.text(3)?.to_owned(),
    })
}

pub(super) fn version_from_row(row: &Row) -> Result<TemplateVersion, StoreError> {
    let time = |at: Option<Micros>| at.map(|at| at.0);
    Ok(TemplateVersion {
        channel: row.text(0)?.to_owned(),
        version: row.int(1)?,
        content: content(row.text(2)?)?,
        approved_at: time(row.opt_time(3)?),
        created_at: row.time(4)?.0,
    })
}

fn content(text: &str) -> Result<Value, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt("the content of a template".to_owned()))
}

/// What is sent under a template id on a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveTemplate {
    /// The newest approved version.
    pub version: i64,
    /// The channel's block with its placeholders.
    pub content: Arc<Value>,
}

/// The approved templates in memory.
#[derive(Debug, Default)]
pub struct Templates {
    live: HashMap<i64, HashMap<String, Vec<(Channel, LiveTemplate)>>>,
}

impl Templates {
    pub(super) fn load(tx: &mut dyn Sql) -> Result<Self, StoreError> {
        let mut templates = Self::default();
        let rows = tx.query(
            "SELECT t.tenant, t.template_id, v.channel, v.version, v.content \
             FROM template t JOIN template_version v ON v.template = t.id \
             WHERE v.approved_at IS NOT NULL ORDER BY v.template, v.channel, v.version DESC",
            &[],
        )?;
        for row in rows {
            let Some(channel) = Channel::parse(row.text(2)?) else { continue };
            let of_tenant = templates.live.entry(row.int(0)?).or_default();
            let channels = of_tenant.entry(row.text(1)?.to_owned()).or_default();
            // The newest comes first.
            if channels.iter().all(|(known, _)| *known != channel) {
                let live = LiveTemplate { version: row.int(3)?, content: Arc::new(content(row.text(4)?)?) };
                channels.push((channel, live));
            }
        }
        Ok(templates)
    }

    /// What the tenant's template says on a channel; `None` when it is unknown or not approved there (7108).
    #[must_use]
    pub fn live(&self, tenant: i64, template_id: &str, channel: Channel) -> Option<&LiveTemplate> {
        let channels = self.live.get(&tenant)?.get(template_id)?;
        channels.iter().find(|(known, _)| *known == channel).map(|(_, live)| live)
    }
}

/// The versions of one template, oldest first.
pub(super) fn versions(tx: &mut dyn Sql, template: i64) -> Result<Vec<TemplateVersion>, StoreError> {
    let rows = tx.query(
        "SELECT channel, version, content, approved_at, created_at FROM template_version \
         WHERE template = ?1 ORDER BY channel, version",
        &[Param::Int(template)],
    )?;
    rows.iter().map(version_from_row).collect()
}
