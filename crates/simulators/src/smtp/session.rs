//! One connection.

use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::line::{self, LineFault};
use super::rules::{self, COMMAND_BYTES_MAX, TEXT_LINE_BYTES_MAX};
use super::{Forced, Shared, SmtpTls, TakenLetter};

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

pub(super) async fn serve(socket: TcpStream, shared: Arc<Shared>) {
    shared.connections.send_modify(|connections| *connections += 1);
    // The other side is gone, or TLS failed: there is nobody to tell.
    let _ = talk(socket, &shared).await;
}

async fn talk(socket: TcpStream, shared: &Shared) -> io::Result<()> {
    let stream: Box<dyn Stream> = match &shared.config.tls {
        SmtpTls::Implicit(tls) => Box::new(TlsAcceptor::from(Arc::clone(tls)).accept(socket).await?),
        SmtpTls::Starttls(_) | SmtpTls::Off => Box::new(socket),
    };
    let encrypted = matches!(shared.config.tls, SmtpTls::Implicit(_));
    let mut session =
        Session { stream: BufReader::new(stream), shared, encrypted, user: None, greeted: false };
    if let Some(Forced::Greeting(code)) = shared.forced(|it| matches!(it, Forced::Greeting(_))) {
        return session.say(code, "as it was told").await;
    }
    session.say(220, "relay.simulated ESMTP").await?;
    match session.commands().await? {
        End::Closed => Ok(()),
        End::Upgrade => {
            let SmtpTls::Starttls(tls) = &shared.config.tls else { return Ok(()) };
            // What stood in the buffer came in clear: it is lost, as it must be (RFC 3207, 6).
            let plain = session.stream.into_inner();
            let stream: Box<dyn Stream> = Box::new(TlsAcceptor::from(Arc::clone(tls)).accept(plain).await?);
            let stream = BufReader::new(stream);
            let mut session = Session { stream, shared, encrypted: true, user: None, greeted: false };
            session.commands().await.map(|_| ())
        }
    }
}

enum End {
    Closed,
    Upgrade,
}

struct Session<'a> {
    stream: BufReader<Box<dyn Stream>>,
    shared: &'a Shared,
    encrypted: bool,
    user: Option<String>,
    greeted: bool,
}

#[derive(Default)]
struct Envelope {
    sender: Option<String>,
    recipients: Vec<String>,
}

