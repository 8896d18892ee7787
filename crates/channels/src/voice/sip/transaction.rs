//! Client transactions (RFC 3261, 17.1) as machines without a clock or a socket: time goes in as milliseconds.

use super::message::Message;

/// The base times of RFC 3261, 17.1.1.1, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    /// T1: estimate of the round trip.
    pub t1: u64,
    /// T2: the longest time between retransmissions.
    pub t2: u64,
    /// T4: how long a message stays in the network.
    pub t4: u64,
}

impl Timers {
    /// The standard's proportions for a T1; 500 ms gives the standard's values.
    #[must_use]
    pub const fn of_t1(t1: u64) -> Self {
        Self { t1, t2: t1 * 8, t4: t1 * 10 }
    }

    /// 64·T1: when a transaction without answer is over.
    #[must_use]
    pub const fn patience(self) -> u64 {
        self.t1 * 64
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Sent, nothing heard.
    Calling,
    /// A provisional response came.
    Proceeding,
    /// A final response came.
    Completed,
    /// Over.
    Terminated,
}

/// What a transaction wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Send these octets.
    Send(Vec<u8>),
    /// Nobody answered.
    TimedOut,
}

/// What a response means to its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It is news to the user of the transaction.
    News,
    /// It was heard before.
    Again,
}

/// One request and what is heard of it.
#[derive(Clone, Debug)]
pub struct ClientTransaction {
    request: Message,
    bytes: Vec<u8>,
    invite: bool,
    reliable: bool,
    timers: Timers,
    state: State,
    interval: u64,
    resend_at: Option<u64>,
    ends_at: Option<u64>,
    ack: Option<Vec<u8>>,
}

impl ClientTransaction {
    /// Starts; the caller sends [`Self::bytes`].
    #[must_use]
    pub fn start(request: Message, reliable: bool, timers: Timers, now: u64) -> Self {
        let invite = request.method() == Some("INVITE");
        let bytes = request.to_bytes();
        Self {
            request,
            bytes,
            invite,
            reliable,
            timers,
            state: State::Calling,
            interval: timers.t1,
            resend_at: (!reliable).then_some(now + timers.t1),
            ends_at: Some(now + timers.patience()),
            ack: None,
        }
    }

    /// The request.
    #[must_use]
    pub const fn request(&self) -> &Message {
        &self.request
    }

    /// The request's octets.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether a response belongs to it.
    #[must_use]
    pub fn is_of(&self, response: &Message) -> bool {
        let method = |message: &Message| message.cseq().map(|(_, method)| method.to_owned());
        self.state != State::Terminated
            && response.branch() == self.request.branch()
            && method(response) == method(&self.request)
    }

