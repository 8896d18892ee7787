//! A server whose letters arrive at a simulated relay.

use std::sync::Arc;
use std::time::Duration;

use waypost_core::id::IdGenerator;
use waypost_core::retry::Schedule;
use waypost_delivery::Policy;
use waypost_mail::email::{RelaySettings, RelayTls, SmtpRelay};
use waypost_mail::{OutboxSettings, Parts, Runtime, Safeguard, Settings};
use waypost_services::api::ServicesSettings;
use waypost_simulators::smtp::{SimulatedRelay, SmtpConfig, SmtpHandle, TakenLetter};
use waypost_store::seal::MasterKey;
use waypost_store::testing::Place;

use crate::support::{World, settings};

/// Far above what anything here takes; a test that hits it has failed.
const DEADLINE: Duration = Duration::from_secs(60);

/// The server, its outbox, and where its letters end.
pub struct Post {
    pub world: World,
    relay: SmtpHandle,
    runtime: Runtime,
}

impl Post {
    /// On a SQLite file of its own, its codes in letters only.
    pub async fn new() -> Self {
        Self::on(Place::sqlite(), Safeguard::default()).await
    }

    /// With a safeguard.
    pub async fn guarded(safeguard: Safeguard) -> Self {
        Self::on(Place::sqlite(), safeguard).await
    }

    /// On each engine.
    pub async fn both() -> Vec<Self> {
        let mut all = Vec::new();
        for place in Place::both().await {
            all.push(Self::on(place, Safeguard::default()).await);
        }
        all
    }

    async fn on(place: Place, safeguard: Safeguard) -> Self {
        let relay = SimulatedRelay::start(SmtpConfig::default()).await.unwrap();
        let settings = ServicesSettings { shows_codes: false, ..settings() };
        let world = World::in_place(place, settings).await;
        let runtime = Runtime::start(parts(&world, &relay, safeguard)).await.unwrap();
        let world = world.mailing(runtime.outbox().clone());
        Self { world, relay, runtime }
    }

    /// Waits until so many letters have arrived; all of them, in the order of their recipients.
    pub async fn letters(&self, n: u64) -> Vec<TakenLetter> {
        let mut taken = self.relay.taken();
        let arrived = tokio::time::timeout(DEADLINE, taken.wait_for(|taken| *taken >= n)).await;
        arrived.expect("the letters in time").unwrap();
        let mut letters = self.relay.letters();
        letters.sort_by(|a, b| a.recipients.cmp(&b.recipients));
        letters
    }

    /// Ends the outbox; the letters that have arrived.
    pub async fn end(self) -> Vec<TakenLetter> {
        assert_eq!(self.runtime.drain(30_000).await, 0);
        self.relay.letters()
    }
}

fn parts(world: &World, relay: &SmtpHandle, safeguard: Safeguard) -> Parts {
    let carrier = SmtpRelay::new(RelaySettings {
        host: "127.0.0.1".to_owned(),
        port: relay.address().port(),
        tls: RelayTls::Off,
        authority_pem: None,
        login: None,
        hello_name: "waypost.example.org".to_owned(),
        timeout_ms: 30_000,
        idle_ms: 60_000,
        idle_max: 4,
    });
    let from = "Waypost <no-reply@example.org>".parse().unwrap();
    Parts {
        store: world.store.clone(),
        clock: Arc::clone(&world.clock) as _,
        ids: Arc::new(IdGenerator::new(1).unwrap()),
        key: Arc::new(MasterKey::from_bytes([7; 32])),
        carrier: Arc::new(carrier.unwrap()),
        outbox: OutboxSettings { from, safeguard, letter_bytes_max: 40_000 },
        settings: Settings {
            schedule: Schedule::new(Vec::new(), 0).unwrap(),
            concurrency: 4,
            upkeep_ms: 3_600_000,
            random: || 0,
            policy: Policy::new("mail", 30_000, 60_000),
        },
    }
}

/// A quoted-printable body as it reads.
pub fn read(letter: &TakenLetter) -> String {
    let body = letter.body().replace("=\r\n", "").replace("\r\n", "\n");
    if letter.header("Content-Transfer-Encoding").as_deref() != Some("quoted-printable") {
        return body.trim_end().to_owned();
    }
    let mut bytes = Vec::new();
    let mut rest = body.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'=' {
            let (code, after) = after.split_at(2);
            bytes.push(u8::from_str_radix(std::str::from_utf8(code).unwrap(), 16).unwrap());
            rest = after;
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap().trim_end().to_owned()
}
