//! `waypost admin trunk`.

use clap::Subcommand;
use serde_json::{Map, Value};
use waypost_channels::voice::config::TrunkConfig;
use waypost_store::directory::CarrierKind;

use super::carrier::{self, Face, New};
use super::desk::Desk;

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

const FACE: Face = Face {
    kind: CarrierKind::Trunk,
    variable: "WAYPOST_TRUNK_PASSWORD",
    account: "username",
    headings: ["Trunk", "Far side", "Account", "For", "State"],
    password_done: "trunk.password",
    check,
};

fn check(settings: Value) -> Result<(), String> {
    let config: TrunkConfig = serde_json::from_value(settings).map_err(|error| error.to_string())?;
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
    if let Some(username) = &new.username {
        settings.insert("username".to_owned(), username.as_str().into());
    }
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
        settings.insert("host".to_owned(), "sip.example".into());
        let given: Vec<String> = given.iter().map(|entry| (*entry).to_owned()).collect();
        merge(&mut settings, &given)?;
        FACE.checked("one", settings)
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
