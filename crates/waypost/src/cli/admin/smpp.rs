//! `waypost admin smpp`.

use clap::Subcommand;
use serde_json::{Map, Value};
use waypost_channels::smpp::ConnectionConfig;
use waypost_store::directory::CarrierKind;

use super::carrier::{self, Face, New};
use super::desk::Desk;

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

const FACE: Face = Face {
    kind: CarrierKind::Connection,
    variable: "WAYPOST_SMPP_PASSWORD",
    account: "system_id",
    headings: ["Connection", "SMSC", "Account", "For", "State"],
    password_done: "connection.password",
    check,
};

fn check(settings: Value) -> Result<(), String> {
    let config: ConnectionConfig = serde_json::from_value(settings).map_err(|error| error.to_string())?;
    config.check().map_err(|error| error.to_string())
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Create(new) => create(new, desk).await,
        Command::List => carrier::list(&FACE, desk).await,
        Command::Enable { name } => carrier::enable(&FACE, name, true, desk).await,
        Command::Disable { name } => carrier::enable(&FACE, name, false, desk).await,
        Command::Set { name, settings } => carrier::set(&FACE, name, settings, desk).await,
        Command::Password { name } => carrier::password(&FACE, name, desk).await,
    }
}

async fn create(new: &Create, desk: &Desk) -> anyhow::Result<()> {
    let mut settings = Map::new();
    settings.insert("host".to_owned(), new.host.as_str().into());
    settings.insert("port".to_owned(), new.port.into());
    settings.insert("system_id".to_owned(), new.system_id.as_str().into());
    let Create { name, tenant, sandbox, settings: more, .. } = new;
    let new = New { name, tenant: tenant.as_deref(), sandbox: *sandbox, settings, more };
    carrier::create(&FACE, new, desk).await
}

#[cfg(test)]
mod tests {
    use super::super::settings::merge;
    use super::*;

    fn settings(given: &[&str]) -> anyhow::Result<String> {
        let mut settings = Map::new();
        settings.insert("host".to_owned(), "smsc.example".into());
        settings.insert("system_id".to_owned(), "acme".into());
        let given: Vec<String> = given.iter().map(|entry| (*entry).to_owned()).collect();
        merge(&mut settings, &given)?;
        FACE.checked("one", settings)
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
