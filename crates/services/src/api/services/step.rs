//! One step of an enrolment, as the operations that take it share it (spec 5.6).

use waypost_status::MtapiCode;
use waypost_store::Sql;

use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::{Scope, enrolment};
use crate::rules::enrolment::{Action, State, after};
use crate::rules::{Fault, Refusal};

/// Whose enrolment, in what, for whom.
#[derive(Clone, Copy)]
pub(in crate::api) struct Whose {
    /// The person.
    pub user: i64,
    /// The service.
    pub service: i64,
    /// The organization, if any.
    pub organization: Option<i64>,
}

impl Whose {
    /// From the parameters that all these operations take.
    ///
    /// # Errors
    /// 901002, when the operation's row did not name them.
    pub(super) fn of(call: &Call) -> Result<Self, Refusal> {
        Ok(Self {
            user: call.id("userId")?,
            service: call.id("id")?,
            organization: call.opt_id("organizationId"),
        })
    }

    pub(super) const fn key(self) -> (i64, i64, Option<i64>) {
        (self.user, self.service, self.organization)
    }
}

/// Takes a step other than an enrolment: of an enrolment that is there, from a state that allows it.
///
/// # Errors
/// 4041004; 4041003; 4041007; 901002 in a state that does not allow it.
pub(super) fn take(tx: &mut dyn Sql, scope: &Scope, whose: Whose, action: Action) -> Result<(), Fault> {
    lookup::service(tx, scope, (Place::Path, "id"), whose.service)?;
    lookup::person(tx, scope, (Place::Query, "userId"), whose.user)?;
    let before = enrolment::find(tx, scope, whose.key())?.ok_or_else(not_enrolled)?;
    let state = before.state_at(scope.now);
    let next = after(Some(state), action).ok_or_else(|| impossible(state))?;
    enrolment::put(tx, scope, whose.key(), (next, None), before.self_enrolled)?;
    Ok(())
}

/// Enrols somebody, or leaves them as active as they are; a scheduled end stays.
///
/// # Errors
/// 901002 for somebody whom the programme deactivated.
pub(in crate::api) fn enrol(
    tx: &mut dyn Sql,
    scope: &Scope,
    whose: Whose,
    self_enrolled: bool,
) -> Result<(), Fault> {
    let before = enrolment::find(tx, scope, whose.key())?;
    let state = before.as_ref().map(|own| own.state_at(scope.now));
    if state == Some(State::Active) {
        return Ok(());
    }
    let next = after(state, Action::Enrol).ok_or_else(|| impossible(State::Inactive))?;
    enrolment::put(tx, scope, whose.key(), (next, None), self_enrolled)?;
    Ok(())
}

/// Nobody enrolled this person.
pub(in crate::api) fn not_enrolled() -> Refusal {
    Refusal::from(MtapiCode::ClientServiceNotFound)
        .at("userId", "a user who is enrolled in the service, for the same organization")
        .in_input()
}

/// The state does not allow it.
pub(super) fn impossible(state: State) -> Refusal {
    let rule = format!("a user whose enrolment allows it; this one is {}", state.word());
    Refusal::argument("userId", rule)
}
