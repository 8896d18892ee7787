//! The relay that takes the letters: a few connections that are kept between letters.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use thiserror::Error;
use tokio::time::Instant;

use super::session::{Opening, Session};
use super::{Broken, Carried, Carrier, Composed, Letter, Phase, carried, compose};

/// How the way to the relay is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayTls {
    /// `STARTTLS` on a plain connection (usually port 587); without it nothing is sent.
    Starttls,
    /// TLS from the first byte (usually port 465).
    Implicit,
    /// None: for a relay on this machine.
    Off,
}

/// How the relay is reached.
#[derive(Clone)]
pub struct RelaySettings {
    /// Its host; with TLS its certificate must name it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way to it is secured.
    pub tls: RelayTls,
    /// PEM of an authority to believe beside the public ones.
    pub authority_pem: Option<Vec<u8>>,
    /// User name and password.
    pub login: Option<(String, String)>,
    /// The name this server greets with.
    pub hello_name: String,
    /// One deadline over a letter, connecting included, milliseconds.
    pub timeout_ms: u64,
    /// How long a connection is kept without a letter, milliseconds.
    pub idle_ms: u64,
    /// Connections kept at most.
    pub idle_max: usize,
}

impl fmt::Debug for RelaySettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = out.debug_struct("RelaySettings");
        fields
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// Why the relay cannot be set up.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RelayFault {
    /// The authority's file.
    #[error("this is no certificate in PEM: {0}")]
    Authority(String),
    /// TLS.
    #[error("TLS cannot be set up for this host: {0}")]
    Tls(String),
}

/// The relay.
pub struct SmtpRelay {
    opening: Opening,
    deadline: Duration,
    idle_for: Duration,
    idle_max: usize,
    idle: Mutex<Vec<(Session, Instant)>>,
}

impl fmt::Debug for SmtpRelay {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SmtpRelay").field("host", &self.opening.host).finish_non_exhaustive()
    }
}

impl SmtpRelay {
    /// A relay; it is not called before the first letter.
    ///
    /// # Errors
    /// [`RelayFault`].
    pub fn new(settings: RelaySettings) -> Result<Self, RelayFault> {
        let deadline = Duration::from_millis(settings.timeout_ms);
        let opening = Opening {
            parameters: tls(&settings)?,
            host: settings.host,
            port: settings.port,
            tls: settings.tls,
            hello: ClientId::Domain(settings.hello_name),
            credentials: settings.login.map(|(user, password)| Credentials::new(user, password)),
            step: deadline,
        };
        let (idle_for, idle_max) = (Duration::from_millis(settings.idle_ms), settings.idle_max);
        Ok(Self { opening, deadline, idle_for, idle_max, idle: Mutex::new(Vec::new()) })
    }

    /// Ends the connections that are kept.
    pub async fn close(&self) {
        let kept = std::mem::take(&mut *self.kept());
        for (session, _) in kept {
            session.quit().await;
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<(Session, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn hand_over(&self, letter: &Composed) -> Carried {
        let until = Instant::now() + self.deadline;
        let late =
            || Broken { code: None, words: "no answer within the deadline (email.timeout_ms)".to_owned() };
        let mut session = match tokio::time::timeout_at(until, self.session()).await {
            Ok(Ok(session)) => session,
            Ok(Err(why)) => return carried(Phase::Opening, why),
            Err(_) => return carried(Phase::Opening, late()),
        };
        let mut phase = Phase::Sender;
        let sent = tokio::time::timeout_at(until, session.send(letter, &mut phase)).await;
        match sent.unwrap_or_else(|_| Err(late())) {
            Ok(words) => {
                self.keep(session);
                Carried::Taken(words)
            }
            Err(why) => carried(phase, why),
        }
    }

    /// A kept connection that still answers, or a new one.
    async fn session(&self) -> Result<Session, Broken> {
        loop {
            let Some((mut session, since)) = self.kept().pop() else { break };
            if since.elapsed() < self.idle_for && session.is_alive().await {
                return Ok(session);
            }
        }
        Session::open(&self.opening).await
    }

    fn keep(&self, session: Session) {
        let mut kept = self.kept();
        if kept.len() < self.idle_max {
            kept.push((session, Instant::now()));
        }
    }
}

impl Carrier for SmtpRelay {
    fn carry(&self, letter: &Letter) -> Pin<Box<dyn Future<Output = Carried> + Send + '_>> {
        let composed = compose(letter);
        Box::pin(async move {
            match composed {
                Ok(composed) => self.hand_over(&composed).await,
                Err(fault) => Carried::Refused(Broken { code: None, words: fault.to_string() }),
            }
        })
    }
}

fn tls(settings: &RelaySettings) -> Result<Option<TlsParameters>, RelayFault> {
    if settings.tls == RelayTls::Off {
        return Ok(None);
    }
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.authority_pem {
        let authority =
            Certificate::from_pem(pem).map_err(|error| RelayFault::Authority(error.to_string()))?;
        builder = builder.add_root_certificate(authority);
    }
    builder.build_rustls().map(Some).map_err(|error| RelayFault::Tls(error.to_string()))
}
