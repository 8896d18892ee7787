//! What `waypost admin smpp` and `waypost admin trunk` do alike.

use serde::Serialize;
use serde_json::{Map, Value, json};
use waypost_core::time::Micros;
use waypost_store::directory::{Carrier, CarrierKind, admin};

use super::desk::{ALL, Desk, Done, tenant};
use super::settings::merge;
use crate::cli::Usage;
use crate::wiring;

/// What differs between the kinds.
pub struct Face {
    /// The kind.
    pub kind: CarrierKind,
    /// The variable its password comes from.
    pub variable: &'static str,
    /// The setting that names the account.
    pub account: &'static str,
    /// Headings of a list: name, far side, account, who is served, state.
    pub headings: [&'static str; 5],
    /// What a changed password answers.
    pub password_done: &'static str,
    /// Whether the connector understands these settings; why not.
    pub check: fn(Value) -> Result<(), String>,
}

/// A new one.
pub struct New<'a> {
    /// Its name.
    pub name: &'a str,
    /// The only tenant, by its short name.
    pub tenant: Option<&'a str>,
    /// For sandbox tenants.
    pub sandbox: bool,
    /// Settings that have options of their own.
    pub settings: Map<String, Value>,
    /// Further settings as KEY=VALUE.
    pub more: &'a [String],
}

#[derive(Debug, Serialize)]
struct Shown {
    id: i64,
    name: String,
    tenant: Option<i64>,
    sandbox: bool,
    enabled: bool,
    has_password: bool,
    settings: Value,
}

impl From<Carrier> for Shown {
    fn from(carrier: Carrier) -> Self {
        let settings = serde_json::from_str(&carrier.config).unwrap_or(Value::Null);
        let Carrier { id, name, tenant, sandbox, enabled, has_password, .. } = carrier;
        Self { id, name, tenant, sandbox, enabled, has_password, settings }
    }
}

/// Creates one, with its password.
pub async fn create(face: &Face, new: New<'_>, desk: &Desk) -> anyhow::Result<()> {
    let New { name, tenant: owner, sandbox, mut settings, more } = new;
    merge(&mut settings, more)?;
    let mut carrier = unsaved(name, sandbox, face.checked(name, settings)?);
    let password = secret_variable(face.variable)?;
    let master = wiring::master_key(&desk.config)?;
    let (kind, owner) = (face.kind, owner.map(str::to_owned));
    let made = desk
        .change(move |tx, now| {
            carrier.tenant = match &owner {
                Some(slug) => Some(tenant(tx, slug)?.1.id),
                None => None,
            };
            admin::create_carrier(tx, &ALL, now, kind, &carrier)?;
            if let Some(password) = &password {
                let of = (kind, carrier.name.as_str());
                admin::set_carrier_password(tx, &ALL, now, of, Some(password.as_bytes()), &master)?;
            }
            admin::carrier(tx, &ALL, kind, &carrier.name)
        })
        .await?;
    let line = format!("created {} {}", kind.noun(), made.name);
    desk.tell(&Shown::from(made), &line)
}

fn unsaved(name: &str, sandbox: bool, config: String) -> Carrier {
    Carrier {
        id: 0,
        name: name.to_owned(),
        tenant: None,
        sandbox,
        config,
        password: None,
        has_password: false,
        enabled: true,
        created_at: Micros(0),
    }
}

impl Face {
    /// The settings as they are stored, once the connector has understood them.
    pub fn checked(&self, name: &str, settings: Map<String, Value>) -> anyhow::Result<String> {
        for kept_apart in ["name", "password"] {
            if settings.contains_key(kept_apart) {
                let text = format!("`{kept_apart}` is not one of the settings; it has its own option");
                return Err(Usage(text).into());
            }
        }
        let mut whole = settings.clone();
        whole.insert("name".to_owned(), json!(name));
        (self.check)(Value::Object(whole))
            .map_err(|error| Usage(format!("the settings of {} {name}: {error}", self.kind.noun())))?;
        Ok(Value::Object(settings).to_string())
    }
}

/// Shows all.
pub async fn list(face: &Face, desk: &Desk) -> anyhow::Result<()> {
    let kind = face.kind;
    let found = desk.read(move |tx| admin::list_carriers(tx, &ALL, kind)).await?;
    let found: Vec<Shown> = found.into_iter().map(Shown::from).collect();
    desk.list(&found, face.headings, |one| {
        let setting = |key: &str| one.settings.get(key).map(plain).unwrap_or_default();
        let serves = match (one.sandbox, one.tenant) {
            (true, _) => "sandbox tenants".to_owned(),
            (false, Some(tenant)) => format!("tenant {tenant}"),
            (false, None) => "all live tenants".to_owned(),
        };
        let state = if one.enabled { "enabled" } else { "disabled" }.to_owned();
        let far = format!("{}:{}", setting("host"), setting("port"));
        [one.name.clone(), far, setting(face.account), serves, state]
    })
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Changes settings.
pub async fn set(face: &Face, name: &str, given: &[String], desk: &Desk) -> anyhow::Result<()> {
    let (kind, wanted) = (face.kind, name.to_owned());
    let before = desk.read(move |tx| admin::carrier(tx, &ALL, kind, &wanted)).await?;
    let mut settings: Map<String, Value> = serde_json::from_str(&before.config)?;
    merge(&mut settings, given)?;
    let config = face.checked(name, settings)?;
    update(kind, name, desk, move |carrier| carrier.config.clone_from(&config)).await
}

/// Uses one, or does not any more.
pub async fn enable(face: &Face, name: &str, enabled: bool, desk: &Desk) -> anyhow::Result<()> {
    update(face.kind, name, desk, move |carrier| carrier.enabled = enabled).await
}

async fn update(
    kind: CarrierKind,
    name: &str,
    desk: &Desk,
    change: impl Fn(&mut Carrier) + Send + 'static,
) -> anyhow::Result<()> {
    let wanted = name.to_owned();
    let changed =
        desk.change(move |tx, now| admin::update_carrier(tx, &ALL, now, (kind, &wanted), |one| change(one)));
    desk.tell(&Shown::from(changed.await?), &format!("changed {} {name}", kind.noun()))
}

/// Sets or removes the password.
pub async fn password(face: &Face, name: &str, desk: &Desk) -> anyhow::Result<()> {
    let password = secret_variable(face.variable)?;
    let master = wiring::master_key(&desk.config)?;
    let (kind, wanted) = (face.kind, name.to_owned());
    desk.change(move |tx, now| {
        let password = password.as_deref().map(str::as_bytes);
        admin::set_carrier_password(tx, &ALL, now, (kind, &wanted), password, &master)
    })
    .await?;
    let outcome = Done { done: face.password_done, name };
    desk.tell(&outcome, &format!("changed the password of {} {name}", kind.noun()))
}

/// A secret from a variable, so that it is in no process list and no shell history; none when it is unset or empty.
pub fn secret_variable(name: &str) -> Result<Option<String>, Usage> {
    match std::env::var(name) {
        Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Usage(format!("${name} is not text"))),
    }
}
