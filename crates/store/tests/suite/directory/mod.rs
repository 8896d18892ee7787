//! The directory: what tests of it share.

mod changes;
mod credit;
mod limits;
mod snapshot;

use waypost_core::time::Micros;
use waypost_store::directory::admin;
use waypost_store::directory::{Service, SmppConnection, Status, Tenant};
use waypost_store::{Actor, Ctx, Sql, Store, StoreError, TenantId};

pub const NOW: Micros = Micros::from_secs(1_700_000_000);
pub const OPERATOR: Ctx = Ctx { tenant: TenantId::ALL, actor: Actor::Operator };

pub fn tenant(slug: &str) -> Tenant {
    Tenant {
        id: 0,
        slug: slug.to_owned(),
        name: slug.to_uppercase(),
        status: Status::Live,
        time_zone: "Europe/Berlin".to_owned(),
        default_priority: 2,
        sandbox: false,
        settings: "{}".to_owned(),
        created_at: Micros::ZERO,
    }
}

pub fn service(tenant: i64, slug: &str) -> Service {
    Service {
        id: 0,
        tenant,
        slug: slug.to_owned(),
        name: slug.to_uppercase(),
        status: Status::Live,
        notify_url: Some("https://sink.example/dlr".to_owned()),
        notify_types: 31,
        inbound_url: None,
        default_sender: Some("+4915112345678".to_owned()),
        route_group: None,
        hub_secret: None,
        hub_algorithm: "sha256".to_owned(),
        jwt_secret: None,
        has_hub_secret: false,
        has_jwt_secret: false,
        created_at: Micros::ZERO,
    }
}

pub fn smpp(name: &str, tenant: Option<i64>) -> SmppConnection {
    SmppConnection {
        id: 0,
        name: name.to_owned(),
        tenant,
        sandbox: false,
        config: r#"{"host":"localhost"}"#.to_owned(),
        password: None,
        has_password: false,
        enabled: true,
        created_at: Micros::ZERO,
    }
}

pub async fn write<T: Send + 'static>(
    store: &Store,
    job: impl FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
) -> T {
    store.write(job).await.unwrap()
}

/// Two tenants with a service each: `(tenant, service)` rows.
pub async fn two_tenants(store: &Store) -> [(i64, i64); 2] {
    write(store, |tx| {
        let mut made = [(0, 0); 2];
        for (slot, slug) in made.iter_mut().zip(["acme", "globex"]) {
            let tenant = admin::create_tenant(tx, &OPERATOR, NOW, &tenant(slug))?.0;
            *slot = (tenant, admin::create_service(tx, &OPERATOR, NOW, &service(tenant, "alerts"))?);
        }
        Ok(made)
    })
    .await
}

pub async fn refusal(
    store: &Store,
    job: impl FnMut(&mut dyn Sql) -> Result<(), StoreError> + Send + 'static,
) -> String {
    match store.write(job).await {
        Err(StoreError::Refused(text)) => text,
        other => panic!("not refused: {other:?}"),
    }
}
