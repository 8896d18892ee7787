//! What the webhooks of the social providers are answered, and what of them would be kept.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use waypost_channels::connector::AppAccount;
use waypost_core::channel::Channel;
use waypost_core::time::{ManualClock, Micros};
use waypost_messaging::api::{AcceptError, Asset};
use waypost_messaging::wire::social::{Happening, Said, SaidEvent};
use waypost_simulators::social::{Hook, SocialKind, SocialSims, sign_hub, sign_x, wechat_signature};

use crate::support::{Answer, NOW, Server};

const USER: &str = "24680000000000001";

struct World {
    server: Server,
    sims: SocialSims,
}

impl World {
    /// A server with one asset for each provider: `fb`, `twitter`, `wechat`.
    async fn new() -> Self {
        let sims = SocialSims::start_at(Arc::new(ManualClock::new(NOW))).await.unwrap();
        let server = Server::new();
        let kinds = [
            (SocialKind::Fb, Channel::Fb),
            (SocialKind::Twitter, Channel::Twitter),
            (SocialKind::Wechat, Channel::Wechat),
        ];
        for (kind, channel) in kinds {
            let account = AppAccount {
                id: 1,
                app_id: channel.wire_name().to_owned(),
                revision: 1,
                config: sims.app_config(kind),
                secrets: sims.app_secrets(kind),
                sandbox: false,
            };
            let asset = Asset { tenant: 7, channel, is_active: true, account: Arc::new(account) };
            server.world.assets.lock().unwrap().push(asset);
        }
        Self { server, sims }
    }

    async fn post(&self, path: &str, hook: &Hook) -> Answer {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&hook.query).finish();
        let mut request = Request::post(format!("{path}?{query}"));
        for (name, value) in &hook.headers {
            request = request.header(name, value);
        }
        self.server.call(request.body(Body::from(hook.body.clone())).unwrap()).await
    }

    async fn get(&self, path: impl AsRef<str>) -> Answer {
        self.server.call(Request::get(path.as_ref()).body(Body::empty()).unwrap()).await
    }

    fn happened(&self) -> Vec<Happening> {
        std::mem::take(&mut self.server.world.happened.lock().unwrap())
    }

    fn change(&self, channel: Channel, change: impl Fn(&mut AppAccount)) {
        for asset in
            self.server.world.assets.lock().unwrap().iter_mut().filter(|asset| asset.channel == channel)
        {
            change(Arc::make_mut(&mut asset.account));
        }
    }
}

fn seen(answer: &Answer) -> (u16, String, String) {
    answer.refusal()
}

fn refused(http: u16, code: &str, text: &str) -> (u16, String, String) {
    (http, code.to_owned(), text.to_owned())
}

fn said(user: &str, text: &str, provider_ref: &str) -> Happening {
    Happening::Said(Said {
        user: user.into(),
        event: SaidEvent::Mo,
        text: text.into(),
        attachments: None,
        postback: None,
        provider_ref: provider_ref.into(),
    })
}

