//! The content part of a demo: a property goes to two partners, one of which forgets to delete; the audit finds it.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::Context;
use http::Request;
use serde::Serialize;
use serde_json::{Value, json};
use waypost_content::api::model::PATH;
use waypost_content::sample;
use waypost_content::wire::Json;
use waypost_simulators::partner::{Faults, PartnerHandle};

use super::Client;
use crate::sandbox::World;

const PROPERTY: &str = "DEMO1";
/// How long the server is asked again for what it finds.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

/// What the demo saw.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ContentRow {
    /// Objects of the property.
    pub objects: usize,
    /// Partners that have all of it, in the end too.
    pub partners: Vec<String>,
    /// From the first object's request to the last object at the last partner, milliseconds.
    pub launch_ms: f64,
    /// Pushes the faulty partner did not answer well, which were sent again.
    pub sent_again: u64,
    /// The partner that differed.
    pub differed_at: String,
    /// What differed: kind and code.
    pub object: String,
    /// The difference the audit found: path, expected, actual.
    pub difference: Value,
    /// From the change's request to the difference found, milliseconds.
    pub found_ms: f64,
    /// Whether both partners hold the same in the end and nothing differs.
    pub mended: bool,
}

/// Launches a property to the sandbox's partners, lets one of them drift, and mends it.
///
/// # Errors
/// When a request is refused, or what must be found is not found in time.
pub async fn content(world: &World) -> anyhow::Result<ContentRow> {
    let ready = world.ready();
    let mut desk = Desk { client: Client::connect(world.address()).await?, key: ready.profile_key.clone() };
    let [good, faulty] = world.partners() else { anyhow::bail!("the sandbox has two partners") };
    faulty.set_faults(Faults {
        keep_products: true,
        drop_after: 150,
        error_500: 150,
        seed: 4,
        ..Faults::default()
    });
    let start = Instant::now();
    let objects = launch(&mut desk).await?;
    for partner in [good, faulty] {
        let whole = partner.wait(|counts| counts.applied >= objects as u64);
        tokio::time::timeout(PATIENCE, whole).await.context("a partner did not get the property")?;
    }
    let launch_ms = start.elapsed().as_secs_f64() * 1e3;
    let sent_again = faulty.counts().pushes - objects as u64;
    faulty.set_faults(Faults { keep_products: true, ..Faults::default() });

    // The room type B is no longer sold under the rate plan: the faulty partner says yes, and goes on selling it.
    let start = Instant::now();
    desk.put("/products/RP1", &Json::List(vec![sample::product("RP1", "A", &["CITY"])])).await?;
    let found = desk.drift(|drift| drift.len() == 1).await?;
    let found_ms = start.elapsed().as_secs_f64() * 1e3;
    faulty.set_faults(Faults::default());
    desk.post(&format!("/partners/partner-forgetful/lanes/{PROPERTY}/repair")).await?;
    desk.drift(<[Value]>::is_empty).await?;
    let text = |name: &str| found[0][name].as_str().unwrap_or_default().to_owned();
    Ok(ContentRow {
        objects,
        partners: vec!["partner-good".to_owned(), "partner-forgetful".to_owned()],
        launch_ms,
        sent_again,
        differed_at: "partner-forgetful".to_owned(),
        object: format!("{} {}", text("kind"), text("code")),
        difference: found[0]["differences"][0].clone(),
        found_ms,
        mended: held(good) == held(faulty),
    })
}

/// Everything a partner holds of the property.
fn held(partner: &PartnerHandle) -> Vec<String> {
    partner.with_shelf(|shelf| {
        let own = shelf.objects().filter(|object| object.0 == PROPERTY);
        let mut all: Vec<String> = own
            .map(|(_, kind, code, on, body)| format!("{} {code} {on} {}", kind.word(), body.sorted()))
            .collect();
        all.sort();
        all
    })
}

async fn launch(desk: &mut Desk) -> anyhow::Result<usize> {
    let products = ["A", "B"].map(|room| sample::product("RP1", room, &["CITY"]));
    let objects = [
        ("", sample::hotel(PROPERTY)),
        ("/taxes/CITY", sample::tax("CITY")),
        ("/cancellation-policies/C24H", sample::policy("C24H")),
        ("/roomtypes/A", sample::room("A")),
        ("/roomtypes/B", sample::room("B")),
        ("/rateplans/RP1", sample::rateplan("RP1", "C24H")),
        ("/products/RP1", Json::List(products.into())),
    ];
    for (path, body) in &objects {
        desk.put(path, body).await?;
    }
    Ok(objects.len())
}

/// The model's HTTP API with the tenant's key.
struct Desk {
    client: Client,
    key: String,
}

impl Desk {
    async fn send(&mut self, method: &str, path: &str, body: String) -> anyhow::Result<Value> {
        let request = Request::builder().method(method).uri(format!("{PATH}{path}"));
        let request = request.header("key", &self.key).header("content-type", "application/json");
        let answer = self.client.send(request, body.into_bytes()).await;
        let answer = answer.with_context(|| format!("{method} {path}"))?;
        Ok(serde_json::from_slice(&answer)?)
    }

    async fn put(&mut self, rest: &str, body: &Json) -> anyhow::Result<()> {
        self.send("PUT", &format!("/properties/{PROPERTY}{rest}"), body.to_string()).await.map(|_| ())
    }

    async fn post(&mut self, path: &str) -> anyhow::Result<()> {
        self.send("POST", path, String::new()).await.map(|_| ())
    }

    /// What differs at the faulty partner, once it is as `wanted`.
    async fn drift(&mut self, wanted: impl Fn(&[Value]) -> bool) -> anyhow::Result<Vec<Value>> {
        let end = Instant::now() + PATIENCE;
        loop {
            let said = self.send("GET", "/partners/partner-forgetful/drift", String::new()).await?;
            let found = said["drift"].as_array().cloned().unwrap_or_default();
            if wanted(&found) {
                return Ok(found);
            }
            anyhow::ensure!(Instant::now() < end, "the audit did not find what it must: {said}");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl ContentRow {
    /// In words.
    pub(super) fn write(&self, text: &mut String) {
        let Self { objects, partners, launch_ms, sent_again, differed_at, object, .. } = self;
        let names = partners.join(" and ");
        let path = self.difference["path"].as_str().unwrap_or_default();
        let (ours, theirs) = (shown(&self.difference["expected"]), shown(&self.difference["actual"]));
        let end = if self.mended { "both partners hold the same" } else { "NOT MENDED" };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "content");
        let _ = writeln!(
            text,
            "  {objects} objects of {PROPERTY} to {names} in {launch_ms:.0} ms, {sent_again} of them sent again"
        );
        let _ = writeln!(
            text,
            "  {object} differs at {differed_at} at {path}: {ours} here, {theirs} there; found by the audit after {:.0} ms",
            self.found_ms
        );
        let _ = writeln!(text, "  repaired: {end}");
    }
}

/// A value, cut to what fits.
fn shown(value: &Value) -> String {
    const CHARS_MAX: usize = 60;
    let whole = if *value == json!(null) { "nothing".to_owned() } else { value.to_string() };
    if whole.chars().count() <= CHARS_MAX {
        return whole;
    }
    whole.chars().take(CHARS_MAX).chain(['…']).collect()
}
