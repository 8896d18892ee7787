//! The called party's side of a call to a third party.

use super::*;
use crate::voice::sdp::Session;
use crate::voice::trunk::leg;

/// Told when the third party picked up, and when it is gone.
const CONNECTED: u16 = 7411;
const RELEASED: u16 = 7412;

/// What the third party says next; never, without one.
pub(super) async fn says(bridge: &mut Option<Bridge>) -> Option<Says> {
    match bridge {
        Some(bridge) => bridge.says.recv().await,
        None => std::future::pending().await,
    }
}

/// Passes on what the called party says.
pub(super) fn hear(bridge: &mut Bridge, bytes: &[u8], session: &Session) {
    if let Some(frame) = bridge.ear.hear(bytes, session).filter(|_| bridge.is_connected) {
        // Who does not keep up misses what is no talk any more.
        let _ = bridge.hears.try_send(frame);
    }
}

impl Task<'_> {
    /// Calls the third party, when the flow has come to that.
    pub(super) fn connect(&mut self) {
        let wanted = self.player.as_mut().and_then(Player::take_connection);
        if let Some((number, ring_ms)) = wanted {
            self.bridge = Some(leg::start(self.shared, &self.line, number, &self.caller, ring_ms));
        }
    }

    /// Takes what is heard of the third party.
    pub(super) fn third(&mut self, says: Option<Says>, now: u64) -> Vec<Output> {
        let Some(player) = &mut self.player else {
            self.bridge = None;
            return Vec::new();
        };
        match says {
            Some(Says::Answered) => {
                player.bridge();
                self.bridge.iter_mut().for_each(|bridge| bridge.is_connected = true);
                self.tell(CONNECTED, "connected with the third party");
                return Vec::new();
            }
            Some(Says::Talk(frame)) => {
                player.pass(frame);
                return Vec::new();
            }
            Some(Says::Ended(why)) => self.released(&why),
            None => self.released("the third party's task ended"),
        }
        match &self.player {
            Some(player) if player.is_done() => self.call.hang_up(now),
            _ => Vec::new(),
        }
    }

    /// The third party is gone: the flow goes on.
    fn released(&mut self, why: &str) {
        let was_connected = self.unbridge(why);
        if let Some(player) = &mut self.player {
            player.part(was_connected);
        }
    }

    /// Ends the bridge, if there is one; whether the third party was connected.
    pub(super) fn unbridge(&mut self, why: &str) -> bool {
        let Some(bridge) = self.bridge.take() else { return false };
        if bridge.is_connected {
            self.tell(RELEASED, why);
        } else if !self.lost {
            self.listener.unreached(why);
        }
        bridge.is_connected
    }
}
