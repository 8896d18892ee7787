use super::super::parse::parse;
use super::*;

const T1: u64 = 500;

fn setup(credentials: bool) -> Setup {
    let mut drawn = 0;
    Setup {
        remote_uri: "sip:447700900001@trunk.example".into(),
        local_uri: "sip:453745878@trunk.example".into(),
        contact: "sip:waypost@10.0.0.1:5060".into(),
        transport: "UDP",
        sent_by: "10.0.0.1:5060".into(),
        call_id: "c1".into(),
        credentials: credentials.then(|| Credentials { username: "u".into(), password: "p".into() }),
        timers: Timers::of_t1(T1),
        ring_ms: 40_000,
        offer: b"offer".to_vec(),
        negotiate: Box::new(|offer| (offer != b"bad").then(|| b"answer".to_vec())),
        tokens: Box::new(move || {
            drawn += 1;
            format!("t{drawn}")
        }),
    }
}

/// A call and what it sent last.
struct Line {
    call: Call,
    now: u64,
    sent: Vec<Message>,
    told: Vec<Happened>,
}

impl Line {
    fn new(credentials: bool) -> Self {
        let (call, outputs) = Call::start(setup(credentials), 0);
        let mut line = Self { call, now: 0, sent: Vec::new(), told: Vec::new() };
        line.keep(outputs);
        line
    }

    fn keep(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Send(bytes) => self.sent.push(parse(&bytes).unwrap()),
                Output::Tell(happened) => self.told.push(happened),
            }
        }
    }

    fn last(&self) -> &Message {
        self.sent.last().unwrap()
    }

    fn sent_methods(&self) -> Vec<String> {
        let word = |message: &Message| match message.status() {
            Some(status) => status.to_string(),
            None => message.method().unwrap().to_owned(),
        };
        self.sent.iter().map(word).collect()
    }

    /// The far side's answer to the newest INVITE.
    fn hear(&mut self, status: u16, change: impl FnOnce(Message) -> Message) {
        let invites = |message: &&Message| message.method() == Some("INVITE");
        let invite = self.sent.iter().rfind(invites).unwrap().clone();
        let mut answer = Message::response(&invite, status, "Words");
        if status > 100 {
            let to = format!("{};tag=far", invite.header("To").unwrap());
            answer.set("To", to);
        }
        let answer = change(answer.with("Contact", "<sip:far@10.0.0.9:5070>"));
        let outputs = self.call.receive(&answer, self.now);
        self.keep(outputs);
    }

    /// A request of the far side in the dialog.
    fn asked(&mut self, method: &str, cseq: u32, body: &str) {
        let invite = self.sent[0].clone();
        let request = Message::request(method, "sip:waypost@10.0.0.1")
            .with("Via", format!("SIP/2.0/UDP far;branch=z9hG4bKf{cseq}{method}"))
            .with("From", "<sip:447700900001@trunk.example>;tag=far")
            .with("To", invite.header("From").unwrap())
            .with("Call-ID", "c1")
            .with("CSeq", format!("{cseq} {method}"));
        let request = if body.is_empty() { request } else { request.with_body("application/sdp", body) };
        let outputs = self.call.receive(&request, self.now);
        self.keep(outputs);
    }

    fn wait_until(&mut self, until: u64) {
        while let Some(at) = self.call.wakes_at().filter(|at| *at <= until) {
            self.now = at;
            let outputs = self.call.elapse(at);
            self.keep(outputs);
            if self.call.is_over(at) {
                break;
            }
        }
        self.now = until;
    }

    fn hang_up(&mut self) {
        let outputs = self.call.hang_up(self.now);
        self.keep(outputs);
    }
}

fn same(message: Message) -> Message {
    message
}

fn answered() -> Line {
    let mut line = Line::new(false);
    line.hear(180, same);
    line.hear(200, |message| message.with_body("application/sdp", "theirs"));
    line
}