impl Session<'_> {
    async fn say(&mut self, code: u16, words: &str) -> io::Result<()> {
        self.stream.write_all(format!("{code} {words}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            let fault = match line::read(&mut self.stream, COMMAND_BYTES_MAX).await? {
                None => return Ok(None),
                Some(Ok(line)) => match String::from_utf8(line) {
                    Ok(text) if text.is_ascii() => return Ok(Some(text)),
                    _ => "a command is ASCII",
                },
                Some(Err(LineFault::BareEnd)) => "a line ends in CRLF",
                Some(Err(LineFault::TooLong)) => "a command is shorter",
            };
            self.say(500, fault).await?;
        }
    }

    async fn commands(&mut self) -> io::Result<End> {
        let mut envelope = Envelope::default();
        while let Some(line) = self.line().await? {
            let (verb, argument) = line.split_once(' ').unwrap_or((line.as_str(), ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" | "HELO" => self.greet(argument).await?,
                "NOOP" => self.say(250, "here").await?,
                "RSET" => {
                    envelope = Envelope::default();
                    self.say(250, "forgotten").await?;
                }
                "QUIT" => {
                    self.say(221, "bye").await?;
                    return Ok(End::Closed);
                }
                "STARTTLS" if matches!(self.shared.config.tls, SmtpTls::Starttls(_)) && !self.encrypted => {
                    self.say(220, "go ahead").await?;
                    return Ok(End::Upgrade);
                }
                "AUTH" => self.authenticate(argument).await?,
                "MAIL" => self.sender(argument, &mut envelope).await?,
                "RCPT" => self.recipient(argument, &mut envelope).await?,
                "DATA" => {
                    if !self.content(&mut envelope).await? {
                        return Ok(End::Closed);
                    }
                }
                _ => self.say(502, "no such command here").await?,
            }
        }
        Ok(End::Closed)
    }

    async fn greet(&mut self, name: &str) -> io::Result<()> {
        if name.is_empty() {
            return self.say(501, "EHLO names the client").await;
        }
        self.greeted = true;
        let mut said = format!("250-relay.simulated\r\n250-SIZE {}\r\n", self.shared.config.letter_bytes_max);
        if matches!(self.shared.config.tls, SmtpTls::Starttls(_)) && !self.encrypted {
            said.push_str("250-STARTTLS\r\n");
        }
        if self.shared.config.login.is_some() && self.is_safe() {
            said.push_str("250-AUTH PLAIN LOGIN\r\n");
        }
        said.push_str("250 ENHANCEDSTATUSCODES\r\n");
        self.stream.write_all(said.as_bytes()).await?;
        self.stream.flush().await
    }

    /// Passwords go in clear only where nothing else was set up.
    const fn is_safe(&self) -> bool {
        self.encrypted || matches!(self.shared.config.tls, SmtpTls::Off)
    }

    async fn authenticate(&mut self, argument: &str) -> io::Result<()> {
        let Some(login) = self.shared.config.login.clone() else {
            return self.say(503, "nobody is asked").await;
        };
        if !self.is_safe() {
            return self.say(538, "5.7.11 encryption first").await;
        }
        let (mechanism, initial) = argument.split_once(' ').unwrap_or((argument, ""));
        let given = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => {
                let text = if initial.is_empty() { self.ask("").await? } else { decoded(initial) };
                text.and_then(|text| {
                    let mut parts = text.split('\0').skip(1).map(str::to_owned);
                    Some((parts.next()?, parts.next()?))
                })
            }
            "LOGIN" => {
                let user =
                    if initial.is_empty() { self.ask("VXNlcm5hbWU6").await? } else { decoded(initial) };
                let password = self.ask("UGFzc3dvcmQ6").await?;
                user.zip(password)
            }
            _ => return self.say(504, "5.5.4 PLAIN or LOGIN").await,
        };
        if given == Some(login.clone()) {
            self.user = Some(login.0);
            return self.say(235, "2.7.0 welcome").await;
        }
        self.say(535, "5.7.8 other credentials").await
    }

    async fn ask(&mut self, challenge: &str) -> io::Result<Option<String>> {
        self.say(334, challenge).await?;
        Ok(self.line().await?.and_then(|line| decoded(&line)))
    }

    async fn sender(&mut self, argument: &str, envelope: &mut Envelope) -> io::Result<()> {
        if !self.greeted {
            return self.say(503, "5.5.1 EHLO first").await;
        }
        if matches!(self.shared.config.tls, SmtpTls::Starttls(_)) && !self.encrypted {
            return self.say(530, "5.7.0 STARTTLS first").await;
        }
        if self.shared.config.login.is_some() && self.user.is_none() {
            return self.say(530, "5.7.0 AUTH first").await;
        }
        if envelope.sender.is_some() {
            return self.say(503, "5.5.1 one letter at a time").await;
        }
        if let Some(Forced::Sender(code)) = self.shared.forced(|it| matches!(it, Forced::Sender(_))) {
            return self.say(code, "as it was told").await;
        }
        let Some(sender) = rules::path(argument, "FROM:") else {
            return self.say(501, "5.5.4 FROM:<address>").await;
        };
        envelope.sender = Some(sender.to_owned());
        self.say(250, "2.1.0 sender ok").await
    }

    async fn recipient(&mut self, argument: &str, envelope: &mut Envelope) -> io::Result<()> {
        if envelope.sender.is_none() {
            return self.say(503, "5.5.1 MAIL first").await;
        }
        let Some(recipient) = rules::path(argument, "TO:") else {
            return self.say(501, "5.5.4 TO:<address>").await;
        };
        if let Some(Forced::Recipient(code)) = self.shared.forced(|it| matches!(it, Forced::Recipient(_))) {
            return self.say(code, "as it was told").await;
        }
        if let Some(code) = rules::asked_code(recipient) {
            return self.say(code, &format!("<{recipient}> asks for this")).await;
        }
        envelope.recipients.push(recipient.to_owned());
        self.say(250, "2.1.5 recipient ok").await
    }

    /// Reads and answers a letter; false when the connection is over.
    async fn content(&mut self, envelope: &mut Envelope) -> io::Result<bool> {
        if envelope.recipients.is_empty() {
            self.say(503, "5.5.1 MAIL and RCPT first").await?;
            return Ok(true);
        }
        let Envelope { sender, recipients } = std::mem::take(envelope);
        self.say(354, "end with a dot").await?;
        let (text, mut fault) = self.text().await?;
        fault = fault.or_else(|| rules::fault(&text));
        if let Some(rule) = fault {
            self.say(554, rule).await?;
            return Ok(true);
        }
        if let Some(Forced::Content(code)) = self.shared.forced(|it| matches!(it, Forced::Content(_))) {
            self.say(code, "as it was told").await?;
            return Ok(true);
        }
        let (user, is_encrypted) = (self.user.clone(), self.encrypted);
        let sender = sender.unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        self.shared.keep(TakenLetter { sender, recipients, user, is_encrypted, text })?;
        match self.shared.forced(|it| matches!(it, Forced::Cut | Forced::Silence)) {
            Some(Forced::Cut) => return Ok(false),
            Some(_) => std::future::pending::<()>().await,
            None => {}
        }
        let number = *self.shared.taken.borrow();
        self.say(250, &format!("2.0.0 taken as {number}")).await?;
        Ok(true)
    }

    /// The lines up to the single dot, dots undone, and the first rule they break.
    async fn text(&mut self) -> io::Result<(Vec<u8>, Option<&'static str>)> {
        let (mut text, mut fault) = (Vec::new(), None);
        loop {
            let line = match line::read(&mut self.stream, TEXT_LINE_BYTES_MAX).await? {
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
                Some(Err(LineFault::BareEnd)) => {
                    fault = fault.or(Some("a line ends in CRLF"));
                    continue;
                }
                Some(Err(LineFault::TooLong)) => {
                    fault = fault.or(Some("a line has at most 998 characters"));
                    continue;
                }
                Some(Ok(line)) => line,
            };
            if line == b"." {
                return Ok((text, fault));
            }
            let line = line.strip_prefix(b".").unwrap_or(&line);
            if text.len() + line.len() > self.shared.config.letter_bytes_max {
                fault = fault.or(Some("5.3.4 the letter is longer than SIZE"));
                continue;
            }
            text.extend_from_slice(line);
            text.extend_from_slice(b"\r\n");
        }
    }
}

fn decoded(text: &str) -> Option<String> {
    STANDARD.decode(text.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}
