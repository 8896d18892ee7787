//! Registering a device (spec 8.2): a profile, a session, a token.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use thiserror::Error;
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError, query_one};

use super::device::NotKnown;
use super::external::{Ticket, Unreachable};
use super::ids::ClientId;
use super::ledger::{Ledger, RtApp, device, token_hash};
use super::profile_event::{self, PROFILE_CREATED};
use super::records::{self, NewTokens, Owner};
use super::single;
use crate::records::profile::app_profile;
use crate::records::profile::{AppProfileRecord, AppProfileRow};
use crate::work::emit;
use crate::work::runtime::Shared;

/// Days an access token lives.
pub const TOKEN_DAYS: i64 = 90;
/// Days in which it can be exchanged for the next.
pub const REFRESH_DAYS: i64 = 180;
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;
/// Octets of randomness in a token or a made user id.
const SECRET_BYTES: usize = 24;

/// What a device says of itself. Texts are checked already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The user; `None` for a guest.
    pub user_id: Option<String>,
    /// The device.
    pub device_id: String,
    /// Attributes of the profile: `os`, `osversion`, `language`, `useragent`.
    pub attributes: BTreeMap<String, String>,
}

/// A registered device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The device.
    pub client: ClientId,
    /// The tokens it has from now on.
    pub tokens: Tokens,
    /// Whether it was not known before.
    pub is_new: bool,
}

/// The tokens of a device; kept only as hashes.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    /// What it connects and calls with.
    pub access: String,
    /// What fetches the next pair, once.
    pub refresh: String,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Tokens").finish_non_exhaustive()
    }
}

impl Tokens {
    fn made() -> Option<Self> {
        Some(Self { access: random_hex()?, refresh: random_hex()? })
    }
}

/// Why a device was not registered.
#[derive(Debug, Error)]
pub enum RegisterFault {
    /// No randomness for a token.
    #[error("no randomness")]
    Random,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The external broker did not let it in; registering again does.
    #[error(transparent)]
    Outside(#[from] Unreachable),
}

impl Ledger {
    /// Registers a device, or gives a known one a new token; a connection under the old one ends.
    ///
    /// # Errors
    /// [`RegisterFault`]; nothing is written then.
    pub async fn register(
        &self,
        shared: &Arc<Shared>,
        app: &RtApp,
        asked: Registration,
    ) -> Result<Registered, RegisterFault> {
        let tokens = Tokens::made().ok_or(RegisterFault::Random)?;
        let is_guest = asked.user_id.is_none();
        let user_id = match asked.user_id {
            Some(user) => user,
            None => format!("guest_{}", random_hex().ok_or(RegisterFault::Random)?),
        };
        let client = ClientId { app_id: app.app.app_id.clone(), user_id, device_id: asked.device_id };
        let (app, of, new, job_shared) = (app.clone(), client.clone(), tokens.clone(), Arc::clone(shared));
        let now = self.0.parts.clock.now();
        let attributes = asked.attributes;
        let key = app.client_key().unwrap_or_default().to_owned();
        let is_single = self.is_single(&app);
        let job = move |tx: &mut dyn Sql| {
            let (ctx, row) = (app.ctx(), app.app.id);
            let before = device(tx, &ctx, row, &of)?;
            let is_new = before.is_none();
            let profile = profile(tx, &ctx, row, &of, before, is_guest, &attributes, now)?;
            let owner = Owner { profile, app: row, user: &of.user_id, device: &of.device_id };
            give(tx, &ctx, &owner, &new, now)?;
            let gone = if is_single { single::keep_only(tx, &ctx, &owner, &of, now)? } else { Vec::new() };
            let emitted = match is_new {
                true => profile_event::record(&job_shared, tx, &app, &of, PROFILE_CREATED, now)?,
                false => Vec::new(),
            };
            Ok((profile, is_new, emitted, gone))
        };
        let (profile, is_new, emitted, gone) = self.0.parts.store.write(job).await?;
        emit::release(shared, emitted);
        gone.into_iter().chain([profile]).for_each(|device| self.0.hub.end(device));
        self.admit_outside(ticket(profile, key, &client, &tokens)).await?;
        Ok(Registered { client, tokens, is_new })
    }

