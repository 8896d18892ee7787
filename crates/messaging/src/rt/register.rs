//! Registering a device (spec 8.2): a profile, a session, a token.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use thiserror::Error;
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError, query_one};

use super::external::{Ticket, Unreachable};
use super::ids::ClientId;
use super::ledger::{Ledger, RtApp, device, token_hash};
use super::records::{self, Owner};
use super::single;
use crate::records::profile::app_profile;
use crate::records::profile::{AppProfileRecord, AppProfileRow};

/// Days an access token lives.
pub const TOKEN_DAYS: i64 = 90;
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
    /// The token it connects with; kept only as a hash.
    pub access_token: String,
    /// Whether it was not known before.
    pub is_new: bool,
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
    pub async fn register(&self, app: &RtApp, asked: Registration) -> Result<Registered, RegisterFault> {
        let access_token = random_hex().ok_or(RegisterFault::Random)?;
        let is_guest = asked.user_id.is_none();
        let user_id = match asked.user_id {
            Some(user) => user,
            None => format!("guest_{}", random_hex().ok_or(RegisterFault::Random)?),
        };
        let client = ClientId { app_id: app.app.app_id.clone(), user_id, device_id: asked.device_id };
        let (ctx, row, of, token) = (app.ctx(), app.app.id, client.clone(), token_hash(&access_token));
        let now = self.0.parts.clock.now();
        let attributes = asked.attributes;
        let is_single = self.is_single(app);
        let job = move |tx: &mut dyn Sql| {
            let before = device(tx, &ctx, row, &of)?;
            let is_new = before.is_none();
            let profile = profile(tx, &ctx, row, &of, before, is_guest, &attributes, now)?;
            let owner = Owner { profile, app: row, user: &of.user_id, device: &of.device_id };
            records::set_token(tx, &ctx, &owner, &token, now.add_ms(TOKEN_DAYS * DAY_MS))?;
            let gone = if is_single { single::keep_only(tx, &ctx, &owner, &of, now)? } else { Vec::new() };
            Ok((profile, is_new, gone))
        };
        let (profile, is_new, gone) = self.0.parts.store.write(job).await?;
        gone.into_iter().chain([profile]).for_each(|device| self.0.hub.end(device));
        let key = app.client_key().unwrap_or_default().to_owned();
        let ticket = Ticket { device: profile, client: client.clone(), token: access_token.clone(), key };
        self.admit_outside(ticket).await?;
        Ok(Registered { client, access_token, is_new })
    }
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
    let mut bytes = [0_u8; SECRET_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    let mut text = String::with_capacity(2 * SECRET_BYTES);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Some(text)
}
