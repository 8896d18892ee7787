//! The task of one call: the machine's clock, its messages, and the sound while somebody listens.

mod bridging;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::super::flow::Plan;
use super::super::meters;
use super::super::outcomes::Outcomes;
use super::super::rtp::FRAME_MS;
use super::super::sdp;
use super::super::sip::call::{Call, Ending, Happened, Output, Setup};
use super::super::sip::message::Message;
use super::dial::Registered;
use super::leg::{Bridge, Says};
use super::place::{First, Listener, OTHERS, is_of_callee, trunk_fault};
use super::player::Player;
use super::{Line, Shared};

/// How long the next hop may say no more than "trying" before the call counts as placed: another trunk is out then.
const TRYING_MS: u64 = 5_000;
/// Told when the network accepted the call.
const ACCEPTED: u16 = 7408;
/// Told when somebody picked up.
const ANSWERED: u16 = 7519;
/// The longest packet that is heard.
pub(super) const PACKET_BYTES_MAX: usize = 2_048;

/// What a call task is given.
pub(super) struct Running {
    pub(super) shared: Arc<Shared>,
    pub(super) call_id: String,
    pub(super) line: Line,
    pub(super) socket: UdpSocket,
    pub(super) inbox: mpsc::Receiver<Message>,
    pub(super) plan: Arc<Plan>,
    pub(super) listener: Arc<dyn Listener>,
    pub(super) caller: String,
    pub(super) first: Option<oneshot::Sender<First>>,
    pub(super) deadline_ms: u64,
    pub(super) permit: Option<OwnedSemaphorePermit>,
}

/// Runs a call to its end.
pub(super) async fn run(running: Running, setup: Setup) {
    let shared = Arc::clone(&running.shared);
    let call_id = running.call_id.clone();
    let _registered = Registered(&shared, &call_id);
    let now = shared.now();
    let (call, outputs) = Call::start(setup, now);
    let Running { line, socket, inbox, plan, listener, caller, first, deadline_ms, permit, .. } = running;
    let mut task = Task {
        shared: &shared,
        line,
        socket: Some(socket),
        inbox,
        plan,
        listener,
        caller,
        first,
        permit,
        call,
        player: None,
        bridge: None,
        tick_at: Instant::now(),
        is_accepted: false,
        is_answered: false,
        decide_at: Some(now + deadline_ms),
        ends_at: None,
        lost: false,
    };
    task.act(outputs).await;
    task.go().await;
}

struct Task<'a> {
    shared: &'a Arc<Shared>,
    line: Line,
    /// The port for the sound; gone once the call has ended.
    socket: Option<UdpSocket>,
    inbox: mpsc::Receiver<Message>,
    plan: Arc<Plan>,
    listener: Arc<dyn Listener>,
    /// Who calls; shown to a third party, too.
    caller: String,
    first: Option<oneshot::Sender<First>>,
    permit: Option<OwnedSemaphorePermit>,
    call: Call,
    player: Option<Player>,
    /// The third party, while there is one.
    bridge: Option<Bridge>,
    tick_at: Instant,
    is_accepted: bool,
    is_answered: bool,
    /// When the order's answer is due.
    decide_at: Option<u64>,
    /// When an answered call has lasted long enough.
    ends_at: Option<u64>,
    /// The hand-over was given up: what follows is told to nobody.
    lost: bool,
}

/// What woke the task.
enum Woken {
    Message(Option<Message>),
    Time,
    Tick,
    Heard(usize, SocketAddr),
    /// The third party.
    Third(Option<Says>),
    Stop,
}

