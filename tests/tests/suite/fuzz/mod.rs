//! What nobody should send, to every endpoint of the messaging family over the whole server: always an answer with a row
//! of the catalogue, never a 5xx, never a panic anywhere in the process, and nothing written by what was refused.
//!
//! The cases are the same each time. `WAYPOST_FUZZ_CASES` says how many each rule tries.

mod field;
mod shapes;

use bytes::Bytes;
use http::Method;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};
use serde_json::{Value, json};
use waypost_simulators::social::{Hook, SocialKind, sign_hub, sign_x};
use waypost_status::Api;
use waypost_suite::{Engine, MESSAGING, SOCIAL, on_both_engines};

use self::field::{Field, is_uri};
use self::shapes::{Damage, Mutation, seeds};

on_both_engines!(
    no_message_is_too_strange_for_a_code,
    no_look_up_is_too_strange_for_a_code,
    no_profile_is_too_strange_for_a_code,
    no_profile_path_or_query_is_too_strange_for_a_code,
    no_signed_webhook_is_too_strange_for_a_code,
    no_strangers_webhook_is_kept,
    no_upload_is_too_strange_for_a_code,
);

/// Cases of a rule when nothing else is said.
const CASES: u32 = 1_000;

/// Tries a rule on a fresh server. The engine of the database is slower and its rules are the same: it gets a quarter.
async fn fuzz<S: Strategy>(
    engine: Engine,
    strategy: S,
    mut rule: impl AsyncFnMut(&mut Field, S::Value) -> TestCaseResult,
) {
    let cases =
        std::env::var("WAYPOST_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let cases = if engine == Engine::Postgres { cases.div_ceil(4) } else { cases };
    let mut field = Field::new(engine).await;
    // One case after another, and each tells which it was: what is found need not be made smaller.
    let config = Config { cases, max_shrink_iters: 0, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    for _ in 0..cases {
        let case = strategy.new_tree(&mut runner).expect("a case").current();
        let told = format!("{case:?}");
        if let Err(error) = rule(&mut field, case).await {
            panic!("{error}\n{told}");
        }
        field.nobody_panicked(&told);
    }
    field.still_delivers().await;
}

fn key_header() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![12 => Just(Some("the key")), 1 => Just(None), 1 => Just(Some("nobody")), 1 => Just(Some(""))]
}

fn content_type() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        12 => Just("application/json"),
        1 => Just("application/json; charset=utf-8"),
        1 => Just("text/plain"),
        1 => Just("\u{7f}"),
    ]
}

async fn no_message_is_too_strange_for_a_code(engine: Engine) {
    let seeds = seeds();
    let once =
        prop_oneof![8 => Just(None), 1 => "[ -~]{0,3}".prop_map(Some), 1 => Just(Some("k".repeat(256)))];
    let case = (
        any::<prop::sample::Index>(),
        prop::collection::vec(Mutation::any(), 0..4),
        Damage::any(),
        key_header(),
        content_type(),
        once,
    );
    fuzz(engine, case, async |field, (seed, mutations, damage, key, content_type, once)| {
        let mut body = seed.get(&seeds).clone();
        mutations.into_iter().for_each(|mutation| mutation.apply(&mut body));
        let body = damage.of(body.to_string());
        let key = key.map(|key| if key == "the key" { field.key() } else { key.to_owned() });
        let mut headers: Vec<(&str, &str)> = Vec::new();
        headers.extend(key.as_deref().map(|key| ("key", key)));
        if content_type != "\u{7f}" {
            headers.push(("content-type", content_type));
        }
        headers.extend(once.as_deref().map(|once| ("Idempotency-Key", once)));
        let answer = field.http().send(Method::POST, MESSAGING, &headers, body).await;
        prop_assert!(matches!(answer.http, 200 | 413 | 415), "{}", answer.http);
        let accepted = field::units(&[Api::Messaging], &answer)?;
        let repeated = answer.headers.contains_key("idempotency-replayed");
        let written = field.written().await;
        if accepted == 0 || repeated {
            prop_assert_eq!(written, field::Ledger::default(), "{}", answer.text());
        } else {
            prop_assert_eq!(written.requests, 1);
            prop_assert!(written.messages >= accepted, "{} of {}", written.messages, accepted);
        }
        Ok(())
    })
    .await;
}

