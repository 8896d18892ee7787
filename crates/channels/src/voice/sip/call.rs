//! One outbound call as a machine without a clock, a socket or a generator: the caller's half of RFC 3261, 13 to 15.
//!
//! Messages and the time go in; octets to send and what happened come out. The call ends once ([`Happened::Ended`]); the
//! machine lives on until nothing can be repeated any more ([`Call::is_over`]).

mod requests;
mod responses;

use super::dialog::Dialog;
use super::digest::{Challenge, Credentials};
use super::message::Message;
use super::transaction::{ClientTransaction, Heard, Timers, Wish};

/// Requests of the far side whose answers are remembered for repetitions.
const ANSWERS_MAX: usize = 8;

/// Draws tags, branches and the like: `n` random octets as text.
pub type Tokens = Box<dyn FnMut() -> String + Send>;

/// Reads a session description offered in a dialog; the description that answers it, `None` when it cannot be met.
pub type Negotiate = Box<dyn FnMut(&[u8]) -> Option<Vec<u8>> + Send>;

/// What a call needs to know.
pub struct Setup {
    /// Whom to call.
    pub remote_uri: String,
    /// Who calls.
    pub local_uri: String,
    /// Where requests of the far side go.
    pub contact: String,
    /// `UDP`, `TCP` or `TLS`.
    pub transport: &'static str,
    /// Host and port for `Via`.
    pub sent_by: String,
    /// The dialog's name.
    pub call_id: String,
    /// For a challenge.
    pub credentials: Option<Credentials>,
    /// The base times.
    pub timers: Timers,
    /// How long it may ring, in milliseconds.
    pub ring_ms: u64,
    /// The session description that is offered.
    pub offer: Vec<u8>,
    /// Answers a re-INVITE.
    pub negotiate: Negotiate,
    /// Random texts.
    pub tokens: Tokens,
}

/// Why a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A final response refused it.
    Refused {
        /// The status.
        status: u16,
        /// Its words.
        reason: String,
    },
    /// Nobody answered the INVITE at all.
    NoReply,
    /// It rang until our patience was over.
    RangOut,
    /// We gave it up while it rang.
    GivenUp,
    /// It was cut by the far side while it rang.
    CutWhileRinging,
    /// The far side hung up.
    HungUpThere,
    /// We hung up.
    HungUpHere,
    /// The far side broke the protocol: no acknowledgement of our answer, or a session we cannot have.
    Broken,
}

/// What a call did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// The next hop has it: the first word that is heard of it.
    Trying,
    /// The network found the phone: it rings, or is said to.
    Ringing,
    /// Somebody picked up; the session description of the answer.
    Answered(Vec<u8>),
    /// The far side changed the session; its new description.
    Changed(Vec<u8>),
    /// It is over.
    Ended(Ending),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send these octets.
    Send(Vec<u8>),
    /// Tell this.
    Tell(Happened),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// The INVITE is out.
    Inviting,
    /// We want it to end before it is answered; the reason is told when it has.
    Cancelling(Ending),
    /// Both sides talk.
    Talking,
    /// Over.
    Ended,
}

/// A 2xx of ours to a re-INVITE, repeated until it is acknowledged.
struct Unacknowledged {
    bytes: Vec<u8>,
    cseq: u32,
    interval: u64,
    resend_at: u64,
    ends_at: u64,
}

/// One call.
pub struct Call {
    setup: Setup,
    reliable: bool,
    state: State,
    local: String,
    cseq: u32,
    nonce_count: u32,
    is_tried: bool,
    is_ringing: bool,
    authorised: bool,
    invite: ClientTransaction,
    others: Vec<ClientTransaction>,
    dialog: Option<Dialog>,
    ack: Option<Vec<u8>>,
    unacknowledged: Option<Unacknowledged>,
    answers: Vec<(String, Vec<u8>)>,
    ring_until: Option<u64>,
    lingers_until: u64,
    outputs: Vec<Output>,
}

impl Call {
    /// A call that starts now; its first output is the INVITE.
    #[must_use]
    pub fn start(mut setup: Setup, now: u64) -> (Self, Vec<Output>) {
        let local = format!("<{}>;tag={}", setup.local_uri, (setup.tokens)());
        let reliable = setup.transport != "UDP";
        let timers = setup.timers;
        let ring_until = Some(now + setup.ring_ms);
        let invite = ClientTransaction::start(Message::request("INVITE", ""), reliable, timers, now);
        let mut call = Self {
            setup,
            reliable,
            state: State::Inviting,
            local,
            cseq: 0,
            nonce_count: 0,
            is_tried: false,
            is_ringing: false,
            authorised: false,
            invite,
            others: Vec::new(),
            dialog: None,
            ack: None,
            unacknowledged: None,
            answers: Vec::new(),
            ring_until,
            lingers_until: 0,
            outputs: Vec::new(),
        };
        call.invite(None, now);
        let outputs = call.take();
        (call, outputs)
    }

    /// Whether nothing is left to do, not even to answer what the far side repeats.
    #[must_use]
    pub fn is_over(&self, now: u64) -> bool {
        self.state == State::Ended && (self.reliable || now >= self.lingers_until) && self.others.is_empty()
    }

    /// Whether anything was heard of it.
    #[must_use]
    pub const fn is_tried(&self) -> bool {
        self.is_tried
    }

    /// When [`Self::elapse`] is due.
    #[must_use]
    pub fn wakes_at(&self) -> Option<u64> {
        let transactions = self.others.iter().filter_map(ClientTransaction::wakes_at);
        let resend = self.unacknowledged.as_ref().map(|open| open.resend_at.min(open.ends_at));
        let lingers = (self.state == State::Ended && !self.reliable).then_some(self.lingers_until);
        let own = [self.invite.wakes_at(), self.ring_until, resend, lingers];
        transactions.chain(own.into_iter().flatten()).min()
    }

