//! `[email]`: the relay letters leave by, and whom they may reach.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use waypost_channels::email::{EmailAddress, Mailbox};
use waypost_mail::{Allowed, Safeguard};

use super::Secret;

/// The ways to secure the connection to a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmailTls {
    /// `STARTTLS`; without it nothing is sent.
    Starttls,
    /// TLS from the first byte.
    Implicit,
    /// None: only to a relay on this machine.
    Off,
}

/// `[email]`: letters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Email {
    /// Host and port of the relay; empty: no letter is written.
    pub relay: String,
    /// How the way to it is secured.
    pub tls: EmailTls,
    /// PEM file of an authority to believe beside the public ones.
    pub authority: PathBuf,
    /// The user name at the relay; empty: none is given.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// A file with the password on its first line.
    pub password_file: PathBuf,
    /// Who sends: `name@example.org`, or `A Name <name@example.org>`.
    pub from: String,
    /// The name this server greets the relay with; empty: the domain of `from`.
    pub hello_name: String,
    /// One deadline over a letter, connecting included.
    pub timeout_ms: u64,
    /// Pauses before each retry; as many retries as entries.
    pub retry_delays_s: Vec<u64>,
    /// Most letters at once.
    pub concurrency: usize,
    /// Largest letter with its files, before encoding.
    pub letter_bytes_max: usize,
    /// Whether letters reach only `allowed_recipients`.
    pub test_mode: bool,
    /// Addresses, or `@domain`, that letters reach in test mode.
    pub allowed_recipients: Vec<String>,
    /// Who gets the other letters in test mode; empty: nobody, they are kept.
    pub divert_to: String,
}

impl Default for Email {
    fn default() -> Self {
        Self {
            relay: String::new(),
            tls: EmailTls::Starttls,
            authority: PathBuf::new(),
            user: String::new(),
            password: Secret::default(),
            password_file: PathBuf::new(),
            from: String::new(),
            hello_name: String::new(),
            timeout_ms: 30_000,
            retry_delays_s: vec![60, 300, 900, 3_600, 3_600, 7_200, 14_400, 28_800],
            concurrency: 8,
            letter_bytes_max: 10_485_760,
            test_mode: false,
            allowed_recipients: Vec::new(),
            divert_to: String::new(),
        }
    }
}

/// A setting that breaks a rule, the rule and the remedy.
pub(super) type EmailFault = (&'static str, String, &'static str);

impl Email {
    /// Whether letters are written.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.relay.is_empty()
    }

    /// Host and port of the relay; an IPv6 address stands in brackets.
    ///
    /// # Errors
    /// In words.
    pub fn place(&self) -> Result<(String, u16), String> {
        let wrong = || format!("`{}` is no host with a port", self.relay);
        let (host, port) = self.relay.rsplit_once(':').ok_or_else(wrong)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let good = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-.:".contains(c));
        let port = port.parse().ok().filter(|port| *port != 0 && good).ok_or_else(wrong)?;
        Ok((host.to_owned(), port))
    }

    /// Who sends.
    ///
    /// # Errors
    /// In words.
    pub fn sender(&self) -> Result<Mailbox, String> {
        self.from.parse().map_err(|error| format!("`{}`: {error}", self.from))
    }

    /// Whom letters may reach.
    ///
    /// # Errors
    /// The setting, and why in words.
    pub fn safeguard(&self) -> Result<Safeguard, (&'static str, String)> {
        let allowed = self.allowed_recipients.iter().map(|text| {
            let refused = |error| ("email.allowed_recipients", format!("`{text}`: {error}"));
            text.parse::<Allowed>().map_err(refused)
        });
        let allowed = allowed.collect::<Result<_, _>>()?;
        let refused = |error| ("email.divert_to", format!("`{}`: {error}", self.divert_to));
        let divert_to = if self.divert_to.is_empty() {
            None
        } else {
            Some(Mailbox::new(None, self.divert_to.parse::<EmailAddress>().map_err(refused)?))
        };
        Ok(Safeguard { on: self.test_mode, allowed, divert_to })
    }

    /// User name and password; the password's file is read.
    ///
    /// # Errors
    /// In words, when the file cannot be read.
    pub fn login(&self) -> Result<Option<(String, String)>, String> {
        if self.user.is_empty() {
            return Ok(None);
        }
        if self.password_file.as_os_str().is_empty() {
            return Ok(Some((self.user.clone(), self.password.expose().to_owned())));
        }
        let shown = self.password_file.display();
        let text = std::fs::read_to_string(&self.password_file)
            .map_err(|error| format!("the password cannot be read from {shown}: {error}"))?;
        let password = text.lines().next().unwrap_or_default().to_owned();
        if password.is_empty() {
            return Err(format!("{shown} has no password on its first line"));
        }
        Ok(Some((self.user.clone(), password)))
    }

    /// Every rule of this section that is broken, save ranges.
    pub(super) fn faults(&self) -> Vec<EmailFault> {
        let mut faults = Vec::new();
        if let Err((setting, rule)) = self.safeguard() {
            faults.push((setting, rule, "give name@example.org, or @example.org for a whole domain"));
        }
        if !self.is_on() {
            return faults;
        }
        self.place_faults(&mut faults);
        self.login_faults(&mut faults);
        if let Err(rule) = self.sender() {
            faults.push((
                "email.from",
                rule,
                "give the address letters come from, for example no-reply@example.org",
            ));
        }
        faults
    }

    fn place_faults(&self, faults: &mut Vec<EmailFault>) {
        let remedy = "give host and port, for example smtp.example.org:587";
        match self.place() {
            Err(rule) => faults.push(("email.relay", rule, remedy)),
            Ok((host, _)) if self.tls == EmailTls::Off && !is_here(&host) => faults.push((
                "email.tls",
                format!("letters and passwords would go to {host} in clear"),
                "give starttls or implicit; off is for a relay on this machine (127.0.0.1, ::1, localhost)",
            )),
            Ok(_) => {}
        }
    }

    fn login_faults(&self, faults: &mut Vec<EmailFault>) {
        let has_file = !self.password_file.as_os_str().is_empty();
        match (self.user.is_empty(), self.password.is_empty(), has_file) {
            (_, false, true) => faults.push((
                "email.password_file",
                "both password and password_file are given".to_owned(),
                "keep one of them",
            )),
            (false, true, false) => faults.push((
                "email.password",
                "a user is given without a password".to_owned(),
                "set WAYPOST__EMAIL__PASSWORD, or name a file by email.password_file",
            )),
            (true, false, _) | (true, _, true) => faults.push((
                "email.user",
                "a password is given without a user".to_owned(),
                "give the user too, or remove the password",
            )),
            _ => {
                if let Err(rule) = self.login() {
                    faults.push(("email.password_file", rule, "name a file this user may read"));
                }
            }
        }
    }
}

fn is_here(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