async fn no_look_up_is_too_strange_for_a_code(engine: Engine) {
    let asked = prop_oneof![
        4 => ("[0-9a-f]{0,40}", "[_0-9]{0,6}").prop_map(|(id, unit)| format!("{id}{unit}")),
        2 => "[!-~]{0,60}",
        2 => "(%[0-9A-Fa-f]{2}){0,8}",
        1 => Just("x".repeat(3_000)),
        4 => ("_?[0-9]{0,20}", any::<bool>())
            .prop_map(|(tail, upper)| format!("{}{tail}", if upper { "THE ID" } else { "the id" })),
    ];
    let case = (asked, key_header());
    let transid = std::sync::Mutex::new(String::new());
    fuzz(engine, case, async |field, (asked, key)| {
        if transid.lock().unwrap().is_empty() {
            *transid.lock().unwrap() = field.send().await;
        }
        let known = transid.lock().unwrap().clone();
        let asked = asked.replace("the id", &known).replace("THE ID", &known.to_uppercase());
        let path = format!("{MESSAGING}/status/{asked}");
        if !is_uri(&path) {
            return Ok(());
        }
        let key = key.map(|key| if key == "the key" { field.key() } else { key.to_owned() });
        let headers: Vec<(&str, &str)> = key.as_deref().map(|key| ("key", key)).into_iter().collect();
        let answer = field.http().send(Method::GET, &path, &headers, "").await;
        if answer.http == 404 || answer.http == 405 {
            // A slash in it makes it another path.
            prop_assert!(answer.body.is_empty(), "{}", answer.text());
        } else if !answer.body.starts_with(b"[") {
            prop_assert_eq!(answer.http, 200);
            field::units(&[Api::TransactionStatus], &answer)?;
        }
        prop_assert_eq!(field.written().await, field::Ledger::default());
        Ok(())
    })
    .await;
}

const STORES: [&str; 6] = [
    "/resources/v2/customerprofile",
    "/resources/v1/customerprofile/",
    "/resources/v2/customerappprofile/FB20000001",
    "/resources/v2/customerappprofile/TW20000001",
    "/resources/v2/customerappprofile/WC20000001",
    "/resources/v2/customerappprofile/nobody",
];

async fn no_profile_is_too_strange_for_a_code(engine: Engine) {
    let case = (
        prop::sample::select(STORES.to_vec()),
        prop_oneof![Just(Method::POST), Just(Method::PUT)],
        prop::collection::vec(shapes::profile(), 0..9),
        prop::collection::vec(Mutation::any(), 0..3),
        Damage::any(),
    );
    fuzz(engine, case, async |field, (path, method, records, mutations, damage)| {
        let mut body = json!({"Records": records});
        mutations.into_iter().for_each(|mutation| mutation.apply(&mut body));
        // More than ten would be done later, by nobody's request.
        if body["Records"].as_array().is_some_and(|records| records.len() > 10) {
            return Ok(());
        }
        let key = field.profile_key();
        let headers = [("key", key.as_str()), ("content-type", "application/json")];
        let body = damage.of(body.to_string());
        let answer = field.http().send(method, path, &headers, body).await;
        prop_assert_eq!(answer.http, 200, "{}", answer.text());
        let done = field::records(&answer)?;
        let written = field.written().await;
        prop_assert!(done > 0 || written == field::Ledger::default(), "{}", answer.text());
        Ok(())
    })
    .await;
}

async fn no_profile_path_or_query_is_too_strange_for_a_code(engine: Engine) {
    let piece =
        || prop_oneof![3 => "[a-z%0-9=&?+.~-]{0,10}", 1 => Just("C1".to_owned()), 1 => "(%[0-9A-F]{2}){0,4}"];
    let method = prop::sample::select(vec![Method::GET, Method::DELETE, Method::POST, Method::PATCH]);
    let case = (method, prop::sample::select(STORES.to_vec()), piece(), piece(), piece());
    fuzz(engine, case, async |field, (method, store, a, b, c)| {
        let paths = [
            format!("{store}/{a}"),
            format!("{store}/{a}/{b}"),
            format!("{store}?customerId={a}&customerId={b}&identifier={c}&showinwardlinks={b}"),
            format!("/resources/v2/profile/status/{a}"),
        ];
        for path in paths.into_iter().filter(|path| is_uri(path)) {
            let key = field.profile_key();
            let answer = field.http().send(method.clone(), &path, &[("key", &key)], "").await;
            prop_assert!(matches!(answer.http, 200 | 404 | 405 | 415), "{} {}", answer.http, path);
            let written = field.written().await;
            if answer.body.is_empty() {
                prop_assert_eq!(written, field::Ledger::default());
            } else {
                let done = field::records(&answer)?;
                prop_assert!(done > 0 || written == field::Ledger::default(), "{}", answer.text());
            }
        }
        Ok(())
    })
    .await;
}

