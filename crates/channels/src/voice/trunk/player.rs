//! What a call plays and hears, without a clock or a socket: every 20 ms one packet out, packets in at any time.

use std::sync::Arc;

use super::super::flow::{Action, Plan, Signal, Walk};
use super::super::rtp::dtmf::Keys;
use super::super::rtp::packet::{self, Stream};
use super::super::rtp::{FRAME, FRAME_MS, g711, ringback};
use super::super::sdp::Session;
use super::talk::{Frame, Mouth};

/// What is being done.
#[derive(Clone, Debug)]
enum Doing {
    Playing {
        sound: Arc<[u8]>,
        from: usize,
    },
    Waiting {
        frames: u64,
    },
    /// A third party is to be called.
    Connecting {
        number: String,
        ring_ms: u64,
    },
    /// It rings there; where the tone is.
    Ringing {
        from: usize,
    },
    /// The third party talks.
    Bridged(Mouth),
    Nothing,
}

/// The sound of one call.
#[derive(Debug)]
pub(super) struct Player {
    session: Session,
    walk: Walk,
    doing: Doing,
    stream: Stream,
    keys: Keys,
}

impl Player {
    pub(super) fn start(plan: Arc<Plan>, session: Session, random: u64) -> Self {
        let (walk, first) = Walk::start(plan);
        let mut player =
            Self { session, walk, doing: Doing::Nothing, stream: Stream::new(random), keys: Keys::default() };
        player.act(first);
        player
    }

    /// The far side changed the session.
    pub(super) const fn change(&mut self, session: Session) {
        self.session = session;
    }

    pub(super) const fn session(&self) -> &Session {
        &self.session
    }

    /// Whether the flow wants the call to end.
    pub(super) const fn is_done(&self) -> bool {
        matches!(self.doing, Doing::Nothing)
    }

    /// What was collected: step and digits.
    pub(super) fn noted(&self) -> &[(String, String)] {
        self.walk.noted()
    }

    /// The packet of the next 20 ms; none on hold, while the flow stands still.
    pub(super) fn tick(&mut self) -> Option<Vec<u8>> {
        if !self.session.listens {
            self.stream.pause(FRAME);
            return None;
        }
        let codec = self.session.codec;
        let silence = g711::silence(codec);
        let (mut payload, ended) = match &mut self.doing {
            Doing::Playing { sound, from } => {
                let end = (*from + FRAME).min(sound.len());
                let payload = g711::recoded(&sound[*from..end], codec);
                *from = end;
                (payload, end == sound.len())
            }
            Doing::Waiting { frames } => {
                *frames = frames.saturating_sub(1);
                (Vec::new(), *frames == 0)
            }
            Doing::Ringing { from } => {
                let tone = ringback::turn();
                let payload = g711::recoded(&tone[*from..*from + FRAME], codec);
                *from = (*from + FRAME) % tone.len();
                (payload, false)
            }
            Doing::Connecting { .. } => (Vec::new(), false),
            Doing::Bridged(mouth) => return mouth.tick(&mut self.stream, &self.session),
            Doing::Nothing => return None,
        };
        payload.resize(FRAME, silence);
        let packet = self.stream.packet(codec.payload_type(), &payload);
        if ended {
            self.signal(Signal::Done);
        }
        Some(packet)
    }

    /// Takes a packet of the far side.
    pub(super) fn hear(&mut self, bytes: &[u8]) {
        let Some(incoming) = packet::read(bytes) else { return };
        if Some(incoming.payload_type) == self.session.events
            && let Some(key) = self.keys.hear(incoming.timestamp, incoming.payload)
        {
            self.signal(Signal::Key(key));
        }
    }

    /// Whom the flow wants to be connected with, and how long it may ring there; once. The ringing tone is heard from now on.
    pub(super) fn take_connection(&mut self) -> Option<(String, u64)> {
        if !matches!(self.doing, Doing::Connecting { .. }) {
            return None;
        }
        match std::mem::replace(&mut self.doing, Doing::Ringing { from: 0 }) {
            Doing::Connecting { number, ring_ms } => Some((number, ring_ms)),
            _ => None,
        }
    }

    /// The third party answered.
    pub(super) fn bridge(&mut self) {
        self.doing = Doing::Bridged(Mouth::default());
    }

    /// The third party said something.
    pub(super) fn pass(&mut self, frame: Frame) {
        if let Doing::Bridged(mouth) = &mut self.doing {
            mouth.take(frame);
        }
    }

