//! One connection to the relay, one step at a time, so that it is known how far an exchange had come.

use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;

use super::outcome::{Broken, Phase};
use super::{Composed, RelayTls};

/// How long a relay's goodbye is waited for.
const GOODBYE: Duration = Duration::from_secs(2);
/// Characters of the relay's answer that are kept.
const WORDS_CHARS_MAX: usize = 500;

/// How a connection is opened.
pub(super) struct Opening {
    pub host: String,
    pub port: u16,
    pub tls: RelayTls,
    /// `None` exactly without TLS.
    pub parameters: Option<TlsParameters>,
    pub hello: ClientId,
    pub credentials: Option<Credentials>,
    pub step: Duration,
}

/// An open connection, between two letters.
pub(super) struct Session(AsyncSmtpConnection);

impl Session {
    /// Connects, greets, secures, authenticates.
    pub async fn open(how: &Opening) -> Result<Self, Broken> {
        let implicit = how.parameters.clone().filter(|_| how.tls == RelayTls::Implicit);
        let place = (how.host.as_str(), how.port);
        let opened =
            AsyncSmtpConnection::connect_tokio1(place, Some(how.step), &how.hello, implicit, None).await;
        let mut connection = opened.map_err(|error| broken(&error))?;
        secure(&mut connection, how).await?;
        Ok(Self(connection))
    }

    /// Whether the relay still answers on it.
    pub async fn is_alive(&mut self) -> bool {
        !self.0.has_broken() && self.0.test_connected().await
    }

    /// Hands a letter over; `phase` follows the steps, for whoever stops waiting. The session can be used again only when it
    /// succeeds.
    pub async fn send(&mut self, letter: &Composed, phase: &mut Phase) -> Result<String, Broken> {
        *phase = Phase::Sender;
        self.step(Mail::new(Some(letter.sender.clone()), Vec::new())).await?;
        *phase = Phase::Recipient;
        self.step(Rcpt::new(letter.recipient.clone(), Vec::new())).await?;
        self.step(Data).await?;
        *phase = Phase::Content;
        let taken = self.0.message(&letter.bytes).await.map_err(|error| broken(&error))?;
        Ok(cut(&taken.message().collect::<Vec<_>>().join(" ")))
    }

    async fn step(&mut self, command: impl std::fmt::Display) -> Result<(), Broken> {
        self.0.command(command).await.map(|_| ()).map_err(|error| broken(&error))
    }

    /// Ends it in order. After a fault a session is dropped instead, which closes it: a goodbye would wait for an answer that may
    /// never come.
    pub async fn quit(mut self) {
        // A relay that is gone already, or says nothing, needs no goodbye.
        let _ = tokio::time::timeout(GOODBYE, self.0.quit()).await;
    }
}

async fn secure(connection: &mut AsyncSmtpConnection, how: &Opening) -> Result<(), Broken> {
    if how.tls == RelayTls::Starttls {
        let parameters = how.parameters.clone().ok_or_else(|| own_fault("no TLS is set up"))?;
        if !connection.can_starttls() {
            return Err(own_fault("the relay offers no STARTTLS"));
        }
        connection.starttls(parameters, &how.hello).await.map_err(|error| broken(&error))?;
    }
    if let Some(credentials) = &how.credentials {
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        connection.auth(&mechanisms, credentials).await.map_err(|error| broken(&error))?;
    }
    Ok(())
}

fn own_fault(words: &str) -> Broken {
    Broken { code: None, words: words.to_owned() }
}

fn broken(error: &Error) -> Broken {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let more = inner.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        source = inner.source();
    }
    Broken { code: error.status().map(u16::from), words: cut(&words) }
}

fn cut(words: &str) -> String {
    // The store's texts hold no U+0000, and an answer is shown to people.
    words.chars().filter(|c| !c.is_control()).take(WORDS_CHARS_MAX).collect()
}
