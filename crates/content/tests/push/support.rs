//! A pusher with its partners. Time is real and its pauses are short; what is waited for is told, not polled.

use std::sync::Arc;
use std::time::Duration;

use waypost_content::records::env::Timing;
use waypost_content::records::model::ModelShelf;
use waypost_content::records::{alert, copy, lane};
use waypost_content::rules::{self, Decision};
use waypost_content::wire::Json;
use waypost_content::wire::push;
use waypost_content::work::{Parts, Runtime, Settings, Shared};
use waypost_content::{Kind, Op, sample};
use waypost_core::id::IdGenerator;
use waypost_core::time::{Micros, SystemClock};
use waypost_delivery::Policy;
use waypost_egress::{Egress, EgressPolicy, SystemResolver};
use waypost_simulators::partner::{Faults, PartnerConfig, PartnerHandle, SimulatedPartner};
use waypost_store::directory::{DirectoryHandle, Partner, Status, Tenant, admin};
use waypost_store::seal::MasterKey;
use waypost_store::{Ctx, Sql, Store, StoreError, TenantId};

/// Far above what anything here takes; a test that hits it has failed.
pub const DEADLINE: Duration = Duration::from_secs(60);
const ALL: Ctx = Ctx::operator(TenantId::ALL);

pub struct World {
    pub store: Store,
    pub runtime: Option<Runtime>,
    pub partners: Vec<PartnerHandle>,
    pub timing: Timing,
    pub timeout_ms: u64,
    pub alert_url: Option<url::Url>,
    directory: DirectoryHandle,
    ids: Arc<IdGenerator>,
    pub tenant: i64,
}

/// Milliseconds in place of seconds, and no audits before they are asked for.
pub fn timing() -> Timing {
    Timing {
        retry_ms: vec![20; 3],
        retry_after_max_ms: 50,
        audit_delay_ms: 0,
        audit_again_ms: vec![1, 2],
        full_audit_ms: 0,
        repair_pause_ms: 3_600_000,
        lease_ms: 10_000,
    }
}

pub async fn partner(faults: Faults) -> PartnerHandle {
    SimulatedPartner::start(PartnerConfig { faults, ..PartnerConfig::default() }).await.unwrap()
}

fn tenant() -> Tenant {
    Tenant {
        id: 0,
        slug: "acme".to_owned(),
        name: "Acme".to_owned(),
        status: Status::Live,
        time_zone: "UTC".to_owned(),
        default_priority: 2,
        sandbox: true,
        settings: "{}".to_owned(),
        created_at: Micros(0),
    }
}

fn furnish(
    tx: &mut dyn Sql,
    partners: &[(String, String, String)],
    master: &MasterKey,
) -> Result<i64, StoreError> {
    let now = Micros(1);
    let tenant = admin::create_tenant(tx, &ALL, now, &tenant())?;
    let ctx = Ctx::operator(tenant);
    for (place, (url, user, password)) in partners.iter().enumerate() {
        let slug = format!("p{place}");
        let draft = Partner { url: Some(url.clone()), ..Partner::named(&slug, &slug) };
        admin::create_partner(tx, &ctx, now, &draft)?;
        admin::set_partner_credentials(tx, &ctx, now, &slug, Some((user, password)), master)?;
    }
    Ok(tenant.0)
}

impl World {
    /// A pusher to these partners, not started yet.
    pub async fn new(store: Store, partners: Vec<PartnerHandle>) -> Self {
        let master = Arc::new(MasterKey::from_bytes([7; 32]));
        let told: Vec<_> = partners
            .iter()
            .map(|partner| {
                let (user, password) = partner.credentials();
                (partner.url(), user.to_owned(), password.to_owned())
            })
            .collect();
        let key = Arc::clone(&master);
        let tenant = store.write(move |tx| furnish(tx, &told, &key)).await.unwrap();
        let directory = DirectoryHandle::open(&store, master).await.unwrap();
        let ids = Arc::new(IdGenerator::new(1).unwrap());
        Self {
            store,
            runtime: None,
            partners,
            timing: timing(),
            timeout_ms: 5_000,
            alert_url: None,
            directory,
            ids,
            tenant,
        }
    }

