//! The breaker of one destination: closed, open after failures, half-open with one probe.
//!
//! Pure: it is told the time and the results and answers what may go out.

use waypost_core::time::Micros;

/// When a breaker opens and how long it stays open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// Failures in a row that open it; at least 1.
    pub failures_in_row_max: u32,
    /// Length of the window the failure share is taken over, milliseconds.
    pub window_ms: i64,
    /// Results a window needs before its share counts; at least 1.
    pub window_samples_min: u32,
    /// Share of failures in a window that opens it, percent `1..=100`.
    pub window_failure_percent: u32,
    /// The first time it stays open, milliseconds; doubled by each failed probe.
    pub open_ms_min: i64,
    /// The longest time it stays open before the next probe, milliseconds.
    pub open_ms_max: i64,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            failures_in_row_max: 5,
            window_ms: 10_000,
            window_samples_min: 20,
            window_failure_percent: 50,
            open_ms_min: 1_000,
            open_ms_max: 60_000,
        }
    }
}

/// How a destination behaved in one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It answered, whatever the answer was.
    Healthy,
    /// It did not answer, or said that it is in trouble.
    Failing,
}

/// Why a breaker opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenCause {
    /// So many failures in a row.
    InRow(u32),
    /// This share of the window's results failed, percent.
    Share(u32),
    /// The probe failed.
    Probe,
}

/// What may go out now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Everything.
    Open,
    /// One item, as a probe.
    Probe,
    /// Nothing while the probe is out.
    Probing,
    /// Nothing until then.
    ShutUntil(Micros),
}

/// An open or half-open breaker, for operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When it first opened; kept until it closes.
    pub since: Micros,
    /// When the next probe may go.
    pub probe_at: Micros,
    /// Why it opened last.
    pub cause: OpenCause,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed,
    Open { outage: Outage, open_ms: i64, probing: bool },
}

/// The breaker of one destination.
#[derive(Clone, Debug)]
pub struct Breaker {
    state: State,
    in_row: u32,
    window: Window,
}

#[derive(Clone, Debug)]
struct Window {
    since: Micros,
    results: u32,
    failures: u32,
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub const fn new(now: Micros) -> Self {
        Self { state: State::Closed, in_row: 0, window: Window { since: now, results: 0, failures: 0 } }
    }

    /// What may go out at `now`.
    #[must_use]
    pub fn gate(&self, now: Micros) -> Gate {
        match self.state {
            State::Closed => Gate::Open,
            State::Open { probing: true, .. } => Gate::Probing,
            State::Open { outage, .. } if now >= outage.probe_at => Gate::Probe,
            State::Open { outage, .. } => Gate::ShutUntil(outage.probe_at),
        }
    }

    /// The outage, when it is not closed.
    #[must_use]
    pub const fn outage(&self) -> Option<Outage> {
        match self.state {
            State::Closed => None,
            State::Open { outage, .. } => Some(outage),
        }
    }

    /// True when forgetting it would change nothing worth keeping.
    #[must_use]
    pub const fn is_quiet(&self) -> bool {
        matches!(self.state, State::Closed) && self.in_row == 0 && self.window.failures == 0
    }

    /// An item goes out; true when it is the probe. Its result must come back with the same word.
    pub fn start(&mut self, now: Micros) -> bool {
        match &mut self.state {
            State::Open { outage, probing, .. } if now >= outage.probe_at && !*probing => {
                *probing = true;
                true
            }
            _ => false,
        }
    }

    /// The probe came back without a result (its worker ended): another may go.
    pub const fn probe_lost(&mut self) {
        if let State::Open { probing, .. } = &mut self.state {
            *probing = false;
        }
    }

    /// An item's result. Results of items that went out before it opened do not count while it is open.
    pub fn result(&mut self, policy: &BreakerPolicy, now: Micros, health: Health, probe: bool) {
        match (self.state, health) {
            (State::Closed, _) => self.count(policy, now, health),
            (State::Open { probing: true, .. }, Health::Healthy) if probe => *self = Self::new(now),
            (State::Open { outage, open_ms, probing: true }, Health::Failing) if probe => {
                let open_ms = open_ms.saturating_mul(2).min(policy.open_ms_max);
                let outage = Outage { probe_at: now.add_ms(open_ms), cause: OpenCause::Probe, ..outage };
                self.state = State::Open { outage, open_ms, probing: false };
            }
            (State::Open { .. }, _) => {}
        }
    }

    fn count(&mut self, policy: &BreakerPolicy, now: Micros, health: Health) {
        if now.since_ms(self.window.since) >= policy.window_ms || now < self.window.since {
            self.window = Window { since: now, results: 0, failures: 0 };
        }
        self.window.results = self.window.results.saturating_add(1);
        if health == Health::Healthy {
            self.in_row = 0;
            return;
        }
        self.in_row = self.in_row.saturating_add(1);
        self.window.failures = self.window.failures.saturating_add(1);
        if let Some(cause) = self.cause(policy) {
            let outage = Outage { since: now, probe_at: now.add_ms(policy.open_ms_min), cause };
            self.state = State::Open { outage, open_ms: policy.open_ms_min, probing: false };
        }
    }

