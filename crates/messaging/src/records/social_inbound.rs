//! What users of the social channels said.

use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError};

/// One message or pressed button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocialInbound {
    /// Its id; `tid` on the wire begins with it.
    pub id: i64,
    /// The tenant of the asset.
    pub tenant: i64,
    /// The service it is forwarded to, if any.
    pub service: Option<i64>,
    /// The row of the asset it came to.
    pub app: i64,
    /// `fb`, `twitter`, `wechat`.
    pub channel: String,
    /// The user.
    pub source: String,
    /// `MO` or `OnPostback`.
    pub event: String,
    /// Its text.
    pub text: String,
    /// Its attachments, a JSON array.
    pub attachments: Option<String>,
    /// What the pressed button carries.
    pub postback: Option<String>,
    /// The provider's id of it.
    pub provider_ref: String,
    /// When it came.
    pub received_at: Micros,
}

/// Keeps it; false when it is there already.
///
/// # Errors
/// Those of the store.
pub fn insert(tx: &mut dyn Sql, _ctx: &Ctx, inbound: &SocialInbound) -> Result<bool, StoreError> {
    let written = tx.exec(
        "INSERT INTO social_inbound (id, tenant, service, app, channel, source, event, text, attachments, postback, \
         provider_ref, received_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) \
         ON CONFLICT (app, provider_ref) DO NOTHING",
        &[
            inbound.id.into(),
            inbound.tenant.into(),
            inbound.service.into(),
            inbound.app.into(),
            inbound.channel.as_str().into(),
            inbound.source.as_str().into(),
            inbound.event.as_str().into(),
            inbound.text.as_str().into(),
            inbound.attachments.as_deref().into(),
            inbound.postback.as_deref().into(),
            inbound.provider_ref.as_str().into(),
            inbound.received_at.0.into(),
        ],
    )?;
    Ok(written > 0)
}

/// Loads one.
///
/// # Errors
/// Those of the store.
pub fn load(tx: &mut dyn Sql, ctx: &Ctx, id: i64) -> Result<Option<SocialInbound>, StoreError> {
    let rows = tx.query(
        "SELECT id, tenant, service, app, channel, source, event, text, attachments, postback, provider_ref, \
         received_at FROM social_inbound WHERE id = ?1 AND (tenant = ?2 OR ?2 = 0)",
        &[id.into(), ctx.tenant.0.into()],
    )?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(SocialInbound {
        id: row.int(0)?,
        tenant: row.int(1)?,
        service: row.opt_int(2)?,
        app: row.int(3)?,
        channel: row.text(4)?.to_owned(),
        source: row.text(5)?.to_owned(),
        event: row.text(6)?.to_owned(),
        text: row.text(7)?.to_owned(),
        attachments: row.opt_text(8)?.map(str::to_owned),
        postback: row.opt_text(9)?.map(str::to_owned),
        provider_ref: row.text(10)?.to_owned(),
        received_at: Micros(row.int(11)?),
    }))
}
