//! When submits may go out: the configured rate, and pauses after throttling answers.

use std::time::{Duration, Instant};

/// A pause grows to at most this many times the first one.
const PAUSE_GROWTH_MAX: u32 = 64;

/// Rate and throttling of one connection.
#[derive(Debug, Clone)]
pub struct Pacer {
    /// Time one submit takes at the configured rate; zero when unlimited.
    per_submit: Duration,
    /// How far the account may run ahead: what one burst may hold.
    burst: Duration,
    /// The moment up to which the rate is used up.
    used_until: Option<Instant>,
    first_pause: Duration,
    pause: Duration,
    paused_until: Option<Instant>,
    /// The next quiet moment at which the pause halves.
    recovers_at: Option<Instant>,
}

impl Pacer {
    /// `tps` submits per second (0 unlimited) in bursts of a tenth of a second; pauses start with `first_pause`.
    #[must_use]
    pub fn new(tps: u32, first_pause: Duration) -> Self {
        let per_submit = if tps == 0 { Duration::ZERO } else { Duration::from_secs(1) / tps };
        Self {
            per_submit,
            burst: per_submit * (tps / 10).max(1),
            used_until: None,
            first_pause,
            pause: Duration::ZERO,
            paused_until: None,
            recovers_at: None,
        }
    }

    /// How many submits may go out now, at most `wanted`.
    #[must_use]
    pub fn allowance(&self, now: Instant, wanted: usize) -> usize {
        if self.paused_until.is_some_and(|until| until > now) {
            return 0;
        }
        if self.per_submit.is_zero() {
            return wanted;
        }
        let ahead = self.used_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let free = self.burst.saturating_sub(ahead);
        let count = free.as_nanos() / self.per_submit.as_nanos().max(1);
        usize::try_from(count).unwrap_or(usize::MAX).min(wanted)
    }

    /// The moment at which [`Pacer::allowance`] is above zero again; `None` when it is already.
    #[must_use]
    pub fn next_at(&self, now: Instant) -> Option<Instant> {
        if self.allowance(now, 1) > 0 {
            return None;
        }
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return Some(until);
        }
        let used_until = self.used_until?;
        Some(used_until + self.per_submit - self.burst)
    }

    /// Records that `count` submits went out.
    pub fn spend(&mut self, now: Instant, count: usize) {
        let from = self.used_until.map_or(now, |until| until.max(now));
        self.used_until = Some(from + self.per_submit * u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// The SMSC said: too fast. Answers to submits that were already out do not lengthen a running pause.
    pub fn throttled(&mut self, now: Instant) {
        if self.paused_until.is_some_and(|until| until > now) {
            return;
        }
        let doubled = (self.pause * 2).clamp(self.first_pause, self.first_pause * PAUSE_GROWTH_MAX);
        self.pause = doubled;
        let until = now + doubled;
        self.paused_until = Some(until);
        self.recovers_at = Some(until + doubled);
    }

    /// The SMSC took a submit: after as long a quiet spell as the pause was, the next pause is half as long.
    pub fn accepted(&mut self, now: Instant) {
        if self.recovers_at.is_none_or(|at| at > now) {
            return;
        }
        self.pause /= 2;
        if self.pause < self.first_pause {
            self.pause = Duration::ZERO;
            self.recovers_at = None;
        } else {
            self.recovers_at = Some(now + self.pause);
        }
    }

    /// End of the running pause.
    #[must_use]
    pub fn paused_until(&self, now: Instant) -> Option<Instant> {
        self.paused_until.filter(|until| *until > now)
    }
}

/// Pauses between attempts to connect: they double, and jitter keeps many clients from coming back at once.
#[derive(Debug, Clone)]
pub struct Backoff {
    min: Duration,
    max: Duration,
    next: Duration,
}

impl Backoff {
    /// From `min` to `max`.
    #[must_use]
    pub fn new(min: Duration, max: Duration) -> Self {
        Self { min, max, next: min }
    }

    /// The next pause: between half and all of the current step. `jitter` is drawn from 0 to 1.
    pub fn pause(&mut self, jitter: f64) -> Duration {
        let step = self.next;
        self.next = (step * 2).min(self.max);
        step.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
    }

    /// The link held for `bound_for`. Only a link that outlived the longest pause starts over: an SMSC that accepts
    /// and drops at once must not be hammered.
    pub fn held(&mut self, bound_for: Duration) {
        if bound_for >= self.max {
            self.next = self.min;
        }
    }
}

#[cfg(test)]
#[path = "pacer_tests.rs"]
mod tests;
