//! `waypost admin trunk`.

use clap::Subcommand;
use serde::Serialize;
use serde_json::{Map, Value, json};
use waypost_channels::voice::config::TrunkConfig;
use waypost_core::time::Micros;
use waypost_store::directory::{SipTrunk, admin};

use super::desk::{ALL, Desk, Done, tenant};
use super::settings::merge;
use super::smpp::secret_variable;
use crate::cli::Usage;
use crate::wiring;

/// SIP trunks, which carry calls. A running server opens, reopens or closes them within a second of a change.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a trunk; the account's password comes from the variable WAYPOST_TRUNK_PASSWORD.
    Create(Box<Create>),
    /// List trunks.
    List,
    /// Use a trunk again.
    Enable {
        /// Its name.
        name: String,
    },
    /// Hang up and do not use a trunk.
    Disable {
        /// Its name.
        name: String,
    },
    /// Change settings: `waypost admin trunk set NAME calls_max=50 calls_per_second=10`.
    Set {
        /// Its name.
        name: String,
        /// Settings as KEY=VALUE; a value is JSON, or text.
        #[arg(required = true, value_name = "KEY=VALUE")]
        settings: Vec<String>,
    },
    /// Set the password from the variable WAYPOST_TRUNK_PASSWORD, or remove it when that is empty.
    Password {
        /// Its name.
        name: String,
    },
}

/// A new trunk.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// Its name: a-z, 0-9 and -. It never changes.
    #[arg(long)]
    name: String,
    /// Host of the provider's proxy.
    #[arg(long)]
    host: String,
    /// Its port.
    #[arg(long, default_value_t = 5060)]
    port: u16,
    /// The account, when the provider asks for one.
    #[arg(long)]
    username: Option<String>,
    /// Only for this tenant (its short name); without it for all live tenants.
    #[arg(long)]
    tenant: Option<String>,
    /// For sandbox tenants, to a simulator on this machine.
    #[arg(long)]
    sandbox: bool,
    /// Further settings as KEY=VALUE, for example calls_max=50; a value is JSON, or text.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
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

impl From<SipTrunk> for Shown {
    fn from(trunk: SipTrunk) -> Self {
        let settings = serde_json::from_str(&trunk.config).unwrap_or(Value::Null);
        let SipTrunk { id, name, tenant, sandbox, enabled, has_password, .. } = trunk;
        Self { id, name, tenant, sandbox, enabled, has_password, settings }
    }
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Create(new) => create(new, desk).await,
        Command::List => list(desk).await,
        Command::Enable { name } => update(name, desk, |trunk| trunk.enabled = true).await,
        Command::Disable { name } => update(name, desk, |trunk| trunk.enabled = false).await,
        Command::Set { name, settings } => set(name, settings, desk).await,
        Command::Password { name } => password(name, desk).await,
    }
}

async fn create(new: &Create, desk: &Desk) -> anyhow::Result<()> {
    let mut settings = Map::new();
    settings.insert("host".to_owned(), new.host.as_str().into());
    settings.insert("port".to_owned(), new.port.into());
    if let Some(username) = &new.username {
        settings.insert("username".to_owned(), username.as_str().into());
    }
    merge(&mut settings, &new.settings)?;
    let mut trunk = trunk(&new.name, new.sandbox, settings)?;
    let password = secret_variable("WAYPOST_TRUNK_PASSWORD")?;
    let master = wiring::master_key(&desk.config)?;
    let owner = new.tenant.clone();
    let made = desk
        .change(move |tx, now| {
            trunk.tenant = match &owner {
                Some(slug) => Some(tenant(tx, slug)?.1.id),
                None => None,
            };
            admin::create_trunk(tx, &ALL, now, &trunk)?;
            if let Some(password) = &password {
                let password = Some(password.as_bytes());
                admin::set_trunk_password(tx, &ALL, now, &trunk.name, password, &master)?;
            }
            admin::trunk(tx, &ALL, &trunk.name)
        })
        .await?;
    let line = format!("created trunk {}", made.name);
    desk.tell(&Shown::from(made), &line)
}

/// A trunk with checked settings, not stored yet.
pub fn trunk(name: &str, sandbox: bool, settings: Map<String, Value>) -> anyhow::Result<SipTrunk> {
    Ok(SipTrunk {
        id: 0,
        name: name.to_owned(),
        tenant: None,
        sandbox,
        config: checked(name, settings)?,
        password: None,
        has_password: false,
        enabled: true,
        created_at: Micros(0),
    })
}

