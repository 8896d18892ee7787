//! What the changes of people's roles share.

use serde_json::Value;
use waypost_status::MtapiCode;
use waypost_store::Sql;

use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::permission::Held;
use crate::records::user_application::{self, Given, UserApplication};
use crate::records::{Scope, enrolment, permission};
use crate::rules::enrolment::State;
use crate::rules::{Fault, Refusal};
use crate::wire::Fields;

/// Services and roles of one body at most.
const ROLES_MAX: usize = 100;

/// The application a path names.
///
/// # Errors
/// 623001.
pub(super) fn application(
    tx: &mut dyn Sql,
    scope: &Scope,
    field: &'static str,
    id: i64,
) -> Result<UserApplication, Fault> {
    let found = user_application::find(tx, scope, id)?;
    let unknown = || Refusal::from(MtapiCode::ApplicationNotFound).at(field, "the id of a user application");
    Ok(found.ok_or_else(unknown)?)
}

/// Who is changed, in which application, by whom.
#[derive(Clone, Copy)]
pub(super) struct Change {
    /// The application.
    pub application: i64,
    /// The person who is changed, and where they are named.
    pub user: (Place, i64),
    /// The person who does it.
    pub by: i64,
}

impl Change {
    /// Application and person are there, and whoever changes them may.
    ///
    /// # Errors
    /// 623001; 4041003; 623007.
    pub(super) fn check(self, tx: &mut dyn Sql, scope: &Scope) -> Result<(), Fault> {
        application(tx, scope, "id", self.application)?;
        lookup::person(tx, scope, (self.user.0, "userId"), self.user.1)?;
        let roles = user_application::roles(tx, scope, self.application)?;
        let given = user_application::given(tx, scope, (self.application, self.by))?;
        let manages = |own: &Given| {
            own.is_active && roles.iter().any(|role| role.role == own.role && role.manages_users)
        };
        if given.iter().any(manages) {
            return Ok(());
        }
        let rule = "a user with a role that manages the people of the application";
        Err(Refusal::from(MtapiCode::MustHaveRoleToManageUser).at("createdByUserId", rule).into())
    }

    /// Gives the roles, makes the person active in their services and grants what the roles bring.
    ///
    /// # Errors
    /// 623006 for a role the application does not have; 4041004; 901006.
    pub(super) fn give(self, tx: &mut dyn Sql, scope: &Scope, asked: &[Given]) -> Result<(), Fault> {
        let (user, roles) = (self.user.1, user_application::roles(tx, scope, self.application)?);
        for own in asked {
            lookup::service(tx, scope, (Place::Query, "ServiceId"), own.service)?;
            let role = roles.iter().find(|role| role.role == own.role).ok_or_else(|| {
                Refusal::from(MtapiCode::InvalidRole).at("RoleId", "a role of the application")
            })?;
            user_application::give(tx, scope, (self.application, user), *own, self.by)?;
            enrolment::put(tx, scope, (user, own.service, None), (State::Active, None), false)?;
            for code in &role.permissions {
                let held = Held { user, service: own.service, organization: None, code: *code };
                permission::grant(tx, scope, held)?;
            }
        }
        Ok(())
    }

    /// Takes what the person's roles brought.
    ///
    /// # Errors
    /// See [`Sql::exec`].
    pub(super) fn take(self, tx: &mut dyn Sql, scope: &Scope) -> Result<(), Fault> {
        let (user, roles) = (self.user.1, user_application::roles(tx, scope, self.application)?);
        for own in user_application::given(tx, scope, (self.application, user))? {
            let role = roles.iter().find(|role| role.role == own.role);
            for code in role.iter().flat_map(|role| &role.permissions) {
                let held = Held { user, service: own.service, organization: None, code: *code };
                permission::revoke(tx, scope, held)?;
            }
        }
        Ok(())
    }
}

/// The services and roles of a body.
///
/// # Errors
/// 901002; 623006 for a role that is no number.
pub(super) fn asked(body: Option<Value>) -> Result<Vec<Given>, Refusal> {
    let wrong = || Refusal::argument("body", format!("a list of 1 to {ROLES_MAX} services and roles"));
    let Some(Value::Array(list)) = body else { return Err(wrong()) };
    if list.is_empty() || list.len() > ROLES_MAX {
        return Err(wrong());
    }
    let one = |(n, value)| {
        let fields = Fields::of(value, format!("[{n}]"))?;
        let role = fields.id("RoleId").map_err(|refusal| refusal.led_by(MtapiCode::InvalidRole))?;
        Ok(Given { service: fields.id("ServiceId")?, role, is_active: true })
    };
    list.into_iter().enumerate().map(one).collect()
}
