//! `waypost admin smpp`.

use clap::Subcommand;
use serde::Serialize;
use serde_json::{Map, Value, json};
use waypost_channels::smpp::ConnectionConfig;
use waypost_core::time::Micros;
use waypost_store::directory::{SmppConnection, admin};

use super::desk::{ALL, Desk, Done, tenant};
use super::settings::merge;
use crate::cli::Usage;
use crate::wiring;

/// Connections to SMSCs. A running server binds, rebinds or unbinds within a second of a change.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a connection; its password comes from the variable WAYPOST_SMPP_PASSWORD.
    Create(Box<Create>),
    /// List connections.
    List,
    /// Use a connection again.
    Enable {
        /// Its name.
        name: String,
    },
    /// Unbind and do not use a connection.
    Disable {
        /// Its name.
        name: String,
    },
    /// Change settings: `waypost admin smpp set NAME window=50 tps=100`.
    Set {
        /// Its name.
        name: String,
        /// Settings as KEY=VALUE; a value is JSON, or text.
        #[arg(required = true, value_name = "KEY=VALUE")]
        settings: Vec<String>,
    },
    /// Set the password from the variable WAYPOST_SMPP_PASSWORD, or remove it when that is empty.
    Password {
        /// Its name.
        name: String,
    },
}

/// A new connection.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// Its name: a-z, 0-9 and -. It never changes.
    #[arg(long)]
    name: String,
    /// Host of the SMSC.
    #[arg(long)]
    host: String,
    /// Port of the SMSC.
    #[arg(long, default_value_t = 2775)]
    port: u16,
    /// Account name.
    #[arg(long)]
    system_id: String,
    /// Only for this tenant (its short name); without it for all live tenants.
    #[arg(long)]
    tenant: Option<String>,
    /// For sandbox tenants, to a simulator on this machine.
    #[arg(long)]
    sandbox: bool,
    /// Further settings as KEY=VALUE, for example window=50; a value is JSON, or text.
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

impl From<SmppConnection> for Shown {
    fn from(connection: SmppConnection) -> Self {
        let settings = serde_json::from_str(&connection.config).unwrap_or(Value::Null);
        let SmppConnection { id, name, tenant, sandbox, enabled, has_password, .. } = connection;
        Self { id, name, tenant, sandbox, enabled, has_password, settings }
    }
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Create(new) => create(new, desk).await,
        Command::List => list(desk).await,
        Command::Enable { name } => update(name, desk, |connection| connection.enabled = true).await,
        Command::Disable { name } => update(name, desk, |connection| connection.enabled = false).await,
        Command::Set { name, settings } => set(name, settings, desk).await,
        Command::Password { name } => password(name, desk).await,
    }
}

async fn create(new: &Create, desk: &Desk) -> anyhow::Result<()> {
    let mut settings = Map::new();
    settings.insert("host".to_owned(), new.host.as_str().into());
    settings.insert("port".to_owned(), new.port.into());
    settings.insert("system_id".to_owned(), new.system_id.as_str().into());
    merge(&mut settings, &new.settings)?;
    let mut connection = connection(&new.name, new.sandbox, settings)?;
    let password = secret_variable("WAYPOST_SMPP_PASSWORD")?;
    let master = wiring::master_key(&desk.config)?;
    let owner = new.tenant.clone();
    let made = desk
        .change(move |tx, now| {
            connection.tenant = match &owner {
                Some(slug) => Some(tenant(tx, slug)?.1.id),
                None => None,
            };
            admin::create_connection(tx, &ALL, now, &connection)?;
            if let Some(password) = &password {
                let password = Some(password.as_bytes());
                admin::set_connection_password(tx, &ALL, now, &connection.name, password, &master)?;
            }
            admin::connection(tx, &ALL, &connection.name)
        })
        .await?;
    let line = format!("created connection {}", made.name);
    desk.tell(&Shown::from(made), &line)
}

