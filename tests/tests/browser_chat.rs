//! The sandbox's chat page in a real browser: a person and a service talk over MQTT in WebSocket, the RT API and the
//! Messaging API.
#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use serde_json::{Value, json};
use waypost::sandbox::{Options, World};
use waypost_suite::{Answer, Browser, Http};

/// Sends an in-app message to a user as a service does.
async fn tell(world: &World, user: &str, message: &Value) {
    let body = json!({
        "deliverychannel": "rt", "channels": {"appmessaging": {"message": message}}, "destination": [{"userid": [user]}]
    });
    let http = Http::new(world.address());
    let answer: Answer = http.post(&world.ready().service_key, &body).await;
    answer.queued();
}

/// What the service was told of a user, by its inbound URL.
fn heard(world: &World, event: &str) -> Value {
    let mut all = world.receiver().received().into_iter();
    let found = all.rfind(|one| one.target == "/inbound" && one.body["event"] == event);
    found.expect("an event").body
}

async fn join(browser: &Browser, world: &World, user: &str) {
    browser.open(&world.ready().chat.url).await;
    browser.write("#user", user).await;
    browser.click("#join button").await;
    browser.until("#state", "connected").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_and_a_service_chat_in_a_browser() {
    let world = Box::pin(World::start(Options::default())).await.expect("a sandbox");
    let browser = Browser::start().await;
    join(&browser, &world, "ann").await;

    // From the service: shown, and reported as delivered and read.
    tell(&world, "ann", &json!({"text": "Your table is ready"})).await;
    assert_eq!(browser.until("#talk li", "Your table").await, "Your table is ready");
    for told in ["ann: 7501 Submited", "ann: 7500 Delivered", "ann: 7502 Read"] {
        assert_eq!(browser.until("#told li", told).await, told);
    }

    // To the service.
    browser.write("#words", "On my way").await;
    browser.click("#say button").await;
    browser.until("#told li", "ann: MO On my way").await;
    let said = heard(&world, "MO");
    assert_eq!((&said["message"], &said["appId"]), (&json!("On my way"), &json!(world.ready().apps.rt)));

    // Choices, made on the page and pressed on it.
    browser.write("#text", "Window seat?").await;
    browser.click("#choices").await;
    browser.click("#answer button").await;
    assert_eq!(browser.until("#answered", "1001").await, "1001 Queued");
    browser.until("#talk li", "Window seat?").await;
    browser.click("#talk li:last-child button").await;
    browser.until("#told li", "ann: OnPostback Yes").await;
    let pressed: Value =
        serde_json::from_str(heard(&world, "OnPostback")["interactiveData"].as_str().unwrap()).unwrap();
    let expected =
        json!({"reference": "demo", "identifier": "yes", "type": "quickReplyPostback", "title": "Yes"});
    assert_eq!(pressed, expected);

    // What is sent while the page is away is there when it comes back, once.
    browser.open("about:blank").await;
    tell(&world, "ann", &json!({"text": "Still there?"})).await;
    join(&browser, &world, "ann").await;
    browser.until("#talk li", "Still there?").await;
    tell(&world, "ann", &json!({"text": "Last one"})).await;
    browser.until("#talk li", "Last one").await;
    let lines =
        browser.eval("[...document.querySelectorAll('#talk li')].map((line) => line.textContent)").await;
    assert_eq!(lines, json!(["Still there?", "Last one"]));

    // A typing indicator comes and goes.
    tell_typing(&world, "typingStart").await;
    browser.until("#typing:not([hidden])", "typing").await;
    tell_typing(&world, "typingStop").await;
    browser.until("#typing[hidden]", "typing").await;

    browser.close().await;
    world.stop().await.unwrap();
}

async fn tell_typing(world: &World, indicator: &str) {
    let body = json!({
        "deliverychannel": "rt", "channels": {"appmessaging": {"type": indicator}}, "destination": [{"userid": ["ann"]}]
    });
    Http::new(world.address()).post(&world.ready().service_key, &body).await.queued();
}