/// A webhook of a provider, with events that are nearly its own.
fn hook(field: &Field, kind: SocialKind, mutations: Vec<Mutation>, damage: &Damage, encrypted: bool) -> Hook {
    let sims = &field.social.sims;
    let now = field::now();
    let mut body = match kind {
        SocialKind::Fb => {
            let event = json!({"message": {"mid": "m", "text": "Hi"}, "read": {"watermark": 1},
                "delivery": {"mids": ["m"], "watermark": 2}, "postback": {"payload": "p", "title": "t"}});
            serde_json::from_slice::<Value>(&sims.fb_event("24680000000000001", now, event).body).unwrap()
        }
        SocialKind::Twitter => {
            serde_json::from_slice(&sims.x_message("12", "783214001", "Hi", now).body).unwrap()
        }
        SocialKind::Wechat => {
            let mut rest =
                json!({"MsgType": "text", "Content": "Hi", "MsgId": "7", "Event": "VIEW", "PicUrl": "p"});
            mutations.into_iter().for_each(|mutation| mutation.apply(&mut rest));
            let xml = damage.of(shapes::xml(&rest));
            return sims.wechat_event("o-1", &String::from_utf8_lossy(&xml), now, encrypted);
        }
    };
    mutations.into_iter().for_each(|mutation| mutation.apply(&mut body));
    let bytes = damage.of(body.to_string());
    let secrets = sims.app_secrets(kind);
    if kind == SocialKind::Fb {
        let signature = sign_hub(secrets["app_secret"].as_str().unwrap(), &bytes);
        Hook { query: vec![], headers: vec![("x-hub-signature-256".to_owned(), signature)], body: bytes }
    } else {
        let signature = sign_x(secrets["consumer_secret"].as_str().unwrap(), &bytes);
        Hook {
            query: vec![],
            headers: vec![("x-twitter-webhooks-signature".to_owned(), signature)],
            body: bytes,
        }
    }
}

fn kind() -> impl Strategy<Value = SocialKind> {
    prop::sample::select(SOCIAL.iter().map(|(_, kind, _)| *kind).collect::<Vec<_>>())
}

async fn no_signed_webhook_is_too_strange_for_a_code(engine: Engine) {
    let case =
        (kind(), prop::collection::vec(Mutation::any(), 0..4), Damage::any(), prop::bool::weighted(0.8));
    fuzz(engine, case, async |field, (kind, mutations, damage, encrypted)| {
        let hook = hook(field, kind, mutations, &damage, encrypted);
        let (http, body) =
            field.social.sims.of(kind).post_hook(&field.social.webhook(kind), &hook).await.unwrap();
        prop_assert!(matches!(http, 200 | 400), "{} {}", http, body);
        let written = field.written().await;
        if http != 200 {
            field::refusal(&[Api::Event, Api::Messaging], &body)?;
            prop_assert_eq!(written, field::Ledger::default(), "{}", body);
        }
        Ok(())
    })
    .await;
}

async fn no_strangers_webhook_is_kept(engine: Engine) {
    let words = || prop_oneof!["[!-~]{0,30}", "(%[0-9A-F]{2}){0,6}", Just("FB20000001".to_owned())];
    let provider = prop::sample::select(vec!["messenger", "twitter", "wechat", "other"]);
    let method = prop::sample::select(vec![Method::GET, Method::POST, Method::PUT]);
    let case = (provider, method, words(), words(), words(), Damage::any());
    fuzz(engine, case, async |field, (provider, method, app_id, query, signature, damage)| {
        let path = format!(
            "/webhooks/{provider}/{app_id}?hub.mode=subscribe&hub.verify_token={query}&hub.challenge={query}\
             &signature={query}&timestamp={query}&nonce={query}&echostr={query}"
        );
        if !is_uri(&path) {
            return Ok(());
        }
        let headers = [("x-hub-signature-256", &*signature), ("x-twitter-webhooks-signature", &*signature)];
        let body = damage.of(r#"{"object":"page","entry":[]}"#.to_owned());
        let answer = field.http().send(method, &path, &headers, body).await;
        prop_assert!(matches!(answer.http, 400 | 404 | 405), "{} {}", answer.http, path);
        if !answer.body.is_empty() {
            field::refusal(&[Api::Event, Api::Messaging], answer.text())?;
        }
        prop_assert_eq!(field.written().await, field::Ledger::default());
        Ok(())
    })
    .await;
}

async fn no_upload_is_too_strange_for_a_code(engine: Engine) {
    let app_id = prop_oneof![
        6 => prop::sample::select(vec!["TW20000001", "WC20000001", "FB20000001", "nobody"]).prop_map(str::to_owned),
        1 => "(%[0-9A-F]{2}){0,6}",
    ];
    let case = (app_id, prop::collection::vec(shapes::form_field(), 0..4), "[a-z=;\"]{0,8}", Damage::any());
    fuzz(engine, case, async |field, (app_id, fields, boundary, damage)| {
        let body = damage.of_bytes(shapes::form(&fields, "b"));
        let content_type = match boundary.len() {
            0..=6 => "multipart/form-data; boundary=b".to_owned(),
            _ => format!("multipart/form-data; {boundary}"),
        };
        let path = format!("/resources/v1/media/{app_id}");
        let key = field.key();
        let headers = [("key", key.as_str()), ("content-type", content_type.as_str())];
        let answer = field.http().send(Method::POST, &path, &headers, Bytes::from(body)).await;
        if answer.http == 404 && answer.body.is_empty() {
            return Ok(());
        }
        prop_assert!(matches!(answer.http, 200 | 413 | 415), "{} {}", answer.http, answer.text());
        if answer.json()["mediaid"].is_null() {
            field::refusal(&[Api::Messaging], answer.text())?;
        }
        prop_assert_eq!(field.written().await, field::Ledger::default());
        Ok(())
    })
    .await;
}
