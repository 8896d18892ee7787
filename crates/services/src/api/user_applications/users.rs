//! `GET /api/v1/userapplications/{appId}/users`.

use serde::Serialize;
use waypost_status::MtapiCode;
use waypost_store::Sql;

use super::manage::application;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::user_application::{self, Filter, Given};
use crate::records::{Scope, user};
use crate::rules::{Fault, Refusal};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    users: Vec<PersonBody>,
    count: i64,
    page: i64,
    has_more: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PersonBody {
    user_id: i64,
    first_name: String,
    last_name: String,
    email_address: Option<String>,
    windows_user_name: Option<String>,
    services: Vec<RoleBody>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RoleBody {
    service_id: i64,
    role_id: i64,
    is_active: bool,
}

/// A page of the employees with a role: name and address are parts, with both either; role and service narrow further.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, page) = (call.id("appId")?, call.page()?);
    let lower = |name| call.opt_text(name).map(|text| text.to_lowercase());
    let filter = Filter {
        name: lower("userName"),
        email: lower("emailAddress"),
        role: call.opt_int("userRoleType").filter(|role| *role != 0),
        service: call.opt_id("servId"),
    };
    let (users, count) = call
        .read(move |tx, scope| {
            application(tx, scope, "appId", id)?;
            if let Some(role) = filter.role {
                let roles = user_application::roles(tx, scope, id)?;
                if !roles.iter().any(|own| own.role == role) {
                    let refusal = Refusal::from(MtapiCode::InvalidRole);
                    return Err(refusal.at("userRoleType", "a role of the application").into());
                }
            }
            let (ids, count) = user_application::people(tx, scope, id, &filter, (page.offset(), page.size))?;
            Ok((shown(tx, scope, id, &ids)?, count))
        })
        .await?;
    Reply::json(&Body { users, count, page: page.number, has_more: page.has_more(count) })
}

fn shown(tx: &mut dyn Sql, scope: &Scope, application: i64, ids: &[i64]) -> Result<Vec<PersonBody>, Fault> {
    let mut people = Vec::new();
    for person in user::of_ids(tx, scope, ids)? {
        let roles = user_application::given(tx, scope, (application, person.id))?;
        people.push(PersonBody {
            user_id: person.id,
            email_address: person.email().map(str::to_owned),
            first_name: person.first_name,
            last_name: person.last_name,
            windows_user_name: person.login,
            services: roles.into_iter().map(RoleBody::from).collect(),
        });
    }
    Ok(people)
}

impl From<Given> for RoleBody {
    fn from(given: Given) -> Self {
        Self { service_id: given.service, role_id: given.role, is_active: given.is_active }
    }
}