    /// Started.
    pub async fn started(store: Store, partners: Vec<PartnerHandle>) -> Self {
        let mut world = Self::new(store, partners).await;
        world.start().await;
        world
    }

    pub async fn start(&mut self) {
        let clock = Arc::new(SystemClock);
        let egress = Egress::new(EgressPolicy::sandbox(), Arc::new(SystemResolver::default()), clock.clone());
        let mut policy = Policy::new("content", i64::try_from(self.timeout_ms).unwrap(), 30_000);
        policy.breaker.failures_in_row_max = 1_000_000;
        let settings = Settings {
            timeout_ms: self.timeout_ms,
            concurrency: 1_024,
            timing: self.timing.clone(),
            upkeep_ms: 50,
            alert_url: self.alert_url.clone(),
            policy,
        };
        let parts = Parts {
            store: self.store.clone(),
            clock,
            ids: Arc::clone(&self.ids),
            directory: self.directory.clone(),
            egress: egress.unwrap(),
            settings,
        };
        self.runtime = Some(Runtime::start(parts).await.unwrap());
    }

    pub fn ids(&self) -> &Arc<IdGenerator> {
        &self.ids
    }

    pub fn shared(&self) -> &Arc<Shared> {
        self.runtime.as_ref().unwrap().shared()
    }

    /// Changes the model; refusals are the test's fault.
    pub async fn feed(&self, property: &str, kind: Kind, op: Op, bodies: Vec<Json>) {
        let message = sample::message("feed", kind, op, property, bodies);
        self.message(kind, message).await;
    }

    pub async fn products(&self, property: &str, plan: &str, rooms: &[&str], taxes: &[&str]) {
        let products = rooms.iter().map(|room| sample::product(plan, room, taxes)).collect();
        self.message(Kind::Product, sample::products("feed", property, plan, products)).await;
    }

    async fn message(&self, kind: Kind, message: Json) {
        let push = push::read(kind, None, message).unwrap();
        let (tenant, env) = (self.tenant, self.env());
        let decision = self
            .store
            .write(move |tx| rules::apply(&mut ModelShelf { tx, env: &env, tenant, changed: 0 }, &push))
            .await
            .unwrap();
        assert!(matches!(decision, Decision::Accepted(_)), "{decision:?}");
        if let Some(runtime) = &self.runtime {
            for partner in self.directory.current().partners() {
                runtime.shared().nudge(partner.id, tenant);
            }
        }
    }

    pub fn env(&self) -> waypost_content::records::env::Env {
        waypost_content::records::env::Env {
            ids: Arc::clone(&self.ids),
            directory: self.directory.current(),
            now: waypost_core::time::Clock::now(&SystemClock),
            timing: Arc::new(self.timing.clone()),
        }
    }

    /// A property with everything: hotel, tax, policy, two rooms, two rate plans, products.
    pub async fn launch(&self, property: &str) {
        self.feed(property, Kind::Hotel, Op::New, vec![sample::hotel(property)]).await;
        self.feed(property, Kind::Tax, Op::New, vec![sample::tax("CITY")]).await;
        self.feed(property, Kind::Policy, Op::New, vec![sample::policy("C24H")]).await;
        self.feed(property, Kind::Room, Op::New, vec![sample::room("A"), sample::room("B")]).await;
        let plans = vec![sample::rateplan("RP1", "C24H"), sample::rateplan("RP2", "C24H")];
        self.feed(property, Kind::RatePlan, Op::New, plans).await;
        self.products(property, "RP1", &["A", "B"], &["CITY"]).await;
        self.products(property, "RP2", &["B"], &[]).await;
    }

    /// Waits until `reached` says so of the store; looked at after every turn.
    pub async fn until(&self, what: &str, reached: fn(&mut dyn Sql) -> Result<bool, StoreError>) {
        let mut turns = self.shared().turns();
        let wait = async {
            while !self.store.read(reached).await.unwrap() {
                turns.changed().await.unwrap();
            }
        };
        if tokio::time::timeout(DEADLINE, wait).await.is_err() {
            panic!("not in time: {what}; {:#?}", self.alerts().await);
        }
    }

