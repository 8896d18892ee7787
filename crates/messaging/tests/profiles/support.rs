//! Tenants and apps to keep profiles for.

use waypost_core::time::Micros;
use waypost_messaging::records::profile::{AppProfileRecord, CustomerRecord, app_profile, customer};
use waypost_store::directory::{App, AppKind, Status, Tenant, admin};
use waypost_store::{Actor, Ctx, Store, TenantId};

pub const NOW: Micros = Micros::from_secs(1_790_000_000);

/// A tenant with a mobile app and a Facebook page.
#[derive(Clone, Copy, Debug)]
pub struct House {
    pub tenant: i64,
    pub mobile: i64,
    pub fb: i64,
}

impl House {
    pub const fn ctx(&self) -> Ctx {
        Ctx::system(TenantId(self.tenant), "test")
    }
}

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
        created_at: NOW,
    }
}

pub fn app(tenant: i64, app_id: &str, kind: AppKind) -> App {
    App {
        id: 0,
        tenant,
        app_id: app_id.to_owned(),
        kind,
        name: app_id.to_owned(),
        status: Status::Live,
        push: true,
        rt: true,
        config: "{}".to_owned(),
        secrets: None,
        has_secrets: false,
        created_at: NOW,
    }
}

pub async fn house(store: &Store, slug: &'static str) -> House {
    store
        .write(move |tx| {
            let all = Ctx { tenant: TenantId::ALL, actor: Actor::Operator };
            let id = admin::create_tenant(tx, &all, NOW, &tenant(slug))?.0;
            let ctx = Ctx::operator(TenantId(id));
            let mobile = app(id, &format!("a_{slug}"), AppKind::Mobile);
            let fb = app(id, &format!("f_{slug}"), AppKind::Fb);
            Ok(House {
                tenant: id,
                mobile: admin::create_app(tx, &ctx, NOW, &mobile)?,
                fb: admin::create_app(tx, &ctx, NOW, &fb)?,
            })
        })
        .await
        .unwrap()
}

/// A customer with a number and a mail address made of its id.
pub fn customer_of(id: &str, number: Option<&str>) -> CustomerRecord {
    CustomerRecord {
        customer_id: id.to_owned(),
        msisdn: number.map(str::to_owned),
        email: Some(format!("{}@x.example", id.to_lowercase())),
        active: true,
        verified: false,
        attributes: "{}".to_owned(),
    }
}

/// A device of a customer's user.
pub fn device_of(app: i64, customer: &str, user: &str, device: &str) -> AppProfileRecord {
    AppProfileRecord {
        app,
        ident: format!("{user}_{device}"),
        customer_id: Some(customer.to_owned()),
        user_id: Some(user.to_owned()),
        device_id: Some(device.to_owned()),
        token: Some(format!("token-{device}")),
        os: Some("android".to_owned()),
        active: true,
        verified: true,
        attributes: "{}".to_owned(),
        secrets: None,
        seen_at: Some(NOW),
    }
}

/// A customer's account of a Facebook page.
pub fn page_user(app: i64, customer: &str, psid: &str) -> AppProfileRecord {
    AppProfileRecord {
        ident: psid.to_owned(),
        user_id: Some(psid.to_owned()),
        device_id: None,
        token: None,
        os: None,
        seen_at: None,
        ..device_of(app, customer, psid, "")
    }
}

pub async fn keep(
    store: &Store,
    house: House,
    customers: Vec<CustomerRecord>,
    profiles: Vec<AppProfileRecord>,
) {
    let kept = store.write(move |tx| {
        let ctx = house.ctx();
        for new in &customers {
            assert!(customer::insert(tx, &ctx, new, NOW)?);
        }
        for new in &profiles {
            assert!(app_profile::insert(tx, &ctx, new, NOW)?);
        }
        Ok(())
    });
    kept.await.unwrap();
}
