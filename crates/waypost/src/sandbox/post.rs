//! The sandbox's mail relay: letters end in a folder, one file each.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;
use waypost_simulators::smtp::{SimulatedRelay, SmtpConfig, SmtpHandle};

use crate::config::{Config, EmailTls};

/// The folder of letters in the data folder.
const FOLDER: &str = "letters";
/// Who sends the sandbox's letters.
const FROM: &str = "Waypost sandbox <no-reply@sandbox.example>";

/// The relay and its folder. Dropping it stops it.
#[derive(Debug)]
pub struct Post {
    relay: SmtpHandle,
    letters: PathBuf,
}

/// Where letters end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadyMail {
    /// Address of the simulated relay.
    pub relay: SocketAddr,
    /// The folder with a file for each letter it took.
    pub letters: PathBuf,
}

impl Post {
    /// Starts the relay on a free port and points `config` at it.
    ///
    /// # Errors
    /// When the folder cannot be made or no port is free.
    pub async fn start(data_dir: &Path, config: &mut Config) -> anyhow::Result<Self> {
        let letters = data_dir.join(FOLDER);
        std::fs::create_dir_all(&letters)
            .with_context(|| format!("making the folder {}", letters.display()))?;
        let settings = SmtpConfig { folder: Some(letters.clone()), ..SmtpConfig::default() };
        let relay = SimulatedRelay::start(settings).await.context("starting the simulated mail relay")?;
        config.email.relay = relay.address().to_string();
        config.email.tls = EmailTls::Off;
        config.email.from = FROM.to_owned();
        Ok(Self { relay, letters })
    }

    /// The relay.
    #[must_use]
    pub const fn relay(&self) -> &SmtpHandle {
        &self.relay
    }

    /// What the ready file says of it.
    #[must_use]
    pub fn ready(&self) -> ReadyMail {
        ReadyMail { relay: self.relay.address(), letters: self.letters.clone() }
    }
}
