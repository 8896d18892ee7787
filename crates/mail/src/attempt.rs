//! What an attempt leads to: pure.

use waypost_channels::email::{Broken, Carried};
use waypost_core::retry::Schedule;
use waypost_delivery::Health;

use crate::records::State;

/// What is written down of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// What became of the letter.
    pub state: State,
    /// Why it was not taken.
    pub why: Option<Broken>,
    /// How long until the next attempt, milliseconds, while it waits.
    pub delay_ms: Option<u64>,
    /// How the relay is.
    pub health: Health,
}

/// What follows from `carried`, after `tries` attempts before it. An exchange of unknown end is made again: a second copy, known by
/// its `Message-ID`, does less harm than a code that never came.
pub(crate) fn verdict(carried: Carried, schedule: &Schedule, tries: u32, entropy: u64) -> Verdict {
    let (why, health) = match carried {
        Carried::Taken(_) => {
            return Verdict { state: State::Sent, why: None, delay_ms: None, health: Health::Healthy };
        }
        Carried::Refused(why) => {
            return Verdict {
                state: State::Refused,
                why: Some(why),
                delay_ms: None,
                health: Health::Healthy,
            };
        }
        Carried::Later { why, whole: true } | Carried::Unknown(why) => (why, Health::Failing),
        Carried::Later { why, whole: false } => (why, Health::Healthy),
    };
    let delay_ms = schedule.next_delay_ms(tries.saturating_add(1), entropy);
    let state = if delay_ms.is_some() { State::Waiting } else { State::GivenUp };
    Verdict { state, why: Some(why), delay_ms, health }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_go_later_waits_for_the_schedule_and_is_given_up_at_its_end() {
        let schedule = Schedule::new(vec![1_000, 5_000], 0).unwrap();
        let why = Broken { code: Some(450), words: "later".to_owned() };
        for (tries, state, delay_ms) in
            [(0, State::Waiting, Some(1_000)), (1, State::Waiting, Some(5_000)), (2, State::GivenUp, None)]
        {
            for (carried, health) in [
                (Carried::Later { why: why.clone(), whole: false }, Health::Healthy),
                (Carried::Later { why: why.clone(), whole: true }, Health::Failing),
                (Carried::Unknown(why.clone()), Health::Failing),
            ] {
                let expected = Verdict { state, why: Some(why.clone()), delay_ms, health };
                assert_eq!(verdict(carried, &schedule, tries, 7), expected);
            }
        }
    }

    #[test]
    fn a_refusal_ends_the_letter_at_its_first_attempt() {
        let why = Broken { code: Some(550), words: "no such user".to_owned() };
        let got = verdict(Carried::Refused(why.clone()), &Schedule::callback(), 0, 0);
        assert_eq!(
            got,
            Verdict { state: State::Refused, why: Some(why), delay_ms: None, health: Health::Healthy }
        );
    }
}