#[test]
fn an_answered_call_is_acknowledged_to_the_contact_and_ended_by_bye() {
    let mut line = answered();
    assert_eq!(line.told, [Happened::Trying, Happened::Ringing, Happened::Answered(b"theirs".to_vec())]);
    let ack = line.last().clone();
    assert!(matches!(&ack.start, super::super::message::Start::Request { method, uri }
        if method == "ACK" && uri == "sip:far@10.0.0.9:5070"));
    assert_ne!(ack.branch(), line.sent[0].branch());
    line.hang_up();
    assert_eq!(line.last().cseq(), Some((2, "BYE")));
    assert_eq!(line.last().tag("To"), Some("far"));
    assert_eq!(line.told.last(), Some(&Happened::Ended(Ending::HungUpHere)));
    let ok = Message::response(line.last(), 200, "OK");
    let outputs = line.call.receive(&ok, line.now);
    line.keep(outputs);
    line.wait_until(100_000);
    assert!(line.call.is_over(100_000));
    assert_eq!(line.sent_methods(), ["INVITE", "ACK", "BYE"]);
}

#[test]
fn a_repeated_200_is_acknowledged_each_time() {
    let mut line = answered();
    line.hear(200, same);
    line.hear(200, same);
    assert_eq!(line.sent_methods(), ["INVITE", "ACK", "ACK", "ACK"]);
    assert_eq!(line.told.len(), 3);
}

#[test]
fn a_second_phone_that_picks_up_is_hung_up() {
    let mut line = answered();
    let fork = |mut message: Message| {
        message.set("To", "<sip:447700900001@trunk.example>;tag=other".into());
        message
    };
    line.hear(200, fork);
    assert_eq!(line.sent_methods(), ["INVITE", "ACK", "ACK", "BYE"]);
    assert_eq!(line.last().tag("To"), Some("other"));
    line.hear(200, same);
    assert_eq!(line.last().tag("To"), Some("far"), "the first dialog still has its own ACK");
    assert_eq!(line.told.len(), 3);
}

#[test]
fn a_refusal_is_acknowledged_in_the_transaction_and_told_once() {
    let mut line = Line::new(false);
    line.hear(486, same);
    line.hear(486, same);
    assert_eq!(line.sent_methods(), ["INVITE", "ACK", "ACK"]);
    assert_eq!(line.last().branch(), line.sent[0].branch());
    let ended = Happened::Ended(Ending::Refused { status: 486, reason: "Words".into() });
    assert_eq!(line.told, [ended]);
}

