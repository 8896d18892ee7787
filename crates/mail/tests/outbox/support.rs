//! An outbox whose carrier does as it is told.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;
use waypost_channels::email::{Broken, Carried, Carrier, Letter};
use waypost_core::id::IdGenerator;
use waypost_core::retry::Schedule;
use waypost_core::time::{Clock, ManualClock, Micros};
use waypost_delivery::Policy;
use waypost_mail::records::{self, MailRow};
use waypost_mail::{Draft, Outbox, OutboxSettings, Parts, Reason, Runtime, Safeguard, Settings};
use waypost_store::seal::MasterKey;
use waypost_store::{Ctx, Store, TenantId};

pub const NOW: Micros = Micros::from_secs(1_790_000_000);
pub const TENANT: TenantId = TenantId(7);
pub const MINUTE_MS: i64 = 60_000;

/// Carries nothing: it keeps the letters and answers what it was told, and then that it took them.
#[derive(Default)]
pub struct Told {
    answers: Mutex<VecDeque<Carried>>,
    pub letters: Mutex<Vec<Letter>>,
}

impl Carrier for Told {
    fn carry(&self, letter: &Letter) -> Pin<Box<dyn Future<Output = Carried> + Send + '_>> {
        self.letters.lock().unwrap().push(letter.clone());
        let answer = self.answers.lock().unwrap().pop_front();
        Box::pin(async move { answer.unwrap_or_else(|| Carried::Taken("taken".to_owned())) })
    }
}

pub struct World {
    pub store: Store,
    pub clock: Arc<ManualClock>,
    pub carrier: Arc<Told>,
    pub runtime: Runtime,
    pub key: Arc<MasterKey>,
    attempts: watch::Receiver<u64>,
}

pub fn broken(code: Option<u16>) -> Broken {
    Broken { code, words: "in words".to_owned() }
}

pub fn later() -> Carried {
    Carried::Later { why: broken(Some(450)), whole: false }
}

pub fn draft(to: &str) -> Draft {
    let to = to.parse().unwrap();
    Draft::of(TENANT, (Reason::Invite, 12), to, "An invite".to_owned(), "The code is 4711.".to_owned())
}

pub async fn start(
    store: &Store,
    clock: &Arc<ManualClock>,
    carrier: &Arc<Told>,
    safeguard: Safeguard,
) -> Runtime {
    let from = "Waypost <no-reply@example.org>".parse().unwrap();
    let parts = Parts {
        store: store.clone(),
        clock: Arc::clone(clock) as _,
        ids: Arc::new(IdGenerator::new(1).unwrap()),
        key: Arc::new(MasterKey::from_bytes([7; 32])),
        carrier: Arc::clone(carrier) as _,
        outbox: OutboxSettings { from, safeguard, letter_bytes_max: 1 << 20 },
        settings: Settings {
            schedule: Schedule::new(vec![60_000, 300_000], 0).unwrap(),
            concurrency: 4,
            upkeep_ms: 3_600_000,
            random: || 0,
            policy: Policy::new("mail", 30_000, 60_000),
        },
    };
    Runtime::start(parts).await.unwrap()
}

impl World {
    pub async fn new(store: Store, answers: impl IntoIterator<Item = Carried>) -> Self {
        Self::with(store, answers, Safeguard::default()).await
    }

    pub async fn with(
        store: Store,
        answers: impl IntoIterator<Item = Carried>,
        safeguard: Safeguard,
    ) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let carrier = Arc::new(Told::default());
        carrier.answers.lock().unwrap().extend(answers);
        let runtime = start(&store, &clock, &carrier, safeguard).await;
        let attempts = runtime.attempts();
        Self { store, clock, carrier, runtime, key: Arc::new(MasterKey::from_bytes([7; 32])), attempts }
    }

    pub fn outbox(&self) -> &Outbox {
        self.runtime.outbox()
    }

    /// Writes a letter and lets it go; its id.
    pub async fn post(&self, draft: Draft) -> i64 {
        let (outbox, now) = (self.outbox().clone(), self.clock.now());
        let tenant = draft.tenant;
        let id = self.store.write(move |tx| outbox.enqueue(tx, &draft, now)).await.unwrap();
        self.outbox().release(tenant, now);
        id
    }

    /// Waits until so many attempts were written down.
    pub async fn attempts(&mut self, n: u64) {
        self.attempts.wait_for(|attempts| *attempts >= n).await.unwrap();
    }

    /// Time passes, and the worker looks.
    pub fn pass(&self, ms: i64) {
        self.clock.advance_ms(ms);
        self.outbox().release(TENANT, self.clock.now());
    }

    pub async fn row(&self, id: i64) -> MailRow {
        let ctx = Ctx::operator(TENANT);
        self.store.read(move |tx| records::find(tx, &ctx, id)).await.unwrap().unwrap()
    }

    /// Rows of planned work.
    pub async fn planned(&self) -> i64 {
        let sql = "SELECT count(*) FROM work";
        self.store.read(move |tx| tx.query(sql, &[])?.remove(0).int(0)).await.unwrap()
    }

    pub fn letters(&self) -> Vec<Letter> {
        self.carrier.letters.lock().unwrap().clone()
    }

    pub async fn end(self) {
        assert_eq!(self.runtime.drain(5_000).await, 0);
    }
}