    fn cause(&self, policy: &BreakerPolicy) -> Option<OpenCause> {
        if self.in_row >= policy.failures_in_row_max {
            return Some(OpenCause::InRow(self.in_row));
        }
        let Window { results, failures, .. } = self.window;
        let percent = u64::from(failures) * 100 / u64::from(results.max(1));
        let reached =
            results >= policy.window_samples_min && percent >= u64::from(policy.window_failure_percent);
        reached.then(|| OpenCause::Share(u32::try_from(percent).unwrap_or(100)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: Micros = Micros(1_000_000);

    fn policy() -> BreakerPolicy {
        BreakerPolicy {
            failures_in_row_max: 3,
            open_ms_min: 1_000,
            open_ms_max: 4_000,
            ..BreakerPolicy::default()
        }
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::new(T0);
        (0..3).for_each(|_| breaker.result(&policy(), T0, Health::Failing, false));
        breaker
    }

    #[test]
    fn it_opens_at_the_last_failure_in_a_row_and_not_before() {
        let mut breaker = Breaker::new(T0);
        for health in [Health::Failing, Health::Failing, Health::Healthy, Health::Failing, Health::Failing] {
            breaker.result(&policy(), T0, health, false);
            assert_eq!(breaker.gate(T0), Gate::Open);
        }
        breaker.result(&policy(), T0, Health::Failing, false);
        assert_eq!(breaker.gate(T0), Gate::ShutUntil(T0.add_ms(1_000)));
        let expected = Outage { since: T0, probe_at: T0.add_ms(1_000), cause: OpenCause::InRow(3) };
        assert_eq!(breaker.outage(), Some(expected));
    }

    #[test]
    fn a_share_of_failures_over_a_window_opens_it_and_an_old_window_does_not_count() {
        let policy = BreakerPolicy { failures_in_row_max: 100, window_samples_min: 10, ..policy() };
        let alternate = |breaker: &mut Breaker, at: Micros, results: usize| {
            for i in 0..results {
                let health = if i % 2 == 0 { Health::Healthy } else { Health::Failing };
                breaker.result(&policy, at, health, false);
            }
        };
        let mut breaker = Breaker::new(T0);
        alternate(&mut breaker, T0, 8);
        alternate(&mut breaker, T0.add_ms(10_000), 8);
        assert_eq!(breaker.gate(T0), Gate::Open);
        alternate(&mut breaker, T0.add_ms(10_001), 2);
        assert_eq!(breaker.outage().map(|o| o.cause), Some(OpenCause::Share(50)));
    }

    #[test]
    fn half_open_lets_one_probe_out_and_its_success_closes() {
        let mut breaker = opened();
        let due = T0.add_ms(1_000);
        assert!(!breaker.start(T0.add_ms(999)));
        assert_eq!(breaker.gate(due), Gate::Probe);
        assert!(breaker.start(due));
        assert_eq!(breaker.gate(due), Gate::Probing);
        assert!(!breaker.start(due));
        breaker.result(&policy(), due, Health::Healthy, true);
        assert_eq!((breaker.gate(due), breaker.outage()), (Gate::Open, None));
    }

    #[test]
    fn failed_probes_double_the_pause_up_to_its_bound_and_keep_since() {
        let mut breaker = opened();
        let mut now = T0.add_ms(1_000);
        for pause_ms in [2_000, 4_000, 4_000] {
            assert!(breaker.start(now));
            breaker.result(&policy(), now, Health::Failing, true);
            let expected = Outage { since: T0, probe_at: now.add_ms(pause_ms), cause: OpenCause::Probe };
            assert_eq!(breaker.outage(), Some(expected));
            now = expected.probe_at;
        }
        assert!(breaker.start(now));
        breaker.result(&policy(), now, Health::Healthy, true);
        (0..3).for_each(|_| breaker.result(&policy(), now, Health::Failing, false));
        assert_eq!(breaker.gate(now), Gate::ShutUntil(now.add_ms(1_000)));
    }

    #[test]
    fn results_of_older_items_neither_close_nor_prolong_an_open_breaker() {
        let mut breaker = opened();
        let before = breaker.outage();
        breaker.result(&policy(), T0.add_ms(5), Health::Healthy, false);
        breaker.result(&policy(), T0.add_ms(5), Health::Failing, false);
        assert_eq!(breaker.outage(), before);
    }

    #[test]
    fn a_lost_probe_makes_room_for_another() {
        let mut breaker = opened();
        let due = T0.add_ms(1_000);
        assert!(breaker.start(due));
        breaker.probe_lost();
        assert_eq!(breaker.gate(due), Gate::Probe);
    }
}
