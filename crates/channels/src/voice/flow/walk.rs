//! A walk through a flow, without a clock: what to do next, given what just happened.

use std::sync::Arc;

use super::{Plan, Sound, Step};

/// Steps of one call at most; a flow may go in circles.
const WALKED_MAX: usize = 1_000;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Play this, µ-law at 8 kHz.
    Play(Arc<[u8]>),
    /// Be silent for so many milliseconds.
    Wait(u64),
    /// Connect with this number, which may ring for so many milliseconds.
    Connect {
        /// Whom to call.
        number: String,
        /// How long it may ring.
        ring_ms: u64,
    },
    /// End the call.
    HangUp,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// What was to be done is done: played to its end, waited for long enough, the third party has hung up.
    Done,
    /// The third party could not be reached.
    Unreached,
    /// A key was pressed.
    Key(char),
}

/// Where a call is in its flow.
#[derive(Clone, Debug)]
pub struct Walk {
    plan: Arc<Plan>,
    at: Option<String>,
    walked: usize,
    tries: u8,
    digits: String,
    listening: bool,
    noted: Vec<(String, String)>,
}

impl Walk {
    /// At the beginning of `plan`; the first action.
    #[must_use]
    pub fn start(plan: Arc<Plan>) -> (Self, Action) {
        let at = Some(plan.flow.start.clone());
        let mut walk = Self {
            plan,
            at,
            walked: 0,
            tries: 0,
            digits: String::new(),
            listening: false,
            noted: Vec::new(),
        };
        let action = walk.enter();
        (walk, action)
    }

    /// What was collected: step and digits.
    #[must_use]
    pub fn noted(&self) -> &[(String, String)] {
        &self.noted
    }

    /// What to do now; `None` to go on with what is being done.
    #[must_use]
    pub fn signal(&mut self, signal: Signal) -> Option<Action> {
        let step = self.at.as_ref().and_then(|at| self.plan.flow.steps.get(at)).cloned();
        match (step, signal) {
            (Some(Step::Play { next, .. } | Step::Pause { next, .. }), Signal::Done) => Some(self.go(next)),
            (Some(Step::Collect { digits, wait_ms, end_key, .. }), Signal::Key(key)) => {
                self.listening = true;
                if Some(key) == end_key {
                    return Some(self.decide());
                }
                self.digits.push(key);
                if self.digits.len() >= usize::from(digits) {
                    return Some(self.decide());
                }
                Some(Action::Wait(wait_ms))
            }
            (Some(Step::Collect { wait_ms, .. }), Signal::Done) if !self.listening => {
                self.listening = true;
                Some(Action::Wait(wait_ms))
            }
            (Some(Step::Collect { .. }), Signal::Done) => Some(self.decide()),
            (Some(Step::Connect { next, .. }), Signal::Done) => Some(self.go(next)),
            (Some(Step::Connect { otherwise, .. }), Signal::Unreached) => Some(self.go(otherwise)),
            (Some(Step::HangUp) | None, Signal::Done | Signal::Unreached) => Some(Action::HangUp),
            (_, Signal::Key(_) | Signal::Unreached) => None,
        }
    }

    fn go(&mut self, to: Option<String>) -> Action {
        self.at = to;
        self.tries = 0;
        self.enter()
    }

    fn enter(&mut self) -> Action {
        self.walked += 1;
        self.listening = false;
        self.digits.clear();
        let step = self.at.as_ref().and_then(|at| self.plan.flow.steps.get(at));
        match step.filter(|_| self.walked <= WALKED_MAX) {
            Some(Step::Play { sound, .. }) => self.play(sound),
            Some(Step::Pause { ms, .. }) => Action::Wait(*ms),
            Some(Step::Collect { sound: Some(sound), .. }) => self.play(sound),
            Some(Step::Collect { sound: None, wait_ms, .. }) => {
                let wait = *wait_ms;
                self.listening = true;
                Action::Wait(wait)
            }
            Some(Step::Connect { number, ring_s, .. }) => {
                Action::Connect { number: number.clone(), ring_ms: ring_s * 1_000 }
            }
            Some(Step::HangUp) | None => Action::HangUp,
        }
    }

    /// A sound that is missing is heard as nothing; the plan is checked before the call.
    fn play(&self, sound: &Sound) -> Action {
        self.plan.sounds.get(sound).map_or(Action::Wait(1), |sound| Action::Play(Arc::clone(sound)))
    }

    fn decide(&mut self) -> Action {
        let at = self.at.clone().unwrap_or_default();
        let Some(Step::Collect { tries, branches, otherwise, .. }) = self.plan.flow.steps.get(&at).cloned()
        else {
            return Action::HangUp;
        };
        let digits = std::mem::take(&mut self.digits);
        if self.noted.len() < WALKED_MAX {
            self.noted.push((at, digits.clone()));
        }
        if let Some(next) = branches.get(&digits) {
            return self.go(Some(next.clone()));
        }
        // Without branches every answer is as good as any other.
        let good = branches.is_empty() && !digits.is_empty();
        self.tries += 1;
        if good || self.tries >= tries { self.go(otherwise) } else { self.enter() }
    }
}
