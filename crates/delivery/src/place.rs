//! The two gates an item passes: its destination's and its sender's.
//!
//! A queue that could send waits at its destination (`parked`). The destination lets as many queues through as
//! it has room for ("grants"), fairly, so that a full destination costs nothing until it has room again. A
//! queue whose sender has no token waits at the sender instead and gives the grant back.

use waypost_core::time::Micros;

use crate::breaker::{Breaker, Gate};
use crate::bucket::Bucket;
use crate::fair::Fair;
use crate::policy::Policy;

/// Why a gate lets nothing through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shut {
    Breaker,
    InFlight,
    Rate,
}

#[derive(Debug)]
pub(crate) struct Dest {
    pub(crate) breaker: Breaker,
    pub(crate) bucket: Option<Bucket>,
    pub(crate) in_flight: usize,
    pub(crate) in_flight_max: Option<usize>,
    /// Items in memory of all its queues: waiting, in flight and reserved.
    pub(crate) held: usize,
    /// Queues that were let through and have not sent yet.
    pub(crate) granted: usize,
    pub(crate) parked: Fair,
    /// Since when parked queues find no room.
    pub(crate) shut_since: Option<Micros>,
}

impl Dest {
    pub(crate) fn new(now: Micros) -> Self {
        Self {
            breaker: Breaker::new(now),
            bucket: None,
            in_flight: 0,
            in_flight_max: None,
            held: 0,
            granted: 0,
            parked: Fair::default(),
            shut_since: None,
        }
    }

    /// How many more queues may be let through now, or why none.
    pub(crate) fn room(&mut self, policy: &Policy, now: Micros) -> Result<usize, Shut> {
        let most = match self.breaker.gate(now) {
            Gate::Open => usize::MAX,
            Gate::Probe => 1,
            Gate::Probing | Gate::ShutUntil(_) => return Err(Shut::Breaker),
        };
        let in_flight =
            self.in_flight_max.unwrap_or(policy.dest_in_flight_max).saturating_sub(self.in_flight);
        let tokens = self.bucket.as_mut().map_or(usize::MAX, |bucket| bucket.tokens(now));
        let least = |room: usize, shut| room.checked_sub(self.granted).filter(|&room| room > 0).ok_or(shut);
        let room = least(most, Shut::Breaker)?.min(least(in_flight, Shut::InFlight)?);
        Ok(room.min(least(tokens, Shut::Rate)?))
    }

    /// When room may come about by time alone. With grants out the next send looks again.
    pub(crate) fn wake_at(&self, now: Micros) -> Option<Micros> {
        if self.parked.is_empty() || self.granted > 0 {
            return None;
        }
        match self.breaker.gate(now) {
            Gate::ShutUntil(at) => Some(at),
            Gate::Probing => None,
            Gate::Open | Gate::Probe => {
                self.bucket.as_ref().map(|bucket| bucket.ready_at(1, now)).filter(|&at| at > now)
            }
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        let unset = self.bucket.is_none() && self.in_flight_max.is_none();
        unset && self.held == 0 && self.granted == 0 && self.parked.is_empty() && self.breaker.is_quiet()
    }
}

/// A sender that has a rate limit; one without is not kept.
#[derive(Debug)]
pub(crate) struct Sender {
    pub(crate) bucket: Bucket,
    pub(crate) granted: usize,
    pub(crate) parked: Fair,
    pub(crate) shut_since: Option<Micros>,
}

impl Sender {
    pub(crate) fn new(bucket: Bucket) -> Self {
        Self { bucket, granted: 0, parked: Fair::default(), shut_since: None }
    }

    pub(crate) fn has_room(&mut self, now: Micros) -> bool {
        self.bucket.tokens(now) > self.granted
    }

    pub(crate) fn wake_at(&self, now: Micros) -> Option<Micros> {
        let waits = !self.parked.is_empty() && self.granted == 0;
        waits.then(|| self.bucket.ready_at(1, now)).filter(|&at| at > now)
    }
}
