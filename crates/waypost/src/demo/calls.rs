//! The demo's call, step by step.

use serde::Serialize;

/// The steps of a call whose message was heard to its end (spec 4.2).
const WHOLE: [u16; 5] = [7407, 7408, 7519, 7409, 7405];

/// A step of the call, as its notification told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallStep {
    /// The code.
    pub code: u16,
    /// When, as the notification says.
    pub at: String,
}

/// Whether every step that such a call has was told.
pub(super) fn is_whole(steps: &[CallStep]) -> bool {
    WHOLE.iter().all(|code| steps.iter().any(|step| step.code == *code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_whole_when_its_five_steps_were_told_in_any_order() {
        let step = |code| CallStep { code, at: String::new() };
        let mut steps: Vec<CallStep> = [7407, 7408, 7405, 7409].map(step).into();
        assert!(!is_whole(&steps));
        steps.push(step(7519));
        assert!(is_whole(&steps));
    }
}