/// A connection with checked settings, not stored yet.
pub fn connection(name: &str, sandbox: bool, settings: Map<String, Value>) -> anyhow::Result<SmppConnection> {
    Ok(SmppConnection {
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
    let config: ConnectionConfig = serde_json::from_value(Value::Object(whole))
        .map_err(|error| Usage(format!("the settings of connection {name}: {error}")))?;
    config.check().map_err(|error| Usage(error.to_string()))?;
    Ok(Value::Object(settings).to_string())
}

async fn list(desk: &Desk) -> anyhow::Result<()> {
    let connections = desk.read(|tx| admin::list_connections(tx, &ALL)).await?;
    let connections: Vec<Shown> = connections.into_iter().map(Shown::from).collect();
    desk.list(&connections, ["Connection", "SMSC", "Account", "For", "State"], |connection| {
        let setting = |key: &str| connection.settings.get(key).map(plain).unwrap_or_default();
        let serves = match (connection.sandbox, connection.tenant) {
            (true, _) => "sandbox tenants".to_owned(),
            (false, Some(tenant)) => format!("tenant {tenant}"),
            (false, None) => "all live tenants".to_owned(),
        };
        let state = if connection.enabled { "enabled" } else { "disabled" }.to_owned();
        let smsc = format!("{}:{}", setting("host"), setting("port"));
        [connection.name.clone(), smsc, setting("system_id"), serves, state]
    })
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

async fn set(name: &str, given: &[String], desk: &Desk) -> anyhow::Result<()> {
    let wanted = name.to_owned();
    let before = desk.read(move |tx| admin::connection(tx, &ALL, &wanted)).await?;
    let mut settings: Map<String, Value> = serde_json::from_str(&before.config)?;
    merge(&mut settings, given)?;
    let config = checked(name, settings)?;
    update(name, desk, move |connection| connection.config.clone_from(&config)).await
}

async fn update(
    name: &str,
    desk: &Desk,
    change: impl Fn(&mut SmppConnection) + Send + 'static,
) -> anyhow::Result<()> {
    let wanted = name.to_owned();
    let changed = desk
        .change(move |tx, now| {
            admin::update_connection(tx, &ALL, now, &wanted, |connection| change(connection))
        })
        .await?;
    desk.tell(&Shown::from(changed), &format!("changed connection {name}"))
}

async fn password(name: &str, desk: &Desk) -> anyhow::Result<()> {
    let password = secret_variable("WAYPOST_SMPP_PASSWORD")?;
    let master = wiring::master_key(&desk.config)?;
    let wanted = name.to_owned();
    desk.change(move |tx, now| {
        let password = password.as_deref().map(str::as_bytes);
        admin::set_connection_password(tx, &ALL, now, &wanted, password, &master)
    })
    .await?;
    let outcome = Done { done: "connection.password", name };
    desk.tell(&outcome, &format!("changed the password of connection {name}"))
}

/// A secret from a variable, so that it is in no process list and no shell history; none when it is unset or empty.
pub fn secret_variable(name: &str) -> Result<Option<String>, Usage> {
    match std::env::var(name) {
        Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Usage(format!("${name} is not text"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(given: &[&str]) -> anyhow::Result<String> {
        let mut settings = Map::new();
        settings.insert("host".to_owned(), "smsc.example".into());
        settings.insert("system_id".to_owned(), "acme".into());
        let given: Vec<String> = given.iter().map(|entry| (*entry).to_owned()).collect();
        merge(&mut settings, &given)?;
        checked("one", settings)
    }

    #[test]
    fn settings_are_stored_only_when_the_connector_understands_them() {
        let stored: Value =
            serde_json::from_str(&settings(&["window=50", "bind_mode=pair"]).unwrap()).unwrap();
        assert_eq!(stored["window"], 50);
        assert_eq!(stored["bind_mode"], "pair");
        assert!(settings(&["windov=50"]).unwrap_err().to_string().contains("windov"));
        assert!(settings(&["window=0"]).is_err());
        assert!(settings(&["window"]).unwrap_err().to_string().contains("KEY=VALUE"));
        assert!(settings(&["password=secret"]).is_err());
    }
}
