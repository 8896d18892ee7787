//! `GET /api/v1/account/enrollments`.

use serde::Serialize;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::enrolment;
use crate::rules::Fault;
use crate::rules::enrolment::State;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    id: i64,
    user_id: i64,
    service_id: i64,
    organization_id: Option<i64>,
    state: &'static str,
    is_active: bool,
    is_self_enrolled: bool,
    has_enrollment_key: bool,
    deactivation_date: Option<String>,
}

/// The enrolments in the application's services, by id; with `activeUser` only those that are active, or only those that
/// are not.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (user, now, zone) = (call.id("userId")?, call.now(), call.app().settings.zone.clone());
    let (service, organization) = (call.opt_id("serviceId"), call.opt_id("organizationId"));
    let active = call.opt_text("activeUser").map(|_| call.flag("activeUser", true));
    let all = call
        .read(move |tx, scope| {
            lookup::person(tx, scope, (Place::Query, "userId"), user)?;
            let all = enrolment::of_user(tx, scope, user)?.into_iter();
            Ok(all.filter(|own| scope.covers(own.service)).collect::<Vec<_>>())
        })
        .await?;
    let shown = all
        .into_iter()
        .filter(|own| service.is_none_or(|id| own.service == id))
        .filter(|own| organization.is_none() || own.organization == organization)
        .filter(|own| active.is_none_or(|active| (own.state_at(now) == State::Active) == active))
        .map(|own| Body {
            id: own.id,
            user_id: own.user,
            service_id: own.service,
            organization_id: own.organization,
            state: own.state_at(now).word(),
            is_active: own.state_at(now) == State::Active,
            is_self_enrolled: own.self_enrolled,
            has_enrollment_key: own.has_key,
            deactivation_date: own.deactivate_at.map(|at| zone.show(at)),
        });
    Reply::json(&shown.collect::<Vec<_>>())
}
