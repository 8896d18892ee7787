//! Where the broker beside this server is, and how it is told who may come in.

use std::path::PathBuf;

use super::emqx::Rest;

/// Whose certificates are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Those of the public authorities.
    Public,
    /// Those of the authorities in a PEM file.
    File(PathBuf),
}

/// Who decides at the broker whom it lets in.
#[derive(Clone)]
pub enum Door {
    /// Mosquitto does, by the accounts we keep there with its dynamic security.
    Accounts,
    /// EMQX asks us at each connection; what was let in and no longer may stay, we end by its REST API.
    Asks(Rest),
}

/// Where the broker is, and who we are there.
#[derive(Clone)]
pub struct ExternalSettings {
    /// Its host.
    pub host: String,
    /// Its port, MQTT over TCP.
    pub port: u16,
    /// Who must vouch for it; `None`: it is spoken to without TLS.
    pub trust: Option<Trust>,
    /// Who decides whom it lets in.
    pub door: Door,
    /// Our own account, which may publish to everybody, and change accounts where the broker has them.
    pub user: String,
    /// Its password.
    pub password: String,
    /// A name of our own among its clients: one for each server.
    pub client_id: String,
}

impl std::fmt::Debug for ExternalSettings {
    /// Without the password.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ExternalSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("trust", &self.trust)
            .finish_non_exhaustive()
    }
}
