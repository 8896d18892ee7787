//! Rules beyond their events: woken by what users of the social channels and of apps say, and killed amid their work.

use rumqttc::QoS;
use serde_json::json;
use waypost_core::channel::Channel;
use waypost_core::time::{Clock, SystemClock};
use waypost_messaging::records::happening;
use waypost_simulators::social::SocialKind;
use waypost_store::directory::{Comparison, Happens, Rule, admin};
use waypost_store::{Ctx, Sql, TenantId};
use waypost_suite::{Engine, Rt, Social, Table, on_both_engines, rt_done};

use crate::SERVER;
use crate::events::{NOW, TO, assert_queued, condition, keep, made, one, rule, set_up, told};
use crate::restart::short_leases;

on_both_engines!(
    what_a_user_of_messenger_says_wakes_a_rule_of_the_assets_service,
    what_a_user_of_an_app_says_wakes_a_rule_that_answers_in_the_app,
    what_rules_had_not_answered_when_the_server_was_killed_is_answered_once,
);

const PSID: &str = "24680000000000001";

/// A rule of the service that answers "help" on the channel it came by, to the id of that kind, with its approved template.
fn help(
    tx: &mut dyn Sql,
    login: (i64, i64),
    (channel, id): (Channel, &str),
) -> Result<(), waypost_store::StoreError> {
    let (tenant, service) = login;
    let ctx = Ctx::operator(TenantId(tenant));
    admin::create_template(tx, &ctx, NOW, Some("hello"), "Hello")?;
    let content = json!({"text": "You said {{keyword}} on {{channel}}"}).to_string();
    let version = admin::add_template_version(tx, &ctx, NOW, "hello", channel, &content)?;
    admin::approve_template(tx, &ctx, NOW, ("hello", channel, version), true)?;
    let destination = json!({id: ["{{from}}"]});
    let help = Rule {
        service,
        channel,
        destination: destination.as_object().expect("an object").clone(),
        conditions: vec![condition("keyword", Comparison::Equal, "help")],
        ..rule("help", Happens::Inbound, None, TO)
    };
    admin::create_rule(tx, &ctx, NOW, &help).map(|_| ())
}

async fn what_a_user_of_messenger_says_wakes_a_rule_of_the_assets_service(engine: Engine) {
    let social = Social::prepared(engine, async |backstage, login| {
        let of = (login.tenant, login.service);
        backstage.desk().change("a rule", move |tx| help(tx, of, (Channel::Fb, "psid"))).await;
    })
    .await;
    let now = SystemClock.now();
    for (mid, text) in [("m-1", "Hello there"), ("m-2", "HELP me")] {
        let said = json!({"message": {"mid": mid, "text": text}});
        social.tell(SocialKind::Fb, &social.sims.fb_event(PSID, now, said)).await;
    }
    social.stage.hook.outcome(PSID, 7501).await;
    let taken = social.sims.graph.taken();
    assert_eq!(taken.len(), 1);
    let sent = &taken[0].body;
    assert_eq!(
        (&sent["recipient"]["id"], &sent["message"]["text"]),
        (&json!(PSID), &json!("You said help on fb"))
    );
    let tenant = social.login.tenant;
    let ctx = Ctx::operator(TenantId(tenant));
    let made = social.stage.desk.read(move |tx| happening::newest_made(tx, &ctx, 10)).await;
    assert_eq!((made.len(), made[0].message.is_some()), (1, true));
}

async fn what_a_user_of_an_app_says_wakes_a_rule_that_answers_in_the_app(engine: Engine) {
    let rt = Rt::prepared(engine, async |backstage, login| {
        let of = (login.tenant, login.service);
        backstage.desk().change("a rule", move |tx| help(tx, of, (Channel::Rt, "userid"))).await;
    })
    .await;
    let phone = rt.register("ann", "d1").await;
    let mut device = rt.connect(&phone, QoS::AtLeastOnce).await;
    for text in ["Hello there", "HELP me"] {
        rt_done(&rt.call_as(&phone, "mo", json!({"message": text})).await);
    }
    let answer = device.next().await;
    assert_eq!((&answer["message"], &answer["userId"]), (&json!("You said help on rt"), &json!("ann")));
    let ctx = Ctx::operator(TenantId(rt.login.tenant));
    let made = rt.stage.desk.read(move |tx| happening::newest_made(tx, &ctx, 10)).await;
    assert_eq!((made.len(), made[0].message.is_some()), (1, true));
}

async fn what_rules_had_not_answered_when_the_server_was_killed_is_answered_once(engine: Engine) {
    const EVENTS: usize = 60;
    let (backstage, event) = set_up(engine).await;
    let backstage = backstage.config(short_leases);
    keep(&backstage, rule("greet", Happens::Event, Some(event), TO)).await;
    let mut stage = backstage.start_process(SERVER).await;
    for _ in 0..EVENTS {
        assert_queued(&told(&stage, &one(event, &json!({"name": "Ann"}))).await);
    }
    // The last of them have just been kept: their rules wait, or are at it.
    stage.kill().await;
    stage.run_again(SERVER).await;
    let made = made(&stage, EVENTS).await;
    assert_eq!((made.len(), made.iter().filter(|made| made.message.is_some()).count()), (EVENTS, EVENTS));
    let events = i64::try_from(EVENTS).unwrap();
    assert_eq!(stage.desk.count(Table::Request).await, events);
    assert_eq!(stage.desk.count(Table::Message).await, events);
}
