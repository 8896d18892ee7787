//! What operators set: rates, caps and shares.

use waypost_core::time::Micros;

use super::State;
use crate::bucket::Bucket;
use crate::place::{Dest, Sender};
use crate::timers::Timer;

impl<P> State<P> {
    /// 0 removes the limit.
    pub(crate) fn set_dest_limit(&mut self, id: i64, rate_per_s: u32, burst: u32, now: Micros) {
        let dest = self.dests.entry(id).or_insert_with(|| Dest::new(now));
        match &mut dest.bucket {
            _ if rate_per_s == 0 => dest.bucket = None,
            Some(bucket) => bucket.reshape(rate_per_s, burst, now),
            None => dest.bucket = Some(Bucket::new(rate_per_s, burst, now)),
        }
        self.pump_dest(id, now);
    }

    /// 0 removes the limit.
    pub(crate) fn set_sender_limit(&mut self, id: i64, rate_per_s: u32, burst: u32, now: Micros) {
        if rate_per_s == 0 {
            let Some(mut gone) = self.senders.remove(&id) else { return };
            self.timers.set(Timer::Sender(id), None);
            while let Some(queue) = gone.parked.pop() {
                self.unpark(queue, now);
            }
            return;
        }
        match self.senders.get_mut(&id) {
            Some(sender) => sender.bucket.reshape(rate_per_s, burst, now),
            None => {
                self.senders.insert(id, Sender::new(Bucket::new(rate_per_s, burst, now)));
            }
        }
        self.pump_sender(id, now);
    }

    /// 0 goes back to the policy's.
    pub(crate) fn set_dest_in_flight(&mut self, id: i64, max: usize, now: Micros) {
        let dest = self.dests.entry(id).or_insert_with(|| Dest::new(now));
        dest.in_flight_max = (max > 0).then_some(max);
        self.pump_dest(id, now);
    }

    /// 0 and 1 are the usual share.
    pub(crate) fn set_tenant_weight(&mut self, tenant: i64, weight: u32) {
        if weight <= 1 {
            self.weights.remove(&tenant);
        } else {
            self.weights.insert(tenant, weight);
        }
    }
}
