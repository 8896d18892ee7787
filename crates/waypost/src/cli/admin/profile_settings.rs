//! `waypost admin profile-settings`.

use clap::ValueEnum;
use serde_json::{Map, Value};
use waypost_messaging::api::profile::Switches;
use waypost_store::StoreError;
use waypost_store::directory::admin;

use super::desk::{ALL, Desk, tenant};

/// Switches of a tenant's Profile API; without an option they are shown.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// Whether the tenant has a master profile store; without one customers are answered 7013.
    #[arg(long, value_enum)]
    store: Option<Switch>,
    /// Whether a customer needs no number when it is created (7003 otherwise).
    #[arg(long, value_enum)]
    msisdn_optional: Option<Switch>,
    /// Whether deleting answers 7203 and 7208, as the public delete pages have it, for 7014 and 7010.
    #[arg(long, value_enum)]
    old_delete_codes: Option<Switch>,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

impl Args {
    const fn changes(&self) -> bool {
        self.store.is_some() || self.msisdn_optional.is_some() || self.old_delete_codes.is_some()
    }
}

/// Shows or changes the switches.
pub async fn run(args: &Args, desk: &Desk) -> anyhow::Result<()> {
    let (slug, store, optional, old) =
        (args.tenant.clone(), args.store, args.msisdn_optional, args.old_delete_codes);
    let changes = args.changes();
    let switches = desk
        .change(move |tx, now| {
            let (_, found) = tenant(tx, &slug)?;
            let mut settings = object(&found.settings)?;
            let mut switches: Switches = settings
                .get("profile")
                .map_or_else(|| Ok(Switches::default()), |profile| serde_json::from_value(profile.clone()))
                .map_err(|error| StoreError::Corrupt(format!("the tenant's profile settings: {error}")))?;
            let on = |switch: Option<Switch>, before| switch.map_or(before, |switch| switch == Switch::On);
            switches.no_store = !on(store, !switches.no_store);
            switches.msisdn_optional = on(optional, switches.msisdn_optional);
            switches.old_delete_codes = on(old, switches.old_delete_codes);
            if changes {
                let value =
                    serde_json::to_value(switches).map_err(|error| StoreError::Corrupt(error.to_string()))?;
                settings.insert("profile".to_owned(), value);
                let text = Value::Object(settings).to_string();
                admin::update_tenant(tx, &ALL, now, found.id, |tenant| tenant.settings = text)?;
            }
            Ok(switches)
        })
        .await?;
    let word = |on| if on { "on" } else { "off" };
    let line = format!(
        "master profile store {}, number optional {}, old delete codes {}",
        word(!switches.no_store),
        word(switches.msisdn_optional),
        word(switches.old_delete_codes)
    );
    desk.tell(&switches, &line)
}

fn object(settings: &str) -> Result<Map<String, Value>, StoreError> {
    serde_json::from_str(settings)
        .map_err(|error| StoreError::Corrupt(format!("the tenant's settings: {error}")))
}