    /// Whether a final response has come.
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        matches!(self.state, State::Completed | State::Terminated)
    }

    /// Whether anything was heard.
    #[must_use]
    pub const fn is_heard(&self) -> bool {
        !matches!(self.state, State::Calling)
    }

    /// Whether it is over and can be forgotten.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.state, State::Terminated)
    }

    /// When it wants to be asked again.
    #[must_use]
    pub fn wakes_at(&self) -> Option<u64> {
        [self.resend_at, self.ends_at].into_iter().flatten().min().filter(|_| !self.is_over())
    }

    /// Takes a response; `ack` acknowledges a refused INVITE and is sent again for each repetition.
    pub fn receive(&mut self, status: u16, ack: impl FnOnce() -> Vec<u8>, now: u64) -> (Heard, Option<Wish>) {
        match (self.state, status) {
            (State::Calling | State::Proceeding, 100..=199) => {
                self.state = State::Proceeding;
                if self.invite {
                    // The phone may ring for as long as the caller waits.
                    (self.resend_at, self.ends_at) = (None, None);
                } else {
                    self.interval = self.timers.t2;
                }
                (Heard::News, None)
            }
            (State::Calling | State::Proceeding, 200..=299) if self.invite => {
                // What follows a 2xx is the dialog's matter (13.2.2.4).
                self.finish();
                (Heard::News, None)
            }
            (State::Calling | State::Proceeding, _) => {
                self.state = State::Completed;
                self.resend_at = None;
                let wait = if self.invite { self.timers.patience() } else { self.timers.t4 };
                self.ends_at = Some(now + wait);
                let wish = self.invite.then(|| {
                    let ack = ack();
                    self.ack = Some(ack.clone());
                    Wish::Send(ack)
                });
                if self.reliable {
                    self.finish();
                }
                (Heard::News, wish)
            }
            (State::Completed, 300..=699) => (Heard::Again, self.ack.clone().map(Wish::Send)),
            _ => (Heard::Again, None),
        }
    }

    /// What the time brings about.
    pub fn elapse(&mut self, now: u64) -> Option<Wish> {
        if self.ends_at.is_some_and(|at| at <= now) {
            let unanswered = !self.is_answered();
            self.finish();
            return unanswered.then_some(Wish::TimedOut);
        }
        if self.resend_at.is_some_and(|at| at <= now) {
            let cap = if self.invite { u64::MAX } else { self.timers.t2 };
            self.interval = (self.interval * 2).min(cap);
            self.resend_at = Some(now + self.interval);
            return Some(Wish::Send(self.bytes.clone()));
        }
        None
    }

    /// Gives it up.
    pub const fn finish(&mut self) {
        self.state = State::Terminated;
        (self.resend_at, self.ends_at) = (None, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Timers = Timers::of_t1(500);

    fn started(method: &str, reliable: bool) -> ClientTransaction {
        let request = Message::request(method, "sip:b@y").with("CSeq", format!("1 {method}"));
        ClientTransaction::start(request, reliable, T, 0)
    }

    /// The times at which it sends, and when it gives up.
    fn silence(mut transaction: ClientTransaction) -> (Vec<u64>, u64) {
        let mut sent = Vec::new();
        loop {
            let now = transaction.wakes_at().unwrap();
            match transaction.elapse(now) {
                Some(Wish::Send(_)) => sent.push(now),
                Some(Wish::TimedOut) => return (sent, now),
                None => {}
            }
        }
    }

    #[test]
    fn an_invite_is_sent_again_at_doubling_intervals_until_timer_b() {
        let (sent, over) = silence(started("INVITE", false));
        assert_eq!((sent, over), (vec![500, 1_500, 3_500, 7_500, 15_500, 31_500], 32_000));
    }

    #[test]
    fn another_request_is_sent_again_at_most_every_t2() {
        let (sent, over) = silence(started("BYE", false));
        let expected = vec![500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
        assert_eq!((sent, over), (expected, 32_000));
    }

    #[test]
    fn nothing_is_repeated_over_a_reliable_transport() {
        assert_eq!(silence(started("INVITE", true)), (vec![], 32_000));
        assert_eq!(silence(started("BYE", true)), (vec![], 32_000));
    }

    #[test]
    fn a_ringing_invite_waits_and_a_refused_one_is_acknowledged_each_time() {
        let mut invite = started("INVITE", false);
        assert_eq!(invite.receive(180, Vec::new, 100), (Heard::News, None));
        assert_eq!(invite.wakes_at(), None);
        let ack = || b"ACK".to_vec();
        assert_eq!(invite.receive(486, ack, 200), (Heard::News, Some(Wish::Send(ack()))));
        assert_eq!(invite.receive(486, Vec::new, 300), (Heard::Again, Some(Wish::Send(ack()))));
        assert_eq!(invite.wakes_at(), Some(32_200));
        assert_eq!(invite.elapse(32_200), None);
        assert!(invite.is_over());
    }

    #[test]
    fn a_final_answer_ends_another_request_after_t4() {
        let mut bye = started("BYE", false);
        assert_eq!(bye.receive(200, Vec::new, 10), (Heard::News, None));
        assert_eq!(bye.wakes_at(), Some(5_010));
        assert_eq!(bye.elapse(5_010), None);
        assert!(bye.is_over());
    }
}
