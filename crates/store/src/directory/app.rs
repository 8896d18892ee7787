//! App assets: what the IP channels send through (spec 1).

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use waypost_core::channel::Channel;
use waypost_core::time::Micros;

use super::rows;
use super::types::Status;
use crate::seal::{MasterKey, Secret};
use crate::sql::Sql;
use crate::{Param, Row, StoreError};

/// What kind of account an app asset is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AppKind {
    /// A mobile or web app: push and real-time messaging.
    Mobile,
    /// A Facebook page.
    Fb,
    /// A Twitter account.
    Twitter,
    /// A WeChat official account.
    Wechat,
}

impl AppKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Mobile, Self::Fb, Self::Twitter, Self::Wechat];

    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::Fb => "fb",
            Self::Twitter => "twitter",
            Self::Wechat => "wechat",
        }
    }

    /// From the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether an asset of this kind can carry the channel, its features aside.
    #[must_use]
    pub const fn carries(self, channel: Channel) -> bool {
        matches!(
            (self, channel),
            (Self::Mobile, Channel::Push | Channel::Rt)
                | (Self::Fb, Channel::Fb)
                | (Self::Twitter, Channel::Twitter)
                | (Self::Wechat, Channel::Wechat)
        )
    }
}

/// An app asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Its row; 0 before it is stored.
    pub id: i64,
    /// The tenant's row.
    pub tenant: i64,
    /// The `appid` of the wire, unique over all tenants. Never changes.
    pub app_id: String,
    /// What it is.
    pub kind: AppKind,
    /// Its name.
    pub name: String,
    /// Whether it may be used.
    pub status: Status,
    /// Whether push is enabled (7118 otherwise).
    pub push: bool,
    /// Whether real-time messaging is enabled (7117 otherwise).
    pub rt: bool,
    /// The connector's settings, a JSON object: base addresses, package names.
    pub config: String,
    /// Its credentials, a JSON object; `None` in answers of `admin`.
    pub secrets: Option<Secret>,
    /// Whether credentials are stored.
    pub has_secrets: bool,
    /// When it was created.
    pub created_at: Micros,
}

/// The purpose the credentials of an app are sealed for.
pub(super) fn purpose(app_id: &str) -> String {
    format!("app/secrets/{app_id}")
}

/// Columns of [`from_row`]; all apps when ?1 is 0, otherwise those of one tenant.
pub(super) const SELECT: &str = "SELECT id, tenant, app_id, kind, name, status, push, rt, config, secrets, created_at \
     FROM app WHERE (tenant = ?1 OR ?1 = 0) ORDER BY id";

/// Without a key the secrets stay closed.
pub(super) fn from_row(row: &Row, master: Option<&MasterKey>) -> Result<App, StoreError> {
    let app_id = row.text(2)?;
    let kind = row.text(3)?;
    Ok(App {
        id: row.int(0)?,
        tenant: row.int(1)?,
        app_id: app_id.to_owned(),
        kind: AppKind::parse(kind)
            .ok_or_else(|| StoreError::Corrupt(format!("the kind of an app is {kind}")))?,
        name: row.text(4)?.to_owned(),
        status: Status::parse(row.text(5)?)?,
        push: row.flag(6)?,
        rt: row.flag(7)?,
        config: row.text(8)?.to_owned(),
        secrets: rows::secret(row.opt_blob(9)?, master, || purpose(app_id))?,
        has_secrets: row.opt_blob(9)?.is_some(),
        created_at: row.time(10)?,
    })
}

/// The app assets in memory.
#[derive(Debug, Default)]
pub struct Apps {
    by_row: HashMap<i64, Arc<App>>,
    by_app_id: HashMap<String, Arc<App>>,
    defaults: HashMap<(i64, Channel), i64>,
}

impl Apps {
    pub(super) fn load(tx: &mut dyn Sql, master: &MasterKey) -> Result<Self, StoreError> {
        let mut apps = Self::default();
        for row in tx.query(SELECT, &[Param::Int(0)])? {
            let app = Arc::new(from_row(&row, Some(master))?);
            apps.by_app_id.insert(app.app_id.clone(), Arc::clone(&app));
            apps.by_row.insert(app.id, app);
        }
        for row in tx.query("SELECT service, channel, app FROM service_app", &[])? {
            if let Some(channel) = Channel::parse(row.text(1)?) {
                apps.defaults.insert((row.int(0)?, channel), row.int(2)?);
            }
        }
        Ok(apps)
    }

    /// An asset by its row.
    #[must_use]
    pub fn by_row(&self, id: i64) -> Option<&Arc<App>> {
        self.by_row.get(&id)
    }

    /// An asset of the tenant by its `appid`; another tenant's looks like none.
    #[must_use]
    pub fn of_tenant(&self, tenant: i64, app_id: &str) -> Option<&Arc<App>> {
        self.by_app_id.get(app_id).filter(|app| app.tenant == tenant)
    }

    /// An asset by its `appid`, whoever owns it: for requests that come from outside under the id.
    #[must_use]
    pub fn by_app_id(&self, app_id: &str) -> Option<&Arc<App>> {
        self.by_app_id.get(app_id)
    }

    /// The asset a service uses on a channel when a request names none.
    #[must_use]
    pub fn default_of(&self, service: i64, channel: Channel) -> Option<&Arc<App>> {
        self.defaults.get(&(service, channel)).and_then(|id| self.by_row.get(id))
    }

    /// The service that uses an asset as its default on a channel: it gets what comes in for the asset. The oldest when
    /// there are several.
    #[must_use]
    pub fn service_of(&self, app: i64, channel: Channel) -> Option<i64> {
        let mine =
            |((service, of), id): (&(i64, Channel), &i64)| (*id == app && *of == channel).then_some(*service);
        self.defaults.iter().filter_map(mine).min()
    }

    /// All assets, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<App>> {
        self.by_row.values()
    }
}