#[tokio::test]
async fn messenger_is_answered_its_challenge_for_the_right_token_only() {
    let world = World::new().await;
    let get = |token: &str, mode: &str| {
        world.get(format!(
            "/webhooks/messenger/fb?hub.mode={mode}&hub.verify_token={token}&hub.challenge=%3Cb%3E1158"
        ))
    };
    let good = get("verify-me", "subscribe").await;
    assert_eq!((good.http.as_u16(), good.body.as_str()), (200, "<b>1158"));
    assert_eq!(good.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(good.headers["x-content-type-options"], "nosniff");
    let mismatch = refused(400, "7029", "Signature mismatch");
    assert_eq!(seen(&get("other", "subscribe").await), mismatch);
    assert_eq!(seen(&get("verify-me", "unsubscribe").await), mismatch);
    let none = world.get("/webhooks/messenger/fb").await;
    assert_eq!(seen(&none), refused(400, "7028", "Signature missing"));
}

#[tokio::test]
async fn messengers_events_are_kept_before_they_are_acknowledged() {
    let world = World::new().await;
    let at = NOW;
    let event = json!({"message": {"mid": "m1", "text": "Hi"}});
    let answer = world.post("/webhooks/messenger/fb", &world.sims.fb_event(USER, at, event)).await;
    assert_eq!((answer.http.as_u16(), answer.body.as_str()), (200, "EVENT_RECEIVED"));
    assert_eq!(world.happened(), [said(USER, "Hi", "m1")]);
    world.post("/webhooks/messenger/fb", &world.sims.fb_delivery(USER, &["m2"], at)).await;
    world.post("/webhooks/messenger/fb", &world.sims.fb_read(USER, at)).await;
    let until = Micros::from_ms(at.as_ms());
    let delivered = Happening::Delivered { ids: vec!["m2".into()], user: USER.into(), until: Some(until) };
    assert_eq!(world.happened(), [delivered, Happening::Read { user: USER.into(), until }]);
    *world.server.world.accept.lock().unwrap() = Err(AcceptError::Unavailable);
    let answer = world.post("/webhooks/messenger/fb", &world.sims.fb_read(USER, at)).await;
    assert_eq!(seen(&answer), refused(503, "7006", "Internal error occurred"));
}

#[tokio::test]
async fn nothing_is_kept_under_a_signature_that_is_not_of_these_bytes() {
    let world = World::new().await;
    let good = world.sims.fb_read(USER, NOW);
    let mismatch = refused(400, "7029", "Signature mismatch");
    let mut changed = good.clone();
    changed.body.push(b' ');
    assert_eq!(seen(&world.post("/webhooks/messenger/fb", &changed).await), mismatch);
    let mut other = good.clone();
    other.headers = vec![("x-hub-signature-256".into(), sign_hub("other", &good.body))];
    assert_eq!(seen(&world.post("/webhooks/messenger/fb", &other).await), mismatch);
    let unsigned = Hook { headers: Vec::new(), ..good.clone() };
    let missing = refused(400, "7028", "Signature missing");
    assert_eq!(seen(&world.post("/webhooks/messenger/fb", &unsigned).await), missing);
    // Without the secret nothing can be verified.
    world.change(Channel::Fb, |account| account.secrets = json!({}));
    assert_eq!(seen(&world.post("/webhooks/messenger/fb", &good).await), mismatch);
    assert_eq!(world.happened(), []);
}

#[tokio::test]
async fn an_address_that_leads_to_no_live_asset_of_the_provider_is_told_so() {
    let world = World::new().await;
    let hook = world.sims.fb_read(USER, NOW);
    let endpoint = refused(404, "7008", "Invalid endpoint");
    assert_eq!(seen(&world.post("/webhooks/messenger/nobody", &hook).await), endpoint);
    assert_eq!(seen(&world.post("/webhooks/messenger/twitter", &hook).await), endpoint);
    world.server.world.assets.lock().unwrap()[0].is_active = false;
    assert_eq!(seen(&world.post("/webhooks/messenger/fb", &hook).await), endpoint);
    assert_eq!(world.get("/webhooks/pigeon/fb").await.http.as_u16(), 404);
    assert_eq!(world.happened(), []);
}

#[tokio::test]
async fn a_long_body_is_430_and_a_signed_one_that_makes_no_sense_is_7000() {
    let world = World::new().await;
    let signed = |body: &[u8]| Hook {
        query: Vec::new(),
        headers: vec![("x-hub-signature-256".into(), sign_hub("0123456789abcdef0123456789abcdef", body))],
        body: body.to_vec(),
    };
    let limit = 256 * 1024;
    let answer = world.post("/webhooks/messenger/fb", &signed(&vec![b' '; limit + 1])).await;
    assert_eq!(seen(&answer), refused(430, "7022", "JSON size exceeded"));
    let json = refused(400, "7000", "Invalid JSON");
    assert_eq!(seen(&world.post("/webhooks/messenger/fb", &signed(&vec![b' '; limit])).await), json);
    for body in ["", "{}", "[1", "{\"object\":\"user\"}"] {
        assert_eq!(
            seen(&world.post("/webhooks/messenger/fb", &signed(body.as_bytes())).await),
            json,
            "{body}"
        );
    }
}

#[tokio::test]
async fn x_is_answered_its_challenge_and_its_activity_is_kept() {
    let world = World::new().await;
    let answer = world.get("/webhooks/twitter/twitter?crc_token=abc123").await;
    let expected = json!({"response_token": sign_x("simulatedConsumerSecret", b"abc123")});
    assert_eq!((answer.http.as_u16(), answer.json()), (200, expected));
    assert_eq!(
        seen(&world.get("/webhooks/twitter/twitter").await),
        refused(400, "7028", "Signature missing")
    );
    // The check must not sign what could be sent as a webhook.
    let forged = world.get("/webhooks/twitter/twitter?crc_token=%7B%22for_user_id%22%3A1%7D").await;
    assert_eq!(seen(&forged), refused(400, "7029", "Signature mismatch"));

    let hook = world.sims.x_message("77", "8", "Hi", NOW);
    let answer = world.post("/webhooks/twitter/twitter", &hook).await;
    assert_eq!((answer.http.as_u16(), answer.body.as_str()), (200, ""));
    assert_eq!(world.happened(), [said("8", "Hi", "77")]);
    let mut changed = hook.clone();
    changed.body[0] = b' ';
    let mismatch = refused(400, "7029", "Signature mismatch");
    assert_eq!(seen(&world.post("/webhooks/twitter/twitter", &changed).await), mismatch);
    let unsigned = Hook { headers: Vec::new(), ..hook };
    let missing = refused(400, "7028", "Signature missing");
    assert_eq!(seen(&world.post("/webhooks/twitter/twitter", &unsigned).await), missing);
    let nonsense = world.sims.x_event(&Value::Null);
    assert_eq!(
        seen(&world.post("/webhooks/twitter/twitter", &nonsense).await),
        refused(400, "7000", "Invalid JSON")
    );
    assert_eq!(world.happened(), []);
}

#[tokio::test]
async fn wechat_is_answered_its_echo_within_ten_minutes_only() {
    let world = World::new().await;
    let get = |secs: i64, token: &str| {
        let secs = secs.to_string();
        let signature = wechat_signature(&[token, &secs, "n1"]);
        let path =
            format!("/webhooks/wechat/wechat?signature={signature}&timestamp={secs}&nonce=n1&echostr=5021");
        world.get(path)
    };
    let now = NOW.as_secs();
    let good = get(now - 600, "simulatedtoken").await;
    assert_eq!((good.http.as_u16(), good.body.as_str()), (200, "5021"));
    let mismatch = refused(400, "7029", "Signature mismatch");
    assert_eq!(seen(&get(now - 601, "simulatedtoken").await), mismatch);
    assert_eq!(seen(&get(now + 601, "simulatedtoken").await), mismatch);
    assert_eq!(seen(&get(now, "other").await), mismatch);
    assert_eq!(
        seen(&world.get("/webhooks/wechat/wechat?echostr=1").await),
        refused(400, "7028", "Signature missing")
    );
}

#[tokio::test]
async fn wechat_speaks_encrypted_once_a_key_is_set() {
    let world = World::new().await;
    let rest = "<MsgType>text</MsgType><Content><![CDATA[你好 & <b>]]></Content><MsgId>7</MsgId>";
    let (sealed, plain) =
        (world.sims.wechat_event("o1", rest, NOW, true), world.sims.wechat_event("o1", rest, NOW, false));
    let answer = world.post("/webhooks/wechat/wechat", &sealed).await;
    assert_eq!((answer.http.as_u16(), answer.body.as_str()), (200, "success"));
    assert_eq!(world.happened(), [said("o1", "你好 & <b>", "7")]);
    let missing = refused(400, "7028", "Signature missing");
    assert_eq!(
        seen(&world.post("/webhooks/wechat/wechat", &plain).await),
        missing,
        "the key would protect nothing"
    );
    let mut changed = sealed.clone();
    let at = changed.body.len() / 2;
    changed.body[at] = if changed.body[at] == b'A' { b'B' } else { b'A' };
    let mismatch = refused(400, "7029", "Signature mismatch");
    assert_eq!(seen(&world.post("/webhooks/wechat/wechat", &changed).await), mismatch);
    // Made for another account under the same key and token.
    world.change(Channel::Wechat, |account| account.secrets["app_id"] = json!("wxother"));
    assert_eq!(seen(&world.post("/webhooks/wechat/wechat", &sealed).await), mismatch);
    assert_eq!(world.happened(), []);

    world.change(Channel::Wechat, |account| account.secrets["encoding_aes_key"] = Value::Null);
    assert_eq!(world.post("/webhooks/wechat/wechat", &plain).await.body, "success");
    assert_eq!(world.happened(), [said("o1", "你好 & <b>", "7")]);
    let nonsense = Hook { body: b"<xml><a>".to_vec(), ..plain };
    assert_eq!(
        seen(&world.post("/webhooks/wechat/wechat", &nonsense).await),
        refused(400, "7027", "Invalid XML")
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn no_signed_body_makes_the_server_fail(body in "\\PC{0,200}|[\\[{\\]}\",:a-z0-9]{0,200}|<xml>\\PC{0,80}</xml>") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            world.change(Channel::Wechat, |account| account.secrets["encoding_aes_key"] = Value::Null);
            let fb = vec![("x-hub-signature-256".into(), sign_hub("0123456789abcdef0123456789abcdef", body.as_bytes()))];
            let x = vec![("x-twitter-webhooks-signature".into(), sign_x("simulatedConsumerSecret", body.as_bytes()))];
            let wechat = world.sims.wechat_event("o1", "", NOW, false).query;
            let hook = |query, headers| Hook { query, headers, body: body.clone().into_bytes() };
            for (path, hook) in [
                ("/webhooks/messenger/fb", hook(Vec::new(), fb)),
                ("/webhooks/twitter/twitter", hook(Vec::new(), x)),
                ("/webhooks/wechat/wechat", hook(wechat, Vec::new())),
            ] {
                let answer = world.post(path, &hook).await;
                assert!(matches!(answer.http.as_u16(), 200 | 400), "{path} {body}: {answer:?}");
            }
        });
    }
}
