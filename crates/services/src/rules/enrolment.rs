//! The states of an enrolment (spec 5.6).

use waypost_core::time::Micros;

/// Where an enrolment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum State {
    /// Made beforehand; its key was not used yet.
    Prepared = 0,
    /// In use.
    Active = 1,
    /// Stopped; may be taken up again.
    Inactive = 2,
    /// Ended by the person or the programme.
    Withdrawn = 3,
}

/// What is asked of an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// `enrolluser`, `complete-invite`: at every visit, so doing it again changes nothing.
    Enrol,
    /// `activate-user`.
    Activate,
    /// `deactivate-user`, now or later.
    Deactivate,
    /// `withdrawuser`.
    Withdraw,
}

impl State {
    /// Its number, as stored.
    #[must_use]
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// Of a stored number.
    #[must_use]
    pub fn of(number: i64) -> Option<Self> {
        [Self::Prepared, Self::Active, Self::Inactive, Self::Withdrawn]
            .into_iter()
            .find(|state| state.number() == number)
    }

    /// Its word in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Prepared => "Prepared",
            Self::Active => "Active",
            Self::Inactive => "Inactive",
            Self::Withdrawn => "Withdrawn",
        }
    }

    /// The state at a moment: a deactivation that has come due counts.
    #[must_use]
    pub fn at(self, deactivate_at: Option<Micros>, now: Micros) -> Self {
        match deactivate_at {
            Some(at) if self == Self::Active && at <= now => Self::Inactive,
            _ => self,
        }
    }
}

/// The state after an action, or `None` when there is no such way. `before` is `None` where nobody was enrolled.
#[must_use]
pub const fn after(before: Option<State>, action: Action) -> Option<State> {
    match (before, action) {
        // Somebody who was deactivated by the programme does not come back by visiting again.
        (Some(State::Inactive), Action::Enrol) => None,
        (_, Action::Enrol) => Some(State::Active),
        (Some(State::Inactive | State::Active), Action::Activate) => Some(State::Active),
        (Some(State::Active | State::Inactive), Action::Deactivate) => Some(State::Inactive),
        (Some(State::Active | State::Inactive | State::Prepared), Action::Withdraw) => Some(State::Withdrawn),
        (_, Action::Activate | Action::Deactivate | Action::Withdraw) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_between_the_states_are_those_of_the_contract() {
        use Action::{Activate, Deactivate, Enrol, Withdraw};
        use State::{Active, Inactive, Prepared, Withdrawn};
        let ways = [
            (None, [Some(Active), None, None, None]),
            (Some(Prepared), [Some(Active), None, None, Some(Withdrawn)]),
            (Some(Active), [Some(Active), Some(Active), Some(Inactive), Some(Withdrawn)]),
            (Some(Inactive), [None, Some(Active), Some(Inactive), Some(Withdrawn)]),
            (Some(Withdrawn), [Some(Active), None, None, None]),
        ];
        for (before, afters) in ways {
            for (action, expected) in [Enrol, Activate, Deactivate, Withdraw].into_iter().zip(afters) {
                assert_eq!(after(before, action), expected, "{before:?} {action:?}");
            }
        }
    }

    #[test]
    fn a_scheduled_deactivation_counts_from_its_moment_on() {
        let due = Some(Micros(10));
        assert_eq!(State::Active.at(due, Micros(9)), State::Active);
        assert_eq!(State::Active.at(due, Micros(10)), State::Inactive);
        assert_eq!(State::Withdrawn.at(due, Micros(10)), State::Withdrawn);
        assert_eq!(State::Active.at(None, Micros::MAX), State::Active);
    }
}