    /// Waits until nothing is owed and nothing is to be audited, save in parked lanes.
    pub async fn rest(&self) {
        self.until("rest", |tx| Ok(count(tx, "SELECT count(*) FROM content_lane WHERE work <> 0")? == 0))
            .await;
    }

    /// Does something in a transaction and looks for new work.
    pub async fn act<T: Send + 'static>(
        &self,
        mut job: impl FnMut(&mut dyn Sql, &waypost_content::records::env::Env) -> Result<T, StoreError>
        + Send
        + 'static,
    ) -> T {
        let env = self.env();
        let done = self.store.write(move |tx| job(tx, &env)).await.unwrap();
        for partner in self.directory.current().partners() {
            self.shared().nudge(partner.id, self.tenant);
        }
        done
    }

    /// Every object is audited now.
    pub async fn audit_all(&self) {
        let lanes: Vec<_> = self.lanes().await.into_iter().map(|(lane, _)| lane).collect();
        self.act(move |tx, env| {
            lanes.iter().try_for_each(|lane| {
                waypost_content::records::plan::plan_full_audit(tx, env, lane)?;
                lane::wake(tx, env, lane)
            })
        })
        .await;
    }

    pub async fn lanes(&self) -> Vec<(lane::Lane, lane::LaneState)> {
        let partners: Vec<i64> = self.directory.current().partners().iter().map(|it| it.id).collect();
        self.store
            .read(move |tx| {
                let mut all = Vec::new();
                for partner in partners {
                    all.extend(lane::list(tx, &ALL, partner, None, false)?);
                }
                Ok(all)
            })
            .await
            .unwrap()
    }

    /// Open alerts, oldest first: kind, property, object, summary, differences.
    pub async fn alerts(&self) -> Vec<(String, String, String, String, String)> {
        let mut found = self.store.read(|tx| alert::list(tx, &ALL, false, 1_000)).await.unwrap();
        found.reverse();
        found.into_iter().map(|it| (it.kind, it.property, it.object, it.summary, it.differences)).collect()
    }

    /// What the model says, as `held` says of a partner.
    pub async fn model(&self) -> Vec<(String, Kind, String, bool, String)> {
        let tenant = self.tenant;
        self.store
            .read(move |tx| {
                let rows = tx.query(
                    "SELECT property, kind, code, enabled, body FROM content_object WHERE tenant = ?1",
                    &[tenant.into()],
                )?;
                let mut all = rows
                    .iter()
                    .map(|row| {
                        let kind = Kind::from_number(row.int(1)?).unwrap();
                        let text = |column| row.text(column).map(str::to_owned);
                        Ok((text(0)?, kind, text(2)?, row.flag(3)?, text(4)?))
                    })
                    .collect::<Result<Vec<_>, StoreError>>()?;
                all.sort();
                Ok(all)
            })
            .await
            .unwrap()
    }

    /// What a partner holds.
    pub fn held(&self, partner: usize) -> Vec<(String, Kind, String, bool, String)> {
        let mut all: Vec<_> = self.partners[partner].with_shelf(|shelf| {
            let own = |(property, kind, code, enabled, body): (&str, Kind, &str, bool, &Json)| {
                (property.to_owned(), kind, code.to_owned(), enabled, body.to_string())
            };
            shelf.objects().map(own).collect()
        });
        all.sort();
        all
    }

    pub async fn copy(&self, property: &str, kind: Kind, code: &'static str) -> copy::Copy {
        let lane =
            self.lanes().await.into_iter().map(|(lane, _)| lane).find(|it| it.property == property).unwrap();
        self.store.read(move |tx| copy::find(tx, &lane, kind, code)).await.unwrap().unwrap()
    }

    /// Ends the workers where they are, as a kill would; what was on its way is lost.
    pub fn kill(&mut self) {
        drop(self.runtime.take());
    }

    pub async fn stop(mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.drain(5_000).await;
        }
    }
}

pub fn count(tx: &mut dyn Sql, sql: &'static str) -> Result<i64, StoreError> {
    tx.query(sql, &[])?[0].int(0)
}
