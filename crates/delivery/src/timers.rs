//! What is to be looked at again, and when: at most one time for each thing.

use std::collections::{BTreeSet, HashMap};

use waypost_core::time::Micros;

/// A thing that waits for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Timer {
    /// A destination's next token, or its breaker's next probe.
    Dest(i64),
    /// A sender's next token.
    Sender(i64),
    /// A queue's next stored row may be claimed.
    Due(i64),
    /// A queue's items in memory come to the end of their lease.
    Sweep(i64),
}

/// The times, in order.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    order: BTreeSet<(Micros, Timer)>,
    at: HashMap<Timer, Micros>,
}

impl Timers {
    /// Sets the one time of `timer`, or clears it.
    pub(crate) fn set(&mut self, timer: Timer, at: Option<Micros>) {
        let before = match at {
            Some(at) => self.at.insert(timer, at),
            None => self.at.remove(&timer),
        };
        if before == at {
            return;
        }
        if let Some(before) = before {
            self.order.remove(&(before, timer));
        }
        if let Some(at) = at {
            self.order.insert((at, timer));
        }
    }

    /// Sets it only when it is not set, or set later.
    pub(crate) fn set_sooner(&mut self, timer: Timer, at: Micros) {
        if self.at.get(&timer).is_none_or(|&before| at < before) {
            self.set(timer, Some(at));
        }
    }

    /// The earliest time.
    pub(crate) fn first(&self) -> Option<Micros> {
        self.order.first().map(|&(at, _)| at)
    }

    /// Takes out the earliest that is due.
    pub(crate) fn pop_due(&mut self, now: Micros) -> Option<Timer> {
        let &(at, timer) = self.order.first()?;
        if at > now {
            return None;
        }
        self.order.pop_first();
        self.at.remove(&timer);
        Some(timer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_has_one_time_and_they_come_due_in_order() {
        let mut timers = Timers::default();
        timers.set(Timer::Dest(1), Some(Micros(30)));
        timers.set(Timer::Due(2), Some(Micros(20)));
        timers.set_sooner(Timer::Dest(1), Micros(40));
        timers.set_sooner(Timer::Dest(1), Micros(10));
        timers.set(Timer::Sender(3), Some(Micros(5)));
        timers.set(Timer::Sender(3), None);
        assert_eq!((timers.first(), timers.pop_due(Micros(9))), (Some(Micros(10)), None));
        assert_eq!(timers.pop_due(Micros(25)), Some(Timer::Dest(1)));
        assert_eq!(timers.pop_due(Micros(25)), Some(Timer::Due(2)));
        assert_eq!((timers.first(), timers.pop_due(Micros::MAX)), (None, None));
    }
}
