//! Profiles as they are shown (spec 2.5).

use std::sync::Arc;

use waypost_core::time::{Micros, rfc3339_utc};
use waypost_store::directory::App;
use waypost_store::{Sql, StoreError};

use super::secrets::{self, MASK};
use super::{ProfileDesk, build};
use crate::api::profile::{
    AppStore, Links, ProfileAsk, ProfileCaller, ProfilesFound, ShownAttribute, ShownLink, ShownProfile,
};
use crate::records::profile::app_profile::{self, By};
use crate::records::profile::{AppProfileRow, CustomerRow, customer};
use crate::rules::profile::StoreKind;

/// What `showinwardlinks=1` shows of an app profile.
const KEYS: &[&str] = &[
    "customerId",
    "rtmId",
    "userId",
    "deviceId",
    "psid",
    "twitter_user_id",
    "wechat_user_id",
    "status",
    "channel",
];

impl ProfileDesk {
    /// What is asked for, as it is shown.
    pub(super) fn found(
        &self,
        tx: &mut dyn Sql,
        caller: &ProfileCaller,
        ask: &ProfileAsk,
    ) -> Result<ProfilesFound, StoreError> {
        let mut found = ProfilesFound::default();
        match ask {
            ProfileAsk::Customers { ids, links } => {
                for id in ids {
                    match customer::load(tx, &caller.ctx(), id)? {
                        Some(row) => found.profiles.push(self.customer(tx, caller, &row, *links)?),
                        None => found.missing += 1,
                    }
                }
            }
            ProfileAsk::App { app, ids, user } => {
                let by_user = ids.is_empty().then_some(user.as_deref()).flatten().map(By::User);
                for by in ids.iter().map(|id| By::Customer(id)).chain(by_user) {
                    let rows = app_profile::find(tx, &caller.ctx(), app.app, by)?;
                    found.missing += usize::from(rows.is_empty());
                    for row in &rows {
                        found.profiles.push(self.app_profile(tx, caller, app, row)?);
                    }
                }
            }
        }
        Ok(found)
    }

    fn customer(
        &self,
        tx: &mut dyn Sql,
        caller: &ProfileCaller,
        row: &CustomerRow,
        links: Links,
    ) -> Result<ShownProfile, StoreError> {
        let mut inward = Vec::new();
        if links != Links::None {
            for app in self.apps(caller) {
                let store = AppStore {
                    app: app.id,
                    app_id: app.app_id.clone(),
                    kind: StoreKind::of_app(app.kind, app.rt),
                };
                let by = By::Customer(&row.record.customer_id);
                let rows = app_profile::find(tx, &caller.ctx(), app.id, by)?;
                if !rows.is_empty() {
                    let shown = |row| linked(self.app_attributes(&store, row), links);
                    inward.push(ShownLink {
                        profile_id: app.id * 2 + 1,
                        profile_name: format!("{}_{}", caller.slug, app.app_id),
                        records: rows.iter().map(shown).collect(),
                    });
                }
            }
        }
        Ok(ShownProfile { attributes: master_attributes(caller, row), inward, outward: Vec::new() })
    }

    /// The apps of the tenant by row, so that links come in one order.
    fn apps(&self, caller: &ProfileCaller) -> Vec<Arc<App>> {
        let directory = self.directory.current();
        let mut apps: Vec<_> =
            directory.apps().iter().filter(|app| app.tenant == caller.tenant.0).map(Arc::clone).collect();
        apps.sort_by_key(|app| app.id);
        apps
    }

    fn app_profile(
        &self,
        tx: &mut dyn Sql,
        caller: &ProfileCaller,
        app: &AppStore,
        row: &AppProfileRow,
    ) -> Result<ShownProfile, StoreError> {
        let master = match &row.record.customer_id {
            Some(id) => customer::load(tx, &caller.ctx(), id)?,
            None => None,
        };
        let link = |row: CustomerRow| ShownLink {
            profile_id: caller.tenant.0 * 2,
            profile_name: format!("{}_cpms_1", caller.slug),
            records: vec![linked(master_attributes(caller, &row), Links::Full)],
        };
        Ok(ShownProfile {
            attributes: self.app_attributes(app, row),
            inward: Vec::new(),
            outward: master.map(link).into_iter().collect(),
        })
    }

    fn app_attributes(&self, app: &AppStore, row: &AppProfileRow) -> Vec<ShownAttribute> {
        let record = &row.record;
        let plain = build::stored(&record.attributes);
        let place = (app.app_id.as_str(), record.ident.as_str());
        // What does not open is not shown; a write says so.
        let hidden =
            secrets::open(self.directory.master(), place, record.secrets.as_deref()).unwrap_or_default();
        let value = |name: &str| {
            let derived = || match name {
                "customerId" => record.customer_id.clone(),
                "appId" => Some(app.app_id.clone()),
                "userId" => record.user_id.clone(),
                name if name == app.kind.ident() => Some(record.ident.clone()),
                "rtmId" => Some(record.ident.clone()),
                "channel" => Some(word(app.kind).to_owned()),
                "createdOn" => Some(moment(row.created_at)),
                "updatedOn" => Some(moment(row.updated_at)),
                _ => None,
            };
            let masked = || hidden.contains_key(name).then(|| MASK.to_owned());
            plain.get(name).cloned().or_else(masked).or_else(derived)
        };
        let shown = app.kind.attributes().iter().filter_map(|known| {
            let value = value(known.name)?;
            Some(ShownAttribute { id: known.id, name: known.name.to_owned(), value })
        });
        shown.collect()
    }
}

const fn word(kind: StoreKind) -> &'static str {
    match kind {
        StoreKind::Fb => "fb",
        StoreKind::Twitter => "twitter",
        StoreKind::Wechat => "wechat",
        StoreKind::Rt | StoreKind::Push | StoreKind::Master => "rt",
    }
}

fn master_attributes(caller: &ProfileCaller, row: &CustomerRow) -> Vec<ShownAttribute> {
    let mut stored = build::stored(&row.record.attributes);
    stored.insert("customerId".to_owned(), row.record.customer_id.clone());
    let shown = caller.schema(StoreKind::Master).attributes().filter_map(|known| {
        let value = stored.get(known.name)?.clone();
        Some(ShownAttribute { id: known.id, name: known.name.to_owned(), value })
    });
    shown.collect()
}

/// Inside a link the customer's id is written in small letters (spec 2.5).
fn linked(attributes: Vec<ShownAttribute>, links: Links) -> Vec<ShownAttribute> {
    let kept = attributes.into_iter().filter(|shown| links == Links::Full || KEYS.contains(&&*shown.name));
    let small = |shown: ShownAttribute| match shown.name.as_str() {
        "customerId" => ShownAttribute { name: "customerid".to_owned(), ..shown },
        _ => shown,
    };
    kept.map(small).collect()
}

/// `2016-07-11 17:02:51` (spec 2.6), in UTC.
fn moment(at: Micros) -> String {
    let text = rfc3339_utc(at);
    match (text.get(..10), text.get(11..19)) {
        (Some(date), Some(time)) => format!("{date} {time}"),
        _ => text,
    }
}
