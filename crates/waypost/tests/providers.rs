//! The sandbox's customer is reached through each channel's own protocol, at simulators that check as the providers do.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at the first surprise")]

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use waypost::demo::Client;
use waypost::sandbox::{Observer, Options, Received, World};
use waypost_simulators::sip::SipCounts;

/// Far above what anything here takes; a test that hits it has failed.
const DEADLINE: Duration = Duration::from_secs(60);

struct Sandbox {
    world: World,
    called_back: mpsc::UnboundedReceiver<Received>,
}

impl Sandbox {
    async fn start() -> Self {
        let (sink, called_back) = mpsc::unbounded_channel();
        let observer: Observer = Arc::new(move |received: &Received| {
            let _ = sink.send(received.clone());
        });
        let options = Options { observer: Some(observer), ..Options::default() };
        Self { world: World::start(options).await.unwrap(), called_back }
    }

    async fn send(&self, channel: &str, content: &Value) {
        let ready = self.world.ready();
        let body = json!({"deliverychannel": channel, "channels": content,
            "destination": [{"customerid": [ready.customer_id], "correlationid": channel}]});
        self.post(&body).await;
    }

    async fn post(&self, body: &Value) {
        let key = &self.world.ready().service_key;
        let mut client = Client::connect(self.world.address()).await.unwrap();
        let body = body.to_string().into_bytes();
        let answer = client.post("/resources/v1/messaging", key, body).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["response"][0]["code"], "1001", "{answer}");
    }

    /// The codes of the next `count` call-backs, in the order of their times.
    async fn steps(&mut self, count: usize) -> Vec<u16> {
        let mut steps = Vec::new();
        while steps.len() < count {
            let next = tokio::time::timeout(DEADLINE, self.called_back.recv()).await;
            let received = next.expect("a call-back in time").expect("a receiver");
            let info = &received.body["deliveryInfoNotification"]["deliveryInfo"];
            let code: u16 = info["code"].as_str().unwrap().parse().unwrap();
            steps.push((info["timeStamp"].as_str().unwrap().to_owned(), code));
        }
        steps.sort();
        steps.into_iter().map(|(_, code)| code).collect()
    }

    /// The code of the next call-back about a final state.
    async fn ends_with(&mut self) -> String {
        loop {
            let next = tokio::time::timeout(DEADLINE, self.called_back.recv()).await;
            let received = next.expect("a call-back in time").expect("a receiver");
            let code = received.body["deliveryInfoNotification"]["deliveryInfo"]["code"].as_str();
            let code = code.expect("a code").to_owned();
            if code != "7501" {
                return code;
            }
        }
    }
}

fn push() -> Value {
    json!({"push": {"android": {"title": "Hi", "text": "Hello"}}})
}

#[tokio::test]
async fn a_message_to_the_customer_reaches_the_provider_of_each_channel() {
    let mut sandbox = Sandbox::start().await;
    let ott = |channel: &str| json!({"OTT-Messaging": {channel: {"text": "Hello"}}});
    for (channel, content) in
        [("push", push()), ("fb", ott("fb")), ("twitter", ott("twitter")), ("wechat", ott("wechat"))]
    {
        sandbox.send(channel, &content).await;
        assert_eq!(sandbox.ends_with().await, "7500", "{channel}");
    }
    let providers = sandbox.world.providers();
    let social = providers.social();
    let taken = [&social.graph, &social.x, &social.wechat].map(|sim| sim.taken().len());
    assert_eq!((providers.push().fcm.received().len(), taken), (1, [1, 1, 1]));
    sandbox.world.stop().await.unwrap();
}

#[tokio::test]
async fn a_push_token_that_its_provider_calls_dead_is_not_tried_again() {
    let mut sandbox = Sandbox::start().await;
    sandbox.world.providers().push().fcm.unregister("sandbox-token-100");
    sandbox.send("push", &push()).await;
    assert_eq!(sandbox.ends_with().await, "7513");
    sandbox.send("push", &push()).await;
    assert_eq!(sandbox.ends_with().await, "7105", "the customer has no push address any more");
    assert_eq!(sandbox.world.providers().push().fcm.received().len(), 1);
    sandbox.world.stop().await.unwrap();
}

#[tokio::test]
async fn a_call_goes_over_the_trunk_and_every_step_of_it_is_told() {
    let mut sandbox = Sandbox::start().await;
    let flow = sandbox.world.ready().callflow_id;
    for (to, expected) in [
        ("447700900001", [7407, 7408, 7519, 7409, 7405].as_slice()),
        ("447700907402", &[7407, 7408, 7409, 7402]),
        ("447700907410", &[7407, 7408, 7519, 7405, 7410, 7409]),
    ] {
        let body = json!({"deliverychannel": "voice", "channels": {"voice": {"callflowid": flow}},
            "destination": [{"msisdn": [to]}]});
        sandbox.post(&body).await;
        assert_eq!(sandbox.steps(expected.len()).await, expected, "{to}");
    }
    let counts = sandbox.world.providers().sip().counts();
    assert_eq!(counts, SipCounts { invites: 3, answered: 2, ended: 1, hung_up: 1, faults: 0 });
    sandbox.world.stop().await.unwrap();
}

#[tokio::test]
async fn an_outcome_that_no_called_party_gives_is_decided_without_the_trunk() {
    let mut sandbox = Sandbox::start().await;
    let flow = sandbox.world.ready().callflow_id;
    let body = json!({"deliverychannel": "voice", "channels": {"voice": {"callflowid": flow}},
        "destination": [{"msisdn": ["447700907412"]}]});
    sandbox.post(&body).await;
    assert_eq!(sandbox.steps(1).await, [7412]);
    assert_eq!(sandbox.world.providers().sip().counts().invites, 0);
    sandbox.world.stop().await.unwrap();
}