    /// Takes a message of this call.
    #[must_use]
    pub fn receive(&mut self, message: &Message, now: u64) -> Vec<Output> {
        match message.status() {
            Some(status) => self.response(message, status, now),
            None => self.request(message, now),
        }
        self.take()
    }

    /// What the time brings about.
    #[must_use]
    pub fn elapse(&mut self, now: u64) -> Vec<Output> {
        match self.invite.elapse(now) {
            Some(Wish::Send(bytes)) => self.send(bytes),
            Some(Wish::TimedOut) => match self.state.clone() {
                State::Cancelling(why) => self.end(why, now),
                _ => self.end(Ending::NoReply, now),
            },
            None => {}
        }
        if self.ring_until.is_some_and(|at| at <= now) {
            self.ring_until = None;
            match self.state.clone() {
                State::Inviting => self.cancel(Ending::RangOut, now),
                // Not even the cancelled call was answered.
                State::Cancelling(why) => {
                    self.invite.finish();
                    self.end(why, now);
                }
                State::Talking | State::Ended => {}
            }
        }
        for place in 0..self.others.len() {
            if let Some(Wish::Send(bytes)) = self.others[place].elapse(now) {
                self.send(bytes);
            }
        }
        self.others.retain(|other| !other.is_over());
        self.repeat_answer(now);
        self.take()
    }

    /// Ends it from our side: CANCEL while it rings, BYE afterwards.
    #[must_use]
    pub fn hang_up(&mut self, now: u64) -> Vec<Output> {
        match self.state {
            State::Inviting => self.cancel(Ending::GivenUp, now),
            State::Talking => self.leave(Ending::HungUpHere, now),
            State::Cancelling(_) | State::Ended => {}
        }
        self.take()
    }

    /// Ends an answered call whose session cannot be had.
    #[must_use]
    pub fn break_off(&mut self, now: u64) -> Vec<Output> {
        if self.state == State::Talking {
            self.leave(Ending::Broken, now);
        }
        self.take()
    }

    fn take(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.outputs)
    }

    fn send(&mut self, bytes: Vec<u8>) {
        self.outputs.push(Output::Send(bytes));
    }

    fn tell(&mut self, happened: Happened) {
        self.outputs.push(Output::Tell(happened));
    }

    fn end(&mut self, why: Ending, now: u64) {
        if self.state == State::Ended {
            return;
        }
        self.state = State::Ended;
        self.ring_until = None;
        self.unacknowledged = None;
        self.lingers_until = now + self.setup.timers.patience();
        self.tell(Happened::Ended(why));
    }

    fn via(&mut self) -> String {
        let Setup { transport, sent_by, .. } = &self.setup;
        let head = format!("SIP/2.0/{transport} {sent_by};branch=z9hG4bK");
        format!("{head}{};rport", (self.setup.tokens)())
    }

    fn head(&self, method: &str, uri: &str, via: String, to: String, cseq: u32) -> Message {
        Message::request(method, uri)
            .with("Via", via)
            .with("Max-Forwards", "70")
            .with("From", self.local.clone())
            .with("To", to)
            .with("Call-ID", self.setup.call_id.clone())
            .with("CSeq", format!("{cseq} {method}"))
    }

    fn invite(&mut self, authorization: Option<(&str, String)>, now: u64) {
        self.cseq += 1;
        let (via, to) = (self.via(), format!("<{}>", self.setup.remote_uri));
        let mut request = self
            .head("INVITE", &self.setup.remote_uri, via, to, self.cseq)
            .with("Contact", format!("<{}>", self.setup.contact))
            .with("Allow", super::ALLOWED)
            .with("User-Agent", super::AGENT);
        if let Some((name, value)) = authorization {
            request = request.with(name, value);
        }
        let request = request.with_body("application/sdp", self.setup.offer.clone());
        self.invite = ClientTransaction::start(request, self.reliable, self.setup.timers, now);
        self.send(self.invite.bytes().to_vec());
    }

    /// CANCEL goes out only once the INVITE was heard of (9.1); until then the wish stands.
    fn cancel(&mut self, why: Ending, now: u64) {
        self.state = State::Cancelling(why);
        self.ring_until = None;
        if self.invite.is_heard() {
            self.send_cancel(now);
        }
    }

    fn send_cancel(&mut self, now: u64) {
        let invite = self.invite.request();
        let value = |name: &str| invite.header(name).unwrap_or_default().to_owned();
        let (via, to, uri) = (value("Via"), value("To"), self.setup.remote_uri.clone());
        let cancel = self.head("CANCEL", &uri, via, to, self.cseq);
        self.start_other(cancel, now);
        self.ring_until = Some(now + self.setup.timers.patience());
    }

    fn start_other(&mut self, request: Message, now: u64) {
        let transaction = ClientTransaction::start(request, self.reliable, self.setup.timers, now);
        self.send(transaction.bytes().to_vec());
        self.others.push(transaction);
    }

    fn in_dialog(&mut self, dialog: &Dialog, method: &str, cseq: u32) -> Message {
        let (uri, routes) = dialog.way();
        let via = self.via();
        let request = self.head(method, &uri, via, dialog.to.clone(), cseq);
        routes.into_iter().fold(request, |request, route| request.with("Route", route))
    }

    fn bye(&mut self, dialog: &Dialog, now: u64) {
        self.cseq += 1;
        let bye = self.in_dialog(dialog, "BYE", self.cseq);
        self.start_other(bye, now);
    }

    fn leave(&mut self, why: Ending, now: u64) {
        if let Some(dialog) = self.dialog.clone() {
            self.bye(&dialog, now);
        }
        self.end(why, now);
    }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
