//! What two parties of a bridged call say to each other: packets of the one become frames, and frames become packets of
//! the other, on the other's clock and in the law and the event number that it agreed to.

use std::collections::VecDeque;

use super::super::rtp::packet::{self, Stream};
use super::super::rtp::{FRAME, g711};
use super::super::sdp::{Codec, Session};

/// Frames that wait for their turn: what is older than this is no talk any more.
const WAITING_MAX: usize = 10;
/// Octets of sound in a frame at most: a tenth of a second.
const SOUND_MAX: usize = 800;
/// Octets of a telephone event.
const EVENT_BYTES: usize = 4;

/// A piece of what one party says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// Sound, µ-law.
    Sound(Vec<u8>),
    /// A packet of a key press.
    Key { payload: Vec<u8>, begins: bool },
}

/// Reads one party's packets.
#[derive(Debug, Default)]
pub(super) struct Ear {
    /// When the press heard last began.
    press: Option<u32>,
}

impl Ear {
    /// What a packet says; `None` when it is none of the agreed kinds.
    pub(super) fn hear(&mut self, bytes: &[u8], session: &Session) -> Option<Frame> {
        let incoming = packet::read(bytes)?;
        if Some(incoming.payload_type) == session.events {
            let payload = incoming.payload.get(..EVENT_BYTES)?.to_vec();
            let begins = self.press.replace(incoming.timestamp) != Some(incoming.timestamp);
            return Some(Frame::Key { payload, begins });
        }
        let codec = [Codec::Pcmu, Codec::Pcma]
            .into_iter()
            .find(|codec| codec.payload_type() == incoming.payload_type)?;
        let fits = (1..=SOUND_MAX).contains(&incoming.payload.len());
        fits.then(|| Frame::Sound(g711::decoded(incoming.payload, codec)))
    }
}

/// Says to the one party what the other said.
#[derive(Clone, Debug, Default)]
pub(super) struct Mouth {
    waiting: VecDeque<Frame>,
}

impl Mouth {
    /// Takes what the other party said; of too much the oldest goes.
    pub(super) fn take(&mut self, frame: Frame) {
        if self.waiting.len() == WAITING_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back(frame);
    }

    /// The packet of the next 20 ms; none when the other party is silent.
    pub(super) fn tick(&mut self, stream: &mut Stream, session: &Session) -> Option<Vec<u8>> {
        match (self.waiting.pop_front(), session.events) {
            (Some(Frame::Sound(sound)), _) => {
                Some(stream.packet(session.codec.payload_type(), &g711::recoded(&sound, session.codec)))
            }
            (Some(Frame::Key { payload, begins }), Some(kind)) => {
                Some(stream.event(kind, &payload, begins, FRAME))
            }
            // Who does not know telephone events does not hear keys.
            (Some(Frame::Key { .. }) | None, _) => {
                stream.pause(FRAME);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sdp::{self, Local};
    use super::*;

    fn session(codec: Codec, events: Option<u8>) -> Session {
        let local = Local { address: [127, 0, 0, 1].into(), port: 4_000, id: 1 };
        Session { codec, events, ..sdp::read(&sdp::offer(&local)).unwrap() }
    }

    #[test]
    fn sound_arrives_in_the_law_of_the_listener() {
        let (speaker, listener) = (session(Codec::Pcma, None), session(Codec::Pcmu, None));
        let (mut from, mut to) = (Stream::new(1), Stream::new(2));
        let (mut ear, mut mouth) = (Ear::default(), Mouth::default());
        mouth.take(ear.hear(&from.packet(8, &g711::recoded(&[0x12; 160], Codec::Pcma)), &speaker).unwrap());
        let heard = mouth.tick(&mut to, &listener).unwrap();
        let heard = packet::read(&heard).unwrap();
        assert_eq!((heard.payload_type, heard.payload.len()), (0, 160));
        let near =
            heard.payload.iter().all(|octet| (g711::from_ulaw(*octet) - g711::from_ulaw(0x12)).abs() < 1_000);
        assert!(near, "{:?}", heard.payload);
        assert_eq!(mouth.tick(&mut to, &listener), None);
    }

    #[test]
    fn a_key_keeps_its_moment_and_takes_the_listeners_number() {
        let (speaker, listener) = (session(Codec::Pcmu, Some(96)), session(Codec::Pcmu, Some(101)));
        let (mut from, mut to) = (Stream::new(1), Stream::new(2));
        let (mut ear, mut mouth) = (Ear::default(), Mouth::default());
        for begins in [true, false, false] {
            let packet = from.event(96, &[5, 10, 0, 160], begins, 160);
            mouth.take(ear.hear(&packet, &speaker).unwrap());
        }
        let sent: Vec<Vec<u8>> = (0..3).map(|_| mouth.tick(&mut to, &listener).unwrap()).collect();
        let moments: Vec<u32> = sent.iter().map(|packet| packet::read(packet).unwrap().timestamp).collect();
        assert_eq!((sent[0][1], sent[1][1], sent[2][1]), (0x80 | 101, 101, 101));
        assert!(moments.iter().all(|moment| *moment == moments[0]), "{moments:?}");
    }

    #[test]
    fn who_does_not_know_keys_hears_none_and_strange_packets_are_nothing() {
        let (mut ear, mut mouth, mut to) = (Ear::default(), Mouth::default(), Stream::new(2));
        let deaf = session(Codec::Pcmu, None);
        mouth.take(Frame::Key { payload: vec![5, 10, 0, 160], begins: true });
        assert_eq!(mouth.tick(&mut to, &deaf), None);
        let mut from = Stream::new(1);
        for (kind, payload) in [(18, vec![1; 20]), (0, Vec::new()), (0, vec![1; 801])] {
            assert_eq!(ear.hear(&from.packet(kind, &payload), &deaf), None);
        }
    }

    #[test]
    fn of_too_much_the_oldest_goes() {
        let (mut mouth, mut to) = (Mouth::default(), Stream::new(2));
        for n in 0..12 {
            mouth.take(Frame::Sound(vec![n; 160]));
        }
        let first = mouth.tick(&mut to, &session(Codec::Pcmu, None)).unwrap();
        assert_eq!(first[12], 2);
    }
}
