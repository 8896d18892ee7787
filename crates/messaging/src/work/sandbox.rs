//! The sandbox's forced outcomes: a destination that ends in a four-digit code of the catalogue ends with that code.
//!
//! What a provider can say is left to the simulated provider, which reads the same four digits; the rest is decided
//! here, so that every outcome can be had on demand.

use waypost_core::outcome::{Event, code};
use waypost_core::sandbox::forced_outcome;
use waypost_status::{MessagingCode, Phase};

use super::gateway::{Group, SANDBOX_GROUP};
use super::sms_item::SmsItem;

/// The event this message's destination asks for; `None` outside the sandbox, for a number that names no outcome, and
/// for an outcome that the simulated provider brings about.
#[must_use]
pub fn forced(group_id: i64, group: Option<&Group>, item: &SmsItem) -> Option<Event> {
    if group_id != SANDBOX_GROUP {
        return None;
    }
    let asked = forced_outcome(&item.message().destination)?;
    let by_provider =
        group.is_some_and(|group| group.members.iter().any(|member| member.outcomes.can_say(asked)));
    match asked {
        code::DELIVERED | code::SUBMITTED => None,
        code::READ => Some(Event::Read),
        code::CLICKED => Some(Event::Clicked),
        asked if by_provider || !is_outcome(asked) => None,
        asked => Some(Event::PolicyRefused { code: asked }),
    }
}

/// Whether the code can be how a message ends; a code that is only ever a synchronous answer forces nothing.
pub fn is_outcome(asked: u16) -> bool {
    MessagingCode::by_code(asked)
        .map(|code| code.entry())
        .any(|entry| matches!(entry.phase, Phase::Outcome | Phase::Both) && !entry.is_reserved())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_synchronous_code_and_an_unknown_one_force_nothing() {
        // 7003 and 7004 are not among them: the catalogue has outcomes under both numbers.
        for code in [7000, 7001, 7002, 7007, 7009, 1001, 1, 9999] {
            assert!(!is_outcome(code), "{code}");
        }
        for code in [7101, 7204, 7503, 7113, 7303] {
            assert!(is_outcome(code), "{code}");
        }
    }
}
