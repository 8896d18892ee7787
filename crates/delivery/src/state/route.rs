//! The way of a queue: destination, sender, active.

use waypost_core::time::Micros;

use super::State;
use crate::queue::Place;
use crate::timers::Timer;

impl<P> State<P> {
    /// Sets a queue on its way when it has something to send and is not on it.
    pub(super) fn route(&mut self, id: i64, now: Micros) {
        let Some(queue) = self.queues.get_mut(&id) else { return };
        if queue.place != Place::Idle || !queue.items.has_ready() {
            return;
        }
        queue.place = Place::Dest;
        let dest = queue.key.dest;
        if let (Some(entry), Some(dest)) = (self.entry_of(id), self.dests.get_mut(&dest)) {
            dest.parked.push(entry);
        }
        self.pump_dest(dest, now);
    }

    /// Lets through as many parked queues as the destination has room for.
    pub(super) fn pump_dest(&mut self, id: i64, now: Micros) {
        while let Some(dest) = self.dests.get_mut(&id) {
            if dest.parked.is_empty() || dest.room(&self.policy, now).is_err() {
                break;
            }
            let Some(queue) = dest.parked.pop() else { break };
            self.pass_sender(queue, id, now);
        }
        self.arm_dest(id, now);
    }

    /// The queue has its destination's word; with the sender's it is active.
    fn pass_sender(&mut self, id: i64, dest: i64, now: Micros) {
        let Some(entry) = self.entry_of(id) else { return };
        let Some(queue) = self.queues.get_mut(&id) else { return };
        let mut by_sender = false;
        if let Some(sender) = self.senders.get_mut(&queue.key.sender) {
            if !sender.has_room(now) {
                queue.place = Place::Sender;
                sender.parked.push(entry);
                let sender = queue.key.sender;
                return self.arm_sender(sender, now);
            }
            sender.granted += 1;
            by_sender = true;
        }
        queue.place = Place::Active { by_sender };
        if let Some(dest) = self.dests.get_mut(&dest) {
            dest.granted += 1;
        }
        self.active.push(entry);
    }

    /// Lets queues that waited for the sender go back to their destinations, while it has tokens for them.
    pub(super) fn pump_sender(&mut self, id: i64, now: Micros) {
        // Each turn takes one queue out; those that come back find no room and end the loop.
        while let Some(sender) = self.senders.get_mut(&id) {
            if !sender.has_room(now) {
                break;
            }
            let Some(queue) = sender.parked.pop() else { break };
            self.unpark(queue, now);
        }
        self.arm_sender(id, now);
    }

    /// A queue that was just taken out of a sender's list starts again.
    pub(super) fn unpark(&mut self, id: i64, now: Micros) {
        if let Some(queue) = self.queues.get_mut(&id) {
            queue.place = Place::Idle;
        }
        self.route(id, now);
    }

    fn arm_dest(&mut self, id: i64, now: Micros) {
        let Some(dest) = self.dests.get_mut(&id) else { return };
        let shut = !dest.parked.is_empty() && dest.room(&self.policy, now).is_err();
        dest.shut_since = if shut { dest.shut_since.or(Some(now)) } else { None };
        let at = dest.wake_at(now);
        self.timers.set(Timer::Dest(id), at);
    }

    pub(super) fn arm_sender(&mut self, id: i64, now: Micros) {
        let Some(sender) = self.senders.get_mut(&id) else { return };
        let shut = !sender.parked.is_empty() && !sender.has_room(now);
        sender.shut_since = if shut { sender.shut_since.or(Some(now)) } else { None };
        let at = sender.wake_at(now);
        self.timers.set(Timer::Sender(id), at);
    }
}
