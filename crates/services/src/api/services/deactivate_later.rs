//! `POST /api/v1/services/deactivate-user`.

use waypost_core::time::Micros;
use waypost_status::MtapiCode;
use waypost_store::Sql;

use super::step::{Whose, impossible, not_enrolled};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::{Scope, enrolment};
use crate::rules::enrolment::State;
use crate::rules::{Fault, Refusal};

/// Lets the enrolment be inactive from a moment to come on; a later call moves the moment.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let zone = call.app().settings.zone.clone();
    let fields = call.fields(MtapiCode::ArgumentError).await?;
    let whose = Whose {
        user: fields.id("UserId")?,
        service: fields.id("ServiceId")?,
        organization: fields.opt_id("OrganizationId")?,
    };
    let text = fields.opt_text("Date")?.or(fields.opt_text("DateTime")?);
    let wrong = || fields.wrong("Date", "a date such as 2021-05-20, or a date and time, mandatory");
    let at = text.and_then(|text| zone.read(&text)).ok_or_else(wrong)?;
    if at <= call.now() {
        return Err(Refusal::from(MtapiCode::InvalidDatetime).at("Date", "later than now").into());
    }
    call.write(move |tx, scope| schedule(tx, scope, whose, at)).await?;
    Ok(Reply::empty())
}

fn schedule(tx: &mut dyn Sql, scope: &Scope, whose: Whose, at: Micros) -> Result<(), Fault> {
    lookup::service(tx, scope, (Place::Query, "ServiceId"), whose.service)?;
    lookup::person(tx, scope, (Place::Query, "UserId"), whose.user)?;
    let before = enrolment::find(tx, scope, whose.key())?.ok_or_else(not_enrolled)?;
    let state = before.state_at(scope.now);
    if state != State::Active {
        return Err(impossible(state).into());
    }
    enrolment::put(tx, scope, whose.key(), (State::Active, Some(at)), before.self_enrolled)?;
    Ok(())
}
