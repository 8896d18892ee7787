//! Rows to things.

use super::types::{ApiKey, KeyKind, Partner, Sender, Service, Status, Tenant};
use crate::seal::{MasterKey, Secret};
use crate::{Row, StoreError};

/// Columns of [`tenant`].
pub(super) const TENANT: &str = "SELECT id, slug, name, status, time_zone, default_priority, sandbox, settings, created_at FROM tenant ORDER BY id";

pub(super) fn tenant(row: &Row) -> Result<Tenant, StoreError> {
    Ok(Tenant {
        id: row.int(0)?,
        slug: row.text(1)?.to_owned(),
        name: row.text(2)?.to_owned(),
        status: Status::parse(row.text(3)?)?,
        time_zone: row.text(4)?.to_owned(),
        default_priority: u8::try_from(row.int(5)?).map_err(|_| {
            StoreError::Corrupt("the default priority of a tenant is not 0 to 255".to_owned())
        })?,
        sandbox: row.flag(6)?,
        settings: row.text(7)?.to_owned(),
        created_at: row.time(8)?,
    })
}

/// The purpose a secret of a service is sealed for.
pub(super) fn service_purpose(column: &str, tenant_slug: &str, slug: &str) -> String {
    format!("service/{column}/{tenant_slug}/{slug}")
}

/// Columns of [`service`]; `ALL` services when ?1 is 0, otherwise those of one tenant.
pub(super) const SERVICE: &str = "SELECT s.id, s.tenant, s.slug, s.name, s.status, s.notify_url, s.notify_types, \
     s.inbound_url, s.default_sender, s.route_group, s.hub_secret, s.hub_algorithm, s.jwt_secret, s.created_at, t.slug \
     FROM service s JOIN tenant t ON t.id = s.tenant WHERE (s.tenant = ?1 OR ?1 = 0) ORDER BY s.id";

/// Without a key the secrets stay closed.
pub(super) fn service(row: &Row, master: Option<&MasterKey>) -> Result<Service, StoreError> {
    let text = |column| row.opt_text(column).map(|text| text.map(str::to_owned));
    let (tenant_slug, slug) = (row.text(14)?, row.text(2)?);
    Ok(Service {
        id: row.int(0)?,
        tenant: row.int(1)?,
        slug: slug.to_owned(),
        name: row.text(3)?.to_owned(),
        status: Status::parse(row.text(4)?)?,
        notify_url: text(5)?,
        notify_types: row.int(6)?,
        inbound_url: text(7)?,
        default_sender: text(8)?,
        route_group: text(9)?,
        hub_secret: secret(row.opt_blob(10)?, master, || service_purpose("hub_secret", tenant_slug, slug))?,
        hub_algorithm: row.opt_text(11)?.unwrap_or_default().to_owned(),
        jwt_secret: secret(row.opt_blob(12)?, master, || service_purpose("jwt_secret", tenant_slug, slug))?,
        has_hub_secret: row.opt_blob(10)?.is_some(),
        has_jwt_secret: row.opt_blob(12)?.is_some(),
        created_at: row.time(13)?,
    })
}

pub(super) fn secret(
    sealed: Option<&[u8]>,
    master: Option<&MasterKey>,
    purpose: impl FnOnce() -> String,
) -> Result<Option<Secret>, StoreError> {
    let (Some(sealed), Some(master)) = (sealed, master) else { return Ok(None) };
    let purpose = purpose();
    let opened = master.open(&purpose, sealed);
    opened.map(Some).map_err(|error| StoreError::Refused(format!("{purpose}: {error}")))
}

/// Columns of [`api_key`]: every key of the tenant ?1, or of all when it is 0.
pub(super) const API_KEY: &str = "SELECT id, tenant, service, kind, prefix, created_at, revoked_at, hash FROM api_key \
     WHERE (tenant = ?1 OR ?1 = 0) ORDER BY id";

pub(super) fn api_key(row: &Row) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: row.int(0)?,
        tenant: row.int(1)?,
        service: row.opt_int(2)?,
        kind: KeyKind::parse(row.text(3)?)?,
        prefix: row.text(4)?.to_owned(),
        created_at: row.time(5)?,
        revoked_at: row.opt_time(6)?,
    })
}

/// Columns of [`sender`].
pub(super) const SENDER: &str =
    "SELECT id, tenant, address, tps FROM sender WHERE (tenant = ?1 OR ?1 = 0) ORDER BY id";

pub(super) fn sender(row: &Row) -> Result<Sender, StoreError> {
    let tps = row.opt_int(3)?.and_then(|tps| u32::try_from(tps).ok());
    Ok(Sender { id: row.int(0)?, tenant: row.int(1)?, address: row.text(2)?.to_owned(), tps })
}

/// The purpose the password we push with is sealed for.
pub(super) fn partner_purpose(slug: &str) -> String {
    format!("content_partner/url_password/{slug}")
}

/// Columns of [`partner`]: the partners of the tenant ?1, or all when it is 0.
pub(super) const PARTNER: &str = "SELECT id, tenant, slug, name, enabled, login_name, login_hash, url, url_name, url_password, \
     in_flight_max, opt_in, array_updates, created_at, feeds FROM content_partner WHERE (tenant = ?1 OR ?1 = 0) ORDER BY id";

/// Without a key the password stays closed.
pub(super) fn partner(row: &Row, master: Option<&MasterKey>) -> Result<Partner, StoreError> {
    let text = |column| row.opt_text(column).map(|text| text.map(str::to_owned));
    let slug = row.text(2)?;
    let opt_in = row.int(11)?;
    Ok(Partner {
        id: row.int(0)?,
        tenant: row.int(1)?,
        slug: slug.to_owned(),
        name: row.text(3)?.to_owned(),
        enabled: row.flag(4)?,
        login_name: text(5)?,
        login_hash: row.opt_blob(6)?.map(<[u8]>::to_vec),
        url: text(7)?,
        url_name: text(8)?,
        url_password: secret(row.opt_blob(9)?, master, || partner_purpose(slug))?,
        has_url_password: row.opt_blob(9)?.is_some(),
        in_flight_max: u32::try_from(row.int(10)?).unwrap_or(1),
        opt_in_taxes: opt_in & Partner::OPT_IN_TAXES != 0,
        opt_in_products: opt_in & Partner::OPT_IN_PRODUCTS != 0,
        array_updates: row.flag(12)?,
        feeds: row.flag(14)?,
        created_at: row.time(13)?,
    })
}