    /// The third party is gone, or never came.
    pub(super) fn part(&mut self, was_connected: bool) {
        self.signal(if was_connected { Signal::Done } else { Signal::Unreached });
    }

    fn signal(&mut self, signal: Signal) {
        if let Some(action) = self.walk.signal(signal) {
            self.act(action);
        }
    }

    fn act(&mut self, action: Action) {
        self.doing = match action {
            Action::Play(sound) if sound.is_empty() => Doing::Waiting { frames: 1 },
            Action::Play(sound) => Doing::Playing { sound, from: 0 },
            Action::Wait(ms) => Doing::Waiting { frames: ms.div_ceil(FRAME_MS) },
            Action::Connect { number, ring_ms } => Doing::Connecting { number, ring_ms },
            Action::HangUp => Doing::Nothing,
        };
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::super::flow::{Flow, Sound};
    use super::super::super::sdp::{self, Local};
    use super::*;

    fn session() -> Session {
        let local = Local { address: [127, 0, 0, 1].into(), port: 4_000, id: 1 };
        sdp::read(&sdp::offer(&local)).unwrap()
    }

    fn player(flow: Flow, octets: usize) -> Player {
        let sound = Arc::from(vec![7u8; octets].as_slice());
        let sounds = HashMap::from([(Sound::Prompt("p".into()), sound)]);
        Player::start(Arc::new(Plan { flow: Arc::new(flow), sounds }), session(), 1)
    }

    #[test]
    fn a_prompt_goes_out_in_frames_and_its_rest_is_silence() {
        let mut player = player(Flow::of_sound(Sound::Prompt("p".into())), 200);
        let first = player.tick().unwrap();
        assert_eq!(&first[12..], [7; 160]);
        assert!(!player.is_done());
        let second = player.tick().unwrap();
        assert_eq!((&second[12..52], &second[52..]), ([7; 40].as_slice(), [0xff; 120].as_slice()));
        assert!(player.is_done());
        assert_eq!(player.tick(), None);
    }

    #[test]
    fn on_hold_nothing_is_lost() {
        let mut player = player(Flow::of_sound(Sound::Prompt("p".into())), 160);
        player.change(Session { listens: false, ..session() });
        assert_eq!((player.tick(), player.tick()), (None, None));
        player.change(session());
        assert_eq!(&player.tick().unwrap()[12..], [7; 160]);
    }

    #[test]
    fn keys_are_heard_on_the_payload_type_that_was_agreed() {
        let text =
            r#"{"start":"ask","steps":{"ask":{"do":"collect","digits":1,"wait_ms":40,"otherwise":null}}}"#;
        let mut player = player(Flow::read(text).unwrap(), 0);
        let mut stream = Stream::new(9);
        player.hear(&stream.packet(96, &[5, 0x0a, 0, 160]));
        assert!(!player.is_done());
        player.hear(&stream.packet(101, &[5, 0x0a, 0, 160]));
        assert!(player.is_done());
        assert_eq!(player.noted(), [("ask".to_owned(), "5".to_owned())]);
    }

    #[test]
    fn a_connection_is_asked_for_once_rung_for_and_talked_through() {
        let text = r#"{"start":"a","steps":{"a":{"do":"connect","number":"+4930","ring_s":7,"next":"b"},
            "b":{"do":"pause","ms":20}}}"#;
        let mut player = player(Flow::read(text).unwrap(), 0);
        assert_eq!(player.take_connection(), Some(("+4930".to_owned(), 7_000)));
        assert_eq!(player.take_connection(), None);
        assert_eq!(&player.tick().unwrap()[12..], &ringback::turn()[..160]);
        player.pass(Frame::Sound(vec![9; 160]));
        player.bridge();
        assert_eq!(player.tick(), None, "what came before the answer is not heard");
        player.pass(Frame::Sound(vec![8; 160]));
        assert_eq!(&player.tick().unwrap()[12..], [8; 160]);
        player.part(true);
        assert!(!player.is_done());
        assert_eq!(&player.tick().unwrap()[12..], [0xff; 160]);
        assert!(player.is_done());
    }

    #[test]
    fn waiting_is_silence_of_its_length() {
        let text = r#"{"start":"a","steps":{"a":{"do":"pause","ms":50}}}"#;
        let mut player = player(Flow::read(text).unwrap(), 0);
        let frames = std::iter::from_fn(|| player.tick()).count();
        assert_eq!(frames, 3);
    }
}
