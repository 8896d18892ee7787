//! A SIP provider over UDP: takes calls, and lets them end as the called number asks.
//!
//! It is strict about what a provider is strict about ([`check`]): a request without its mandatory headers is answered
//! with 400 and what is missing. A number that ends in 7401, 7402, 7403, 7404 or 7406 ends the call with that code; one that
//! ends in 7410 answers and hangs up; every other one answers and listens.

mod check;
mod hang_up;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;
use waypost_channels::voice::sip::message::{Message, Start};
use waypost_channels::voice::sip::parse::{MESSAGE_BYTES_MAX, parse};
use waypost_core::sandbox::forced_call_end;

use hang_up::HangUps;

/// Calls that are remembered; the oldest are not needed once their answers cannot be repeated.
const CALLS_MAX: usize = 10_000;

/// A running provider. Dropping it stops listening.
#[derive(Debug)]
pub struct SipHandle {
    address: SocketAddr,
    counts: Arc<Counts>,
    server: JoinHandle<()>,
}

/// What was seen.
#[derive(Debug, Default)]
struct Counts {
    invites: AtomicU64,
    answered: AtomicU64,
    ended: AtomicU64,
    hung_up: AtomicU64,
    faults: AtomicU64,
}

/// What was seen so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SipCounts {
    /// New calls.
    pub invites: u64,
    /// Calls that were answered.
    pub answered: u64,
    /// Calls that the caller hung up.
    pub ended: u64,
    /// Calls that were hung up here.
    pub hung_up: u64,
    /// Requests that broke a rule.
    pub faults: u64,
}

impl SipHandle {
    /// Starts a provider; sound goes to the port beside, where nobody listens.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start(address: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind(address).await?;
        let address = socket.local_addr()?;
        let counts = Arc::new(Counts::default());
        let desk = Desk {
            socket,
            address,
            counts: Arc::clone(&counts),
            answers: HashMap::new(),
            hang_ups: HangUps::default(),
        };
        Ok(Self { address, counts, server: tokio::spawn(desk.run()) })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has seen.
    #[must_use]
    pub fn counts(&self) -> SipCounts {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let Counts { invites, answered, ended, hung_up, faults } = &*self.counts;
        SipCounts {
            invites: of(invites),
            answered: of(answered),
            ended: of(ended),
            hung_up: of(hung_up),
            faults: of(faults),
        }
    }
}

impl Drop for SipHandle {
    fn drop(&mut self) {
        self.server.abort();
    }
}

struct Desk {
    socket: UdpSocket,
    address: SocketAddr,
    counts: Arc<Counts>,
    /// The final answer to each INVITE, by its branch: a repetition gets the same.
    answers: HashMap<String, Message>,
    hang_ups: HangUps,
}

impl Desk {
    async fn run(mut self) {
        let mut buffer = vec![0; MESSAGE_BYTES_MAX];
        loop {
            let Ok((length, from)) = self.socket.recv_from(&mut buffer).await else { continue };
            let Ok(message) = parse(&buffer[..length]) else { continue };
            for answer in self.answers_to(&message) {
                // What is lost is asked for again.
                let _ = self.socket.send_to(&answer.to_bytes(), from).await;
            }
        }
    }

    fn answers_to(&mut self, message: &Message) -> Vec<Message> {
        let Start::Request { method, uri } = &message.start else { return Vec::new() };
        if let Err(missing) = check::check(message) {
            self.counts.faults.fetch_add(1, Ordering::Relaxed);
            // An ACK is never answered.
            let refusal = Message::response(message, 400, &format!("Bad Request: {missing}"));
            return if method == "ACK" { Vec::new() } else { vec![refusal] };
        }
        match method.as_str() {
            "ACK" => self.acknowledged(message),
            "INVITE" => self.invited(message, uri),
            "BYE" => {
                self.counts.ended.fetch_add(1, Ordering::Relaxed);
                vec![Message::response(message, 200, "OK")]
            }
            "OPTIONS" | "CANCEL" => vec![Message::response(message, 200, "OK")],
            _ => vec![Message::response(message, 501, "Not Implemented")],
        }
    }

    /// A called party that is to hang up does so as soon as both sides know of the call.
    fn acknowledged(&mut self, message: &Message) -> Vec<Message> {
        let bye = message.call_id().and_then(|call| self.hang_ups.take(call));
        self.counts.hung_up.fetch_add(u64::from(bye.is_some()), Ordering::Relaxed);
        bye.into_iter().collect()
    }

    fn invited(&mut self, message: &Message, uri: &str) -> Vec<Message> {
        let branch = message.branch().unwrap_or_default().to_owned();
        if let Some(known) = self.answers.get(&branch) {
            return vec![known.clone()];
        }
        self.counts.invites.fetch_add(1, Ordering::Relaxed);
        let user = uri.trim_start_matches("sip:").split('@').next().unwrap_or_default();
        let asked = forced_call_end(user);
        let (status, words) = match asked {
            Some(7401) => (480, "Temporarily Unavailable"),
            Some(7402) => (486, "Busy Here"),
            Some(7403) => (603, "Decline"),
            Some(7404) => (404, "Not Found"),
            Some(7406) => (403, "Forbidden"),
            _ => (200, "OK"),
        };
        let tagged = |mut response: Message| {
            let to = format!(
                "{};tag=sim{}",
                message.header("To").unwrap_or_default(),
                branch.trim_start_matches("z9hG4bK")
            );
            response.set("To", to);
            response.with("Contact", format!("<sip:far@{}>", self.address))
        };
        let ringing = tagged(Message::response(message, 180, "Ringing"));
        let mut last = tagged(Message::response(message, status, words));
        if status == 200 {
            self.counts.answered.fetch_add(1, Ordering::Relaxed);
            last = last.with_body("application/sdp", self.session());
        }
        if asked == Some(7410) {
            self.hang_ups.plan(message, &last, self.address);
        }
        if self.answers.len() == CALLS_MAX {
            self.answers.clear();
        }
        self.answers.insert(branch, last.clone());
        // A network that rejects does so before anything rings.
        if matches!(status, 403 | 404) { vec![last] } else { vec![ringing, last] }
    }

    fn session(&self) -> String {
        let (ip, port) = (self.address.ip(), self.address.port());
        // The signalling port takes the sound, too: what is no message is dropped.
        format!(
            "v=0\r\no=sim 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 101\r\n\
             a=rtpmap:101 telephone-event/8000\r\n"
        )
    }
}