    /// Exchanges the refresh token of a device for a new pair. The access token before is void; a connection under it
    /// stays until it breaks.
    ///
    /// # Errors
    /// Those of the store; nothing is written then.
    pub async fn refresh(
        &self,
        app: &RtApp,
        client: &ClientId,
        presented: &str,
    ) -> Result<Result<Tokens, NotKnown>, RegisterFault> {
        let tokens = Tokens::made().ok_or(RegisterFault::Random)?;
        let (ctx, row, of, presented) = (app.ctx(), app.app.id, client.clone(), token_hash(presented));
        let (new, now) = (tokens.clone(), self.0.parts.clock.now());
        let job = move |tx: &mut dyn Sql| {
            let Some(profile) = device(tx, &ctx, row, &of)? else { return Ok(Err(NotKnown::Device)) };
            let Some((kept, until)) = records::refresh(tx, &ctx, profile.id)? else {
                return Ok(Err(NotKnown::Wrong));
            };
            if verify_slices_are_equal(&kept, &presented).is_err() {
                return Ok(Err(NotKnown::Wrong));
            }
            if until <= now {
                return Ok(Err(NotKnown::Ended));
            }
            let owner = Owner { profile: profile.id, app: row, user: &of.user_id, device: &of.device_id };
            give(tx, &ctx, &owner, &new, now).map(|()| Ok(profile.id))
        };
        match self.0.parts.store.write(job).await? {
            Ok(profile) => {
                let key = app.client_key().unwrap_or_default().to_owned();
                self.admit_outside(ticket(profile, key, client, &tokens)).await?;
                Ok(Ok(tokens))
            }
            Err(why) => Ok(Err(why)),
        }
    }
}

fn ticket(device: i64, key: String, client: &ClientId, tokens: &Tokens) -> Ticket {
    Ticket { device, client: client.clone(), token: tokens.access.clone(), key }
}

fn give(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    owner: &Owner<'_>,
    tokens: &Tokens,
    now: Micros,
) -> Result<(), StoreError> {
    let new = NewTokens {
        access: &token_hash(&tokens.access),
        access_until: now.add_ms(TOKEN_DAYS * DAY_MS),
        refresh: &token_hash(&tokens.refresh),
        refresh_until: now.add_ms(REFRESH_DAYS * DAY_MS),
    };
    records::set_tokens(tx, ctx, owner, &new)
}

/// Makes or refreshes the profile of a device; its row.
#[expect(clippy::too_many_arguments, reason = "one row's columns, from one place")]
fn profile(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    app: i64,
    client: &ClientId,
    before: Option<AppProfileRow>,
    is_guest: bool,
    said: &BTreeMap<String, String>,
    now: Micros,
) -> Result<i64, StoreError> {
    let mut attributes: BTreeMap<String, String> =
        before.as_ref().and_then(|row| serde_json::from_str(&row.record.attributes).ok()).unwrap_or_default();
    attributes.extend(said.clone());
    let ident = format!("{}_{}", client.user_id, client.device_id);
    let ident = before.as_ref().map_or(ident, |row| row.record.ident.clone());
    for (name, value) in [
        ("rtmId", ident.as_str()),
        ("appId", client.app_id.as_str()),
        ("userId", client.user_id.as_str()),
        ("deviceId", client.device_id.as_str()),
        ("status", "1"),
        ("connectStatus", "1"),
        ("guest", if is_guest { "1" } else { "0" }),
        ("channel", "rt"),
    ] {
        attributes.insert(name.to_owned(), value.to_owned());
    }
    let old = before.as_ref().map(|row| row.record.clone()).unwrap_or_default();
    let record = AppProfileRecord {
        app,
        ident,
        user_id: Some(client.user_id.clone()),
        device_id: Some(client.device_id.clone()),
        os: said.get("os").cloned().or(old.os.clone()),
        active: true,
        // A map of texts cannot fail to be written.
        attributes: serde_json::to_string(&attributes).unwrap_or_default(),
        seen_at: Some(now),
        ..old
    };
    if let Some(row) = before {
        app_profile::update(tx, ctx, &row, &record, now)?;
        return Ok(row.id);
    }
    app_profile::insert(tx, ctx, &record, now)?;
    let sql = "SELECT id FROM app_profile WHERE tenant = ?1 AND app = ?2 AND ident = ?3";
    let row = query_one(tx, sql, &[ctx.tenant.0.into(), app.into(), (&record.ident).into()])?;
    row.ok_or_else(|| StoreError::Corrupt("app_profile".to_owned()))?.int(0)
}

/// Unguessable text, hexadecimal; `None` when there is no randomness.
pub(super) fn random_hex() -> Option<String> {
    hex_of::<SECRET_BYTES>()
}

/// The name of a file: 32 letters.
pub(super) fn random_name() -> Option<String> {
    hex_of::<16>()
}

fn hex_of<const N: usize>() -> Option<String> {
    let mut bytes = [0_u8; N];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    let mut text = String::with_capacity(2 * N);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Some(text)
}
