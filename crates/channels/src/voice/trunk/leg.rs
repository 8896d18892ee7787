//! The call to a third party, with whom the called party is connected (spec 4.2, 7411 and 7412). It ends when either side
//! hangs up.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{Instant, sleep_until};

use super::super::rtp::FRAME_MS;
use super::super::rtp::packet::Stream;
use super::super::sdp::{self, Session};
use super::super::sip::call::{Call, Happened, Output};
use super::super::sip::message::Message;
use super::call::{PACKET_BYTES_MAX, words};
use super::dial::{self, Dialled, Registered, Whom};
use super::place::slot;
use super::talk::{Ear, Frame, Mouth};
use super::{Line, Shared};

/// Pieces of talk on their way from one task to the other: more is no talk any more.
const TALK_MAX: usize = 50;

/// What is heard of the third party.
#[derive(Debug)]
pub(super) enum Says {
    /// It picked up.
    Answered,
    /// It says this.
    Talk(Frame),
    /// It is gone, or could not be reached; why.
    Ended(String),
}

/// The called party's side of a bridge. Dropping it hangs the third party up.
#[derive(Debug)]
pub(super) struct Bridge {
    /// What the third party says.
    pub(super) says: mpsc::Receiver<Says>,
    /// What it is to hear.
    pub(super) hears: mpsc::Sender<Frame>,
    /// Reads the called party.
    pub(super) ear: Ear,
    /// Whether the third party has picked up.
    pub(super) is_connected: bool,
}

/// Calls `number`; it shows `caller`.
pub(super) fn start(shared: &Arc<Shared>, line: &Line, number: String, caller: &str, ring_ms: u64) -> Bridge {
    let (says, of_third) = mpsc::channel(TALK_MAX);
    let (hears, for_third) = mpsc::channel(TALK_MAX);
    let start = Start { line: line.clone(), number, caller: caller.to_owned(), ring_ms };
    let task_shared = Arc::clone(shared);
    shared.spawn(async move {
        let shared = task_shared;
        let ended = run(&shared, start, &says, for_third).await;
        shared.note_running();
        // Whoever asked may have hung up.
        let _ = says.send(Says::Ended(ended)).await;
    });
    Bridge { says: of_third, hears, ear: Ear::default(), is_connected: false }
}

struct Start {
    line: Line,
    number: String,
    caller: String,
    ring_ms: u64,
}

/// Runs the call to its end; why it ended.
async fn run(
    shared: &Arc<Shared>,
    start: Start,
    says: &mpsc::Sender<Says>,
    hears: mpsc::Receiver<Frame>,
) -> String {
    let Ok(permit) = slot(shared).await else { return "the trunk has no room for another call".to_owned() };
    let whom = Whom { number: &start.number, caller: &start.caller, ring_ms: start.ring_ms };
    let Dialled { call_id, socket, inbox, setup } = match dial::dial(shared, &start.line, &whom).await {
        Ok(dialled) => dialled,
        Err(why) => return why,
    };
    let _registered = Registered(shared, &call_id);
    if hears.is_closed() {
        return "the called party hung up".to_owned();
    }
    shared.note_running();
    let (call, outputs) = Call::start(setup, shared.now());
    let peer = start.line.peer;
    let mut leg = Leg {
        shared,
        line: start.line,
        peer,
        socket,
        inbox,
        says,
        hears: Some(hears),
        call,
        talk: None,
        tick_at: Instant::now(),
        permit: Some(permit),
        ended: None,
    };
    leg.act(outputs).await;
    leg.go().await
}

/// The third party on the line.
struct Talk {
    session: Session,
    stream: Stream,
    ear: Ear,
    mouth: Mouth,
}

struct Leg<'a> {
    shared: &'a Shared,
    line: Line,
    peer: SocketAddr,
    socket: UdpSocket,
    inbox: mpsc::Receiver<Message>,
    says: &'a mpsc::Sender<Says>,
    /// Gone once the called party is.
    hears: Option<mpsc::Receiver<Frame>>,
    call: Call,
    talk: Option<Talk>,
    tick_at: Instant,
    permit: Option<OwnedSemaphorePermit>,
    ended: Option<String>,
}

/// What woke the task.
enum Woken {
    Message(Option<Message>),
    Time,
    Tick,
    Heard(usize, SocketAddr),
    Frame(Option<Frame>),
    Stop,
}