/// The settings as they are stored, once the connector has understood them.
fn checked(name: &str, settings: Map<String, Value>) -> anyhow::Result<String> {
    for kept_apart in ["name", "password"] {
        if settings.contains_key(kept_apart) {
            return Err(
                Usage(format!("`{kept_apart}` is not one of the settings; it has its own option")).into()
            );
        }
    }
    let mut whole = settings.clone();
    whole.insert("name".to_owned(), json!(name));
    let config: TrunkConfig = serde_json::from_value(Value::Object(whole))
        .map_err(|error| Usage(format!("the settings of trunk {name}: {error}")))?;
    config.check().map_err(|error| Usage(error.to_string()))?;
    Ok(Value::Object(settings).to_string())
}

async fn list(desk: &Desk) -> anyhow::Result<()> {
    let trunks = desk.read(|tx| admin::list_trunks(tx, &ALL)).await?;
    let trunks: Vec<Shown> = trunks.into_iter().map(Shown::from).collect();
    desk.list(&trunks, ["Trunk", "Far side", "Account", "For", "State"], |trunk| {
        let setting = |key: &str| trunk.settings.get(key).map(plain).unwrap_or_default();
        let serves = match (trunk.sandbox, trunk.tenant) {
            (true, _) => "sandbox tenants".to_owned(),
            (false, Some(tenant)) => format!("tenant {tenant}"),
            (false, None) => "all live tenants".to_owned(),
        };
        let state = if trunk.enabled { "enabled" } else { "disabled" }.to_owned();
        let far = format!("{}:{}", setting("host"), setting("port"));
        [trunk.name.clone(), far, setting("username"), serves, state]
    })
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

async fn set(name: &str, given: &[String], desk: &Desk) -> anyhow::Result<()> {
    let wanted = name.to_owned();
    let before = desk.read(move |tx| admin::trunk(tx, &ALL, &wanted)).await?;
    let mut settings: Map<String, Value> = serde_json::from_str(&before.config)?;
    merge(&mut settings, given)?;
    let config = checked(name, settings)?;
    update(name, desk, move |trunk| trunk.config.clone_from(&config)).await
}

async fn update(
    name: &str,
    desk: &Desk,
    change: impl Fn(&mut SipTrunk) + Send + 'static,
) -> anyhow::Result<()> {
    let wanted = name.to_owned();
    let changed = desk
        .change(move |tx, now| admin::update_trunk(tx, &ALL, now, &wanted, |trunk| change(trunk)))
        .await?;
    desk.tell(&Shown::from(changed), &format!("changed trunk {name}"))
}

async fn password(name: &str, desk: &Desk) -> anyhow::Result<()> {
    let password = secret_variable("WAYPOST_TRUNK_PASSWORD")?;
    let master = wiring::master_key(&desk.config)?;
    let wanted = name.to_owned();
    desk.change(move |tx, now| {
        let password = password.as_deref().map(str::as_bytes);
        admin::set_trunk_password(tx, &ALL, now, &wanted, password, &master)
    })
    .await?;
    let outcome = Done { done: "trunk.password", name };
    desk.tell(&outcome, &format!("changed the password of trunk {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(given: &[&str]) -> anyhow::Result<String> {
        let mut settings = Map::new();
        settings.insert("host".to_owned(), "sip.example".into());
        let given: Vec<String> = given.iter().map(|entry| (*entry).to_owned()).collect();
        merge(&mut settings, &given)?;
        checked("one", settings)
    }

    #[test]
    fn settings_are_stored_only_when_the_trunk_understands_them() {
        let stored: Value =
            serde_json::from_str(&settings(&["calls_max=50", "transport=tcp"]).unwrap()).unwrap();
        assert_eq!(stored["calls_max"], 50);
        assert_eq!(stored["transport"], "tcp");
        assert!(settings(&["calls=50"]).unwrap_err().to_string().contains("calls"));
        assert!(settings(&["calls_max=0"]).is_err());
        assert!(settings(&["calls_max"]).unwrap_err().to_string().contains("KEY=VALUE"));
        assert!(settings(&["password=secret"]).is_err());
    }
}
