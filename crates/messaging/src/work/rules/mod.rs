//! Rules (spec 1, issue B 5): something happens, and a template is sent. What happened and the work of the rules it wakes
//! are written together; a rule's request and the end of its work are, too, so that it is sent once.

mod desk;
mod events;
pub mod facts;
mod run;

pub use desk::{Due, RuleDesk, RuleItem, What, loader};
pub use run::{RuleClaim, run};