impl Leg<'_> {
    async fn go(mut self) -> String {
        let mut buffer = [0; PACKET_BYTES_MAX];
        let mut stopping = false;
        while !(self.call.is_over(self.shared.now()) || stopping && self.ended.is_some()) {
            let woken = self.wait(&mut buffer, stopping).await;
            let now = self.shared.now();
            let outputs = match woken {
                Woken::Message(None) => break,
                Woken::Message(Some(message)) => self.call.receive(&message, now),
                Woken::Time => self.call.elapse(now),
                Woken::Tick => self.tick().await,
                Woken::Heard(length, from) => self.hear(&buffer[..length], from),
                Woken::Frame(Some(frame)) => self.say(frame),
                Woken::Frame(None) => {
                    self.hears = None;
                    self.call.hang_up(now)
                }
                Woken::Stop => {
                    stopping = true;
                    self.call.hang_up(now)
                }
            };
            self.act(outputs).await;
        }
        self.ended.unwrap_or_else(|| "the trunk was closed".to_owned())
    }

    async fn wait(&mut self, buffer: &mut [u8], stopping: bool) -> Woken {
        let due = self.call.wakes_at();
        let due = due.map_or_else(|| Instant::now() + Duration::from_secs(3_600), |at| self.shared.at(at));
        let talking = self.talk.is_some();
        let ending = &self.shared.ending;
        let hears = &mut self.hears;
        let frames = async {
            match hears {
                Some(hears) => hears.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            message = self.inbox.recv() => Woken::Message(message),
            () = ending.cancelled(), if !stopping => Woken::Stop,
            () = sleep_until(due) => Woken::Time,
            () = sleep_until(self.tick_at), if talking => Woken::Tick,
            frame = frames => Woken::Frame(frame),
            heard = self.socket.recv_from(buffer), if talking => {
                heard.map_or(Woken::Time, |(length, from)| Woken::Heard(length, from))
            }
        }
    }

    async fn tick(&mut self) -> Vec<Output> {
        self.tick_at += Duration::from_millis(FRAME_MS);
        let Some(talk) = &mut self.talk else { return Vec::new() };
        let to = SocketAddr::new(talk.session.address, talk.session.port);
        if talk.session.listens
            && let Some(packet) = talk.mouth.tick(&mut talk.stream, &talk.session)
        {
            // A lost packet is a click, no more.
            let _ = self.socket.send_to(&packet, to).await;
        }
        Vec::new()
    }

    fn say(&mut self, frame: Frame) -> Vec<Output> {
        if let Some(talk) = &mut self.talk {
            talk.mouth.take(frame);
        }
        Vec::new()
    }

    /// Only the two addresses that have to do with the call are listened to.
    fn hear(&mut self, bytes: &[u8], from: SocketAddr) -> Vec<Output> {
        if let Some(talk) = &mut self.talk
            && (from.ip() == talk.session.address || from.ip() == self.peer.ip())
            && let Some(frame) = talk.ear.hear(bytes, &talk.session)
        {
            // Who does not keep up misses what is no talk any more.
            let _ = self.says.try_send(Says::Talk(frame));
        }
        Vec::new()
    }

    async fn act(&mut self, outputs: Vec<Output>) {
        let mut outputs = std::collections::VecDeque::from(outputs);
        while let Some(output) = outputs.pop_front() {
            match output {
                Output::Send(bytes) => self.shared.send(&self.line, &bytes).await,
                Output::Tell(happened) => outputs.extend(self.happened(happened).await),
            }
        }
    }

    async fn happened(&mut self, happened: Happened) -> Vec<Output> {
        match happened {
            Happened::Trying | Happened::Ringing => {}
            Happened::Answered(body) => {
                let Some(session) = sdp::read(&body) else { return self.call.break_off(self.shared.now()) };
                let stream = Stream::new(self.shared.draw());
                let (ear, mouth) = (Ear::default(), Mouth::default());
                self.talk = Some(Talk { session, stream, ear, mouth });
                self.tick_at = Instant::now();
                // The called party may have hung up; the task hears of it next.
                let _ = self.says.send(Says::Answered).await;
            }
            Happened::Changed(body) => {
                if let (Some(talk), Some(session)) = (&mut self.talk, sdp::read(&body)) {
                    talk.session = session;
                }
            }
            Happened::Ended(ending) => {
                let why = words(&ending);
                // Told at once: the task stays to answer what is repeated.
                let _ = self.says.send(Says::Ended(why.clone())).await;
                (self.talk, self.hears, self.permit, self.ended) = (None, None, None, Some(why));
            }
        }
        Vec::new()
    }
}
