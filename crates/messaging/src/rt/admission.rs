//! Who may connect to the broker, the one inside or one beside this server that asks (spec 8.3).

use waypost_core::time::Micros;
use waypost_realtime::{Admitted, Hello, Refused};
use waypost_store::Sql;

use super::external::{self, Ticket};
use super::ids::ClientId;
use super::ledger::{Ledger, RtApp, TokenState, device, failed, token_state};
use super::records::{self, SessionRow};
use crate::records::profile::AppProfileRow;
use crate::records::profile::app_profile::{self, By};

/// A device that showed client id, user name, client key and token, all its own.
struct LetIn {
    client: ClientId,
    profile: AppProfileRow,
    session: SessionRow,
}

/// A device that a broker beside this server may let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// The device.
    pub client: ClientId,
    /// When its token ends.
    pub until: Micros,
}

impl Ledger {
    /// Spec 8.3 for the broker inside.
    pub(super) async fn admitted(&self, hello: Hello) -> Result<Admitted, Refused> {
        let LetIn { client, profile, session } = self.let_in(&hello).await?;
        let ClientId { app_id, user_id, .. } = client;
        Ok(Admitted { session: profile.id, app_id, user_id, topics: session.topics })
    }

    /// Spec 8.3 for a broker that asks. What the broker has forgotten it is given again.
    ///
    /// # Errors
    /// [`Refused`]: whom it may not let in, and why.
    pub async fn vouched(&self, hello: &Hello) -> Result<Vouched, Refused> {
        let (_, token) = ClientId::with_token(&hello.client_id).ok_or(Refused::ClientId)?;
        let LetIn { client, profile, session } = self.let_in(hello).await?;
        let (token, key) = (token.to_owned(), hello.password.clone());
        let ticket = Ticket { device: profile.id, client: client.clone(), token, key };
        self.renew_outside(ticket).await.map_err(|_| Refused::Unavailable)?;
        Ok(Vouched { client, until: session.token_until })
    }

    /// The device that a client id with a good token names. Whoever has the token is the device, however it was let in.
    ///
    /// # Errors
    /// [`Refused`]: why it is none.
    pub async fn bearer(&self, client_id: &str) -> Result<ClientId, Refused> {
        let (client, token) = ClientId::with_token(client_id).ok_or(Refused::ClientId)?;
        let app = self.app(&client.app_id).ok_or(Refused::Credentials)?;
        Ok(self.of_token(&app, client, token).await?.client)
    }

    /// Client id with token, user name of app and user, client key.
    async fn let_in(&self, hello: &Hello) -> Result<LetIn, Refused> {
        let (client, token) = ClientId::with_token(&hello.client_id).ok_or(Refused::ClientId)?;
        let app = self.app(&client.app_id).ok_or(Refused::Credentials)?;
        if hello.username != external::name(&client) || !app.knows(&hello.password) {
            return Err(Refused::Credentials);
        }
        let let_in = self.of_token(&app, client, token).await?;
        self.seen(&app, &let_in.profile);
        Ok(let_in)
    }

    /// The device of an open app, if the token is its own and good.
    async fn of_token(&self, app: &RtApp, client: ClientId, token: &str) -> Result<LetIn, Refused> {
        if !app.is_open {
            return Err(Refused::NotAllowed);
        }
        let (ctx, row, of) = (app.ctx(), app.app.id, client.clone());
        let look = move |tx: &mut dyn Sql| {
            let Some(profile) = device(tx, &ctx, row, &of)? else { return Ok(None) };
            let session = records::session(tx, &ctx, profile.id)?;
            Ok(session.map(|session| (profile, session)))
        };
        let found = self.0.parts.store.read(look).await.map_err(|error| {
            failed(&error);
            Refused::Unavailable
        })?;
        let (profile, session) = found.ok_or(Refused::ClientId)?;
        if !profile.record.active || token_state(&session, token, self.now()) != TokenState::Good {
            return Err(Refused::NotAllowed);
        }
        Ok(LetIn { client, profile, session })
    }

    /// Notes a sign of life, once a day and device.
    fn seen(&self, app: &RtApp, profile: &AppProfileRow) {
        let now = self.0.parts.clock.now();
        if profile.record.seen_at.is_none_or(|seen| seen >= app_profile::day_of(now)) {
            return;
        }
        let (ctx, row, user) = (app.ctx(), app.app.id, profile.record.user_id.clone().unwrap_or_default());
        let job = move |tx: &mut dyn Sql| app_profile::seen(tx, &ctx, row, By::User(&user), now);
        self.0.parts.store.write_then(job, |noted| {
            if let Err(error) = noted {
                tracing::warn!(%error, "a device's sign of life was not noted");
            }
        });
    }
}