#[test]
fn a_challenge_is_answered_once() {
    let mut line = Line::new(true);
    let challenge =
        |message: Message| message.with("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"");
    line.hear(401, challenge);
    assert_eq!(line.sent_methods(), ["INVITE", "ACK", "INVITE"]);
    assert_eq!(line.last().cseq(), Some((2, "INVITE")));
    assert!(line.last().header("Authorization").unwrap().contains("username=\"u\""));
    line.hear(401, challenge);
    let ended = Happened::Ended(Ending::Refused { status: 401, reason: "Words".into() });
    assert_eq!(line.told, [ended]);
}

#[test]
fn without_an_account_a_challenge_is_a_refusal() {
    let mut line = Line::new(false);
    line.hear(407, |message| message.with("Proxy-Authenticate", "Digest realm=\"r\", nonce=\"n\""));
    assert_eq!(line.told, [Happened::Ended(Ending::Refused { status: 407, reason: "Words".into() })]);
}

#[test]
fn a_phone_that_rings_out_is_cancelled() {
    let mut line = Line::new(false);
    line.hear(180, same);
    line.wait_until(40_000);
    assert_eq!(line.sent_methods(), ["INVITE", "CANCEL"]);
    assert_eq!(line.last().branch(), line.sent[0].branch());
    let ok = Message::response(line.last(), 200, "OK");
    let outputs = line.call.receive(&ok, line.now);
    line.keep(outputs);
    line.hear(487, same);
    assert_eq!(line.told.last(), Some(&Happened::Ended(Ending::RangOut)));
    assert_eq!(line.sent_methods(), ["INVITE", "CANCEL", "ACK"]);
}

#[test]
fn an_answer_that_crosses_the_cancel_is_hung_up_at_once() {
    let mut line = Line::new(false);
    line.hear(180, same);
    line.wait_until(40_000);
    line.hear(200, same);
    assert_eq!(line.sent_methods(), ["INVITE", "CANCEL", "ACK", "BYE"]);
    assert_eq!(line.told.last(), Some(&Happened::Ended(Ending::RangOut)));
}

#[test]
fn a_cancel_waits_for_the_first_word_of_the_far_side() {
    let mut line = Line::new(false);
    line.hang_up();
    assert_eq!(line.sent_methods(), ["INVITE"]);
    line.hear(100, same);
    assert_eq!(line.sent_methods(), ["INVITE", "CANCEL"]);
    line.wait_until(32_000);
    assert_eq!(line.told, [Happened::Ended(Ending::GivenUp)]);
}

#[test]
fn silence_ends_the_call_after_timer_b() {
    let mut line = Line::new(false);
    line.wait_until(32_000);
    assert_eq!(line.told, [Happened::Ended(Ending::NoReply)]);
    assert_eq!(line.sent.len(), 7);
}

#[test]
fn a_487_nobody_asked_for_was_cut_while_ringing() {
    let mut line = Line::new(false);
    line.hear(180, same);
    line.hear(487, same);
    assert_eq!(line.told.last(), Some(&Happened::Ended(Ending::CutWhileRinging)));
}

#[test]
fn a_bye_of_the_far_side_is_answered_and_its_repetition_too() {
    let mut line = answered();
    line.asked("BYE", 1, "");
    line.asked("BYE", 1, "");
    assert_eq!(line.sent_methods(), ["INVITE", "ACK", "200", "200"]);
    assert_eq!(line.told.last(), Some(&Happened::Ended(Ending::HungUpThere)));
    assert!(!line.call.is_over(31_999));
    assert!(line.call.is_over(32_000));
}

#[test]
fn a_reinvite_is_answered_until_it_is_acknowledged() {
    let mut line = answered();
    line.asked("INVITE", 1, "theirs again");
    assert_eq!(line.last().body, b"answer");
    assert_eq!(line.told.last(), Some(&Happened::Changed(b"theirs again".to_vec())));
    line.wait_until(600);
    assert_eq!(line.sent_methods(), ["INVITE", "ACK", "200", "200"]);
    line.asked("ACK", 1, "");
    line.wait_until(60_000);
    assert_eq!(line.sent.len(), 4);
    line.asked("INVITE", 2, "bad");
    assert_eq!(line.last().status(), Some(488));
}

#[test]
fn a_reinvite_whose_answer_nobody_acknowledges_ends_the_call() {
    let mut line = answered();
    line.asked("INVITE", 1, "theirs again");
    line.wait_until(32_000);
    assert_eq!(line.told.last(), Some(&Happened::Ended(Ending::Broken)));
    assert_eq!(line.last().method(), Some("BYE"));
}

#[test]
fn requests_of_strangers_and_of_the_past_are_refused() {
    let mut line = answered();
    line.asked("OPTIONS", 5, "");
    assert_eq!(line.last().status(), Some(200));
    line.asked("REFER", 6, "");
    assert_eq!(line.last().status(), Some(405));
    line.asked("BYE", 4, "");
    assert_eq!(line.last().status(), Some(500));
    let mut stranger = Message::response(&line.sent[0], 200, "x");
    stranger.start = super::super::message::Start::Request { method: "BYE".into(), uri: "sip:x".into() };
    let outputs = line.call.receive(&stranger, line.now);
    line.keep(outputs);
    assert_eq!(line.last().status(), Some(481));
    assert_eq!(line.told.len(), 3);
}

#[test]
fn record_routes_are_followed_backwards() {
    let mut line = Line::new(false);
    line.hear(200, |message| message.with("Record-Route", "<sip:p2;lr>, <sip:p1;lr>"));
    let routes: Vec<_> = line.last().all("Route").collect();
    assert_eq!(routes, ["<sip:p1;lr>", "<sip:p2;lr>"]);
}