impl Task<'_> {
    async fn go(mut self) {
        let mut buffer = [0; PACKET_BYTES_MAX];
        let mut stopping = false;
        while !self.call.is_over(self.shared.now()) {
            if stopping && self.permit.is_none() {
                // It has ended, and nobody waits for repetitions any more.
                return;
            }
            let woken = self.wait(&mut buffer, stopping).await;
            let now = self.shared.now();
            let outputs = match woken {
                Woken::Message(None) => return,
                Woken::Message(Some(message)) => self.call.receive(&message, now),
                Woken::Time => self.elapse(now),
                Woken::Tick => self.tick(now).await,
                Woken::Heard(length, from) => {
                    self.hear(&buffer[..length], from);
                    Vec::new()
                }
                Woken::Third(says) => self.third(says, now),
                Woken::Stop => {
                    stopping = true;
                    self.call.hang_up(now)
                }
            };
            self.act(outputs).await;
            self.connect();
        }
    }

    async fn wait(&mut self, buffer: &mut [u8], stopping: bool) -> Woken {
        let due = [self.call.wakes_at(), self.decide_at, self.ends_at].into_iter().flatten().min();
        let due = due.map_or_else(|| Instant::now() + Duration::from_secs(3_600), |at| self.shared.at(at));
        let playing = self.player.is_some();
        let ending = &self.shared.ending;
        let (socket, inbox) = (self.socket.as_ref(), &mut self.inbox);
        let third = bridging::says(&mut self.bridge);
        let hears = async {
            match socket {
                Some(socket) if playing => socket.recv_from(buffer).await,
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            message = inbox.recv() => Woken::Message(message),
            () = ending.cancelled(), if !stopping => Woken::Stop,
            () = sleep_until(due) => Woken::Time,
            () = sleep_until(self.tick_at), if playing => Woken::Tick,
            says = third => Woken::Third(says),
            heard = hears => heard.map_or(Woken::Tick, |(length, from)| Woken::Heard(length, from)),
        }
    }

    fn elapse(&mut self, now: u64) -> Vec<Output> {
        let mut outputs = self.call.elapse(now);
        if self.decide_at.is_some_and(|at| at <= now) {
            self.decide_at = None;
            if self.is_tried() {
                self.placed();
            } else {
                self.give_up("the trunk did not answer in time");
                outputs.extend(self.call.hang_up(now));
            }
        }
        if self.ends_at.is_some_and(|at| at <= now) {
            self.ends_at = None;
            outputs.extend(self.call.hang_up(now));
        }
        outputs
    }

    fn is_tried(&self) -> bool {
        self.call.is_tried()
    }

    async fn tick(&mut self, now: u64) -> Vec<Output> {
        self.tick_at += Duration::from_millis(FRAME_MS);
        let Some(player) = &mut self.player else { return Vec::new() };
        let to = SocketAddr::new(player.session().address, player.session().port);
        if let (Some(packet), Some(socket)) = (player.tick(), &self.socket) {
            // A lost packet is a click, no more.
            let _ = socket.send_to(&packet, to).await;
        }
        if player.is_done() { self.call.hang_up(now) } else { Vec::new() }
    }

    /// Only the two addresses that have to do with the call are listened to.
    fn hear(&mut self, bytes: &[u8], from: SocketAddr) {
        let peer = self.line.peer.ip();
        if let Some(player) = &mut self.player
            && (from.ip() == player.session().address || from.ip() == peer)
        {
            match &mut self.bridge {
                Some(bridge) => bridging::hear(bridge, bytes, player.session()),
                None => player.hear(bytes),
            }
        }
    }

    async fn act(&mut self, outputs: Vec<Output>) {
        let mut outputs = std::collections::VecDeque::from(outputs);
        while let Some(output) = outputs.pop_front() {
            match output {
                Output::Send(bytes) => self.shared.send(&self.line, &bytes).await,
                Output::Tell(happened) => outputs.extend(self.happened(happened)),
            }
        }
    }

    fn happened(&mut self, happened: Happened) -> Vec<Output> {
        match happened {
            Happened::Trying => {
                let soon = self.shared.now() + TRYING_MS;
                self.decide_at = self.decide_at.map(|at| at.min(soon));
            }
            Happened::Ringing => self.accepted("ringing"),
            Happened::Answered(body) => return self.answered(&body),
            Happened::Changed(body) => {
                if let (Some(player), Some(session)) = (&mut self.player, sdp::read(&body)) {
                    player.change(session);
                }
            }
            Happened::Ended(ending) => self.ended(&ending),
        }
        Vec::new()
    }

    fn answered(&mut self, body: &[u8]) -> Vec<Output> {
        self.accepted("answered");
        self.tell(ANSWERED, "answered");
        self.is_answered = true;
        let now = self.shared.now();
        let Some(session) = sdp::read(body) else { return self.call.break_off(now) };
        self.ends_at = Some(now + u64::from(self.shared.config.call_max_s) * 1_000);
        self.player = Some(Player::start(Arc::clone(&self.plan), session, self.shared.draw()));
        self.tick_at = Instant::now();
        Vec::new()
    }

    fn placed(&mut self) {
        self.decide_at = None;
        if let Some(first) = self.first.take() {
            // Whoever asked may have gone; the call goes on and its listener hears of it.
            let _ = first.send(First::Placed);
        }
    }

    fn give_up(&mut self, why: &str) {
        self.failed(OTHERS, why);
    }

    fn failed(&mut self, code: u16, why: &str) {
        self.decide_at = None;
        self.lost = true;
        if let Some(first) = self.first.take() {
            let _ = first.send(First::Failed(code, why.to_owned()));
        }
    }

    fn accepted(&mut self, why: &str) {
        self.placed();
        if !std::mem::replace(&mut self.is_accepted, true) {
            self.tell(ACCEPTED, why);
        }
    }

    fn tell(&self, code: u16, detail: &str) {
        if !self.lost {
            self.listener.told(code, detail);
        }
    }

    fn ended(&mut self, ending: &Ending) {
        if let (Some(_), Some((code, why))) = (&self.first, fault(ending)) {
            self.failed(code, &why);
        }
        let codes = Outcomes::built_in().of(ending);
        if is_of_callee(codes) {
            self.accepted("refused by the called party");
        }
        self.placed();
        let words = words(ending);
        self.unbridge(&words);
        if let Some(player) = &self.player {
            for (step, digits) in player.noted() {
                self.note(step, digits);
            }
        }
        for code in codes {
            self.tell(*code, &words);
        }
        if !self.lost {
            let outcome = if self.is_answered { ANSWERED } else { codes.last().copied().unwrap_or(OTHERS) };
            meters::ended(&self.shared.config.name, outcome);
            self.listener.over();
        }
        // Port and place are free at once; the task stays to answer what is repeated.
        (self.player, self.socket, self.permit, self.ends_at) = (None, None, None, None);
        self.shared.note_running();
    }

    fn note(&self, step: &str, digits: &str) {
        if !self.lost {
            self.listener.collected(step, digits);
        }
    }
}

/// Whether an end before anything was heard of the call is the trunk's fault.
fn fault(ending: &Ending) -> Option<(u16, String)> {
    match ending {
        Ending::Refused { status, reason } => Some((trunk_fault(*status)?, format!("{status} {reason}"))),
        Ending::NoReply => Some((OTHERS, "no reply".to_owned())),
        Ending::GivenUp => Some((OTHERS, "given up".to_owned())),
        _ => None,
    }
}

pub(super) fn words(ending: &Ending) -> String {
    match ending {
        Ending::Refused { status, reason } => format!("{status} {reason}"),
        Ending::NoReply => "no reply".to_owned(),
        Ending::RangOut => "it rang until the trunk's patience was over".to_owned(),
        Ending::GivenUp => "given up while ringing".to_owned(),
        Ending::CutWhileRinging => "cut while ringing".to_owned(),
        Ending::HungUpThere => "the called party hung up".to_owned(),
        Ending::HungUpHere => "the whole message was heard".to_owned(),
        Ending::Broken => "the session was lost".to_owned(),
    }
}
