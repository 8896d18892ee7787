//! `waypost admin application-role`.

use clap::Subcommand;
use serde::Serialize;
use waypost_core::time::Micros;
use waypost_services::records::user_application::{self, Given, Role};
use waypost_services::records::{application, enrolment, permission, service, user};
use waypost_services::rules::enrolment::State;
use waypost_store::StoreError;

use super::application::{Named, scope};
use super::desk::{Desk, Done};

/// Roles of people in an application, and who has them: the first manager of an application is made here.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add a role, or change the one with its number.
    Set {
        #[command(flatten)]
        named: Named,
        /// Its number, such as 5.
        #[arg(long)]
        role: i64,
        /// Its English name.
        #[arg(long)]
        name: String,
        /// Its French name; the English one when not given.
        #[arg(long)]
        name_fr: Option<String>,
        /// Whoever has it manages the people of the application.
        #[arg(long)]
        manages_users: bool,
        /// The permissions it brings in its service, separated by commas.
        #[arg(long, value_delimiter = ',')]
        permissions: Vec<i64>,
    },
    /// List the roles of an application.
    List(Named),
    /// Give a person a role in a service: they are enrolled and hold what the role brings.
    Give {
        #[command(flatten)]
        named: Named,
        /// The number of the role.
        #[arg(long)]
        role: i64,
        /// The id of the person.
        #[arg(long)]
        user: i64,
        /// The short name of the online service.
        #[arg(long)]
        service: String,
    },
}

#[derive(Debug, Serialize)]
struct Shown {
    role: i64,
    name: String,
    name_fr: String,
    manages_users: bool,
    permissions: Vec<i64>,
}

impl From<Role> for Shown {
    fn from(role: Role) -> Self {
        Self {
            role: role.role,
            name: role.name_en,
            name_fr: role.name_fr,
            manages_users: role.manages_users,
            permissions: role.permissions,
        }
    }
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Set { named, role, name, name_fr, manages_users, permissions } => {
            let role = Role {
                role: *role,
                name_en: name.clone(),
                name_fr: name_fr.clone().unwrap_or_else(|| name.clone()),
                manages_users: *manages_users,
                permissions: permissions.clone(),
            };
            set(named.clone(), role, desk).await
        }
        Command::List(named) => list(named.clone(), desk).await,
        Command::Give { named, role, user, service } => {
            give(named.clone(), (*role, *user), service.clone(), desk).await
        }
    }
}

async fn set(named: Named, role: Role, desk: &Desk) -> anyhow::Result<()> {
    let line = format!("role {} of application {}", role.role, named.application);
    let kept = role.clone();
    desk.change(move |tx, now| {
        if kept.role <= 0 {
            return Err(StoreError::Refused("a role has a number from 1 on".to_owned()));
        }
        let scope = scope(tx, now, &named.tenant)?;
        let application = application::by_slug(tx, &scope, &named.application)?;
        user_application::put_role(tx, &scope, application.id, &kept)
    })
    .await?;
    desk.tell(&Shown::from(role), &line)
}

async fn list(named: Named, desk: &Desk) -> anyhow::Result<()> {
    let found = desk
        .read(move |tx| {
            let scope = scope(tx, Micros::ZERO, &named.tenant)?;
            let application = application::by_slug(tx, &scope, &named.application)?;
            user_application::roles(tx, &scope, application.id)
        })
        .await?;
    let found: Vec<Shown> = found.into_iter().map(Shown::from).collect();
    desk.list(&found, ["Role", "Name", "Manages people", "Permissions"], |one| {
        let permissions: Vec<_> = one.permissions.iter().map(i64::to_string).collect();
        let manages = if one.manages_users { "yes" } else { "no" }.to_owned();
        [one.role.to_string(), one.name.clone(), manages, permissions.join(" ")]
    })
}

async fn give(
    named: Named,
    (role, person): (i64, i64),
    short_name: String,
    desk: &Desk,
) -> anyhow::Result<()> {
    let line = format!("user {person} has role {role} of application {} in {short_name}", named.application);
    let name = named.application.clone();
    desk.change(move |tx, now| {
        let refused = |what: String| StoreError::Refused(what);
        let scope = scope(tx, now, &named.tenant)?;
        let application = application::by_slug(tx, &scope, &named.application)?;
        let found = service::list(tx, &scope)?.into_iter().find(|own| own.short_name == short_name);
        let service = found.ok_or_else(|| refused(format!("no online service {short_name}")))?.id;
        if !user::exists(tx, &scope, person)? {
            return Err(refused(format!("no user {person}")));
        }
        let roles = user_application::roles(tx, &scope, application.id)?;
        let brings = roles.into_iter().find(|own| own.role == role);
        let brings =
            brings.ok_or_else(|| refused(format!("the application has no role {role}")))?.permissions;
        let given = Given { service, role, is_active: true };
        user_application::give(tx, &scope, (application.id, person), given, 0)?;
        enrolment::put(tx, &scope, (person, service, None), (State::Active, None), false)?;
        for code in brings {
            let held = permission::Held { user: person, service, organization: None, code };
            permission::grant(tx, &scope, held)?;
        }
        Ok(())
    })
    .await?;
    desk.tell(&Done { done: "application-role.give", name: &name }, &line)
}
