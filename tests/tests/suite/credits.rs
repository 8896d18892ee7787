//! Credits: what is charged is what is deducted, to the millionth, whatever happens in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use waypost::config::Config;
use waypost_core::channel::Channel;
use waypost_core::id::MessageId;
use waypost_core::policy::Money;
use waypost_core::time::{Clock, Micros, SystemClock};
use waypost_messaging::records::trace;
use waypost_simulators::smsc::{Incoming, Plan, SmscConfig, SubmitPlan};
use waypost_store::directory::admin::{self, Rate};
use waypost_store::directory::credit::{self, Account, ChargeRow};
use waypost_store::{Actor, Ctx};
use waypost_suite::{Backstage, Engine, Stage, counted, free_address, on_both_engines, sms_to};

use crate::SERVER;

on_both_engines!(
    a_message_costs_its_price_by_segment_and_prefix,
    a_balance_that_is_too_low_and_a_missing_price_end_a_message,
    messages_at_once_never_overspend,
    what_ends_on_our_side_is_given_back_once,
    a_refusal_of_the_operator_is_paid_for,
    a_kill_amid_the_traffic_charges_each_message_once,
);

const TO: &str = "447700900001";

fn now() -> Micros {
    SystemClock.now()
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

/// A balance and prices for the default tenant.
async fn fund(backstage: &Backstage, balance: &str, prices: &'static [(&'static str, &'static str)]) {
    let (ctx, amount) = (Ctx::of(backstage.login().tenant, Actor::Operator), money(balance));
    let job = move |tx: &mut dyn waypost_store::Sql| {
        admin::grant_credit(tx, &ctx, now(), amount)?;
        prices.iter().try_for_each(|(prefix, price)| {
            let rate = Rate { channel: Channel::Sms, prefix: (*prefix).to_owned(), price: money(price) };
            admin::set_rate(tx, &ctx, now(), &rate)
        })
    };
    backstage.desk().change("funding", job).await;
}

/// The account with its charges; asserts that the balance is what they leave.
async fn account(stage: &Stage) -> (Account, Vec<ChargeRow>) {
    let ctx = Ctx::of(stage.login.tenant, Actor::Operator);
    let (account, charges) = stage
        .desk
        .read(move |tx| {
            Ok((credit::account(tx, &ctx)?, credit::charges(tx, &ctx, MessageId(i64::MAX), 10_000)?))
        })
        .await;
    let account = account.expect("a balance");
    let open: i64 = charges.iter().filter(|row| row.refunded_at.is_none()).map(|row| row.amount.0).sum();
    assert_eq!(account.granted.0 - account.balance.0, open, "what was charged is what was deducted");
    (account, charges)
}

/// What the story says of credits.
async fn told(stage: &Stage, transid: &str) -> Vec<String> {
    let asked = transid.to_owned();
    let found = stage.desk.read(move |tx| trace::find(tx, &Ctx::all("test"), &asked)).await;
    let lines = found.into_iter().flat_map(|traced| traced.story).map(|line| line.detail);
    lines.filter(|detail| detail.starts_with("credits") || detail.starts_with("rate plan")).collect()
}

async fn a_message_costs_its_price_by_segment_and_prefix(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    fund(&backstage, "1", &[("44", "0.5"), ("4477", "0.000001")]).await;
    let stage = backstage.start().await;
    // 161 characters of the default alphabet are two segments.
    let transid = stage.send(&"a".repeat(161), TO).await;
    stage.hook.outcome(TO, 7500).await;
    let (account, charges) = account(&stage).await;
    assert_eq!((account.balance, charges.len()), (money("0.999998"), 1));
    assert_eq!(told(&stage, &transid).await, ["credits: charged 0.000002"]);
}

async fn a_balance_that_is_too_low_and_a_missing_price_end_a_message(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    fund(&backstage, "0.03", &[("44", "0.02")]).await;
    let stage = backstage.start().await;
    stage.send("Hi", TO).await;
    stage.hook.outcome(TO, 7500).await;
    let poor = stage.send("Hi", "447700900002").await;
    stage.hook.outcome("447700900002", 7103).await.assert_outcome(7103, "Failed");
    stage.record(&poor).await.assert_stands("failed", Some(7103));
    assert_eq!(told(&stage, &poor).await, ["credits: the balance is below the price of 0.02"]);
    let unpriced = stage.send("Hi", "33612345678").await;
    stage.hook.outcome("33612345678", 7115).await.assert_outcome(7115, "Failed");
    stage.record(&unpriced).await.assert_stands("failed", Some(7115));
    assert_eq!(told(&stage, &unpriced).await, ["rate plan: no price covers SMS to this destination"]);
    assert_eq!(account(&stage).await.0.balance, money("0.01"));
    assert_eq!(stage.smsc().counters().submits, 1);
}

async fn messages_at_once_never_overspend(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    // Enough for 70 of 200.
    fund(&backstage, "1.419999", &[("", "0.02")]).await;
    let stage = backstage.start().await;
    let numbers: Vec<String> = (0..200).map(|n| format!("4477009{n:05}")).collect();
    stage.post(&sms_to("Hi", &numbers)).await.queued();
    let finals = stage.hook.finals(numbers.len()).await;
    let sent = finals.iter().filter(|told| told.code() == 7500).count();
    let poor = finals.iter().filter(|told| told.code() == 7103).count();
    assert_eq!((sent, poor), (70, 130));
    let (account, charges) = account(&stage).await;
    assert_eq!((account.balance, charges.len()), (money("0.019999"), 70));
    assert_eq!(stage.smsc().counters().submits, 70);
}

async fn what_ends_on_our_side_is_given_back_once(engine: Engine) {
    // Nobody listens there, and one attempt is all there is.
    let backstage =
        Backstage::new(engine).await.link_to(free_address()).await.config(|config: &mut Config| {
            config.sms.submit_deadline_ms = 1_000;
            config.sms.retry_delays_s = vec![1];
        });
    fund(&backstage, "1", &[("", "0.02")]).await;
    let stage = backstage.start().await;
    let transid = stage.send("Hi", TO).await;
    stage.hook.notification("its end", |told| told.to() == TO && told.code() != 7501).await;
    let (account, charges) = account(&stage).await;
    assert_eq!((account.balance, charges.len()), (money("1"), 1));
    assert!(charges[0].refunded_at.is_some());
    assert_eq!(told(&stage, &transid).await, ["credits: charged 0.02", "credits: 0.02 given back"]);
}

async fn a_refusal_of_the_operator_is_paid_for(engine: Engine) {
    // ESME_RINVDSTADR: this number cannot be sent to.
    let smsc = SmscConfig::default()
        .behaving(|_: &Incoming<'_>| Plan::silent().answered(SubmitPlan::Status(0x0000_000b)));
    let backstage = Backstage::new(engine).await.smsc(smsc).await;
    fund(&backstage, "1", &[("", "0.02")]).await;
    let stage = backstage.start().await;
    stage.send("Hi", TO).await;
    stage.hook.notification("its end", |told| told.to() == TO && told.code() != 7501).await;
    let (account, charges) = account(&stage).await;
    assert_eq!((account.balance, charges[0].refunded_at), (money("0.98"), None));
}

async fn a_kill_amid_the_traffic_charges_each_message_once(engine: Engine) {
    let silent = Arc::new(AtomicBool::new(true));
    let behaviour = Arc::clone(&silent);
    let smsc = SmscConfig::default().behaving(move |_: &Incoming<'_>| match behaviour.load(SeqCst) {
        true => Plan::silent().answered(SubmitPlan::NoAnswer),
        false => Plan::delivered(),
    });
    let backstage = Backstage::new(engine).await.smsc(smsc).await.config(|config: &mut Config| {
        config.sms.submit_deadline_ms = 1_000;
        config.callbacks.timeout_ms = 5_000;
        config.delivery.lease_ms = 21_000;
    });
    fund(&backstage, "10", &[("", "0.02")]).await;
    let mut stage = backstage.start_process(SERVER).await;
    let numbers: Vec<String> = (0..60).map(|n| format!("4477009{n:05}")).collect();
    stage.post(&sms_to("Hi", &numbers)).await.queued();
    // Some are charged and submitted, some are not, when it dies.
    counted(stage.smsc(), "some submits", |c| c.submits >= 5).await;
    stage.kill().await;
    account(&stage).await;
    silent.store(false, SeqCst);
    stage.run_again(SERVER).await;
    let finals = stage.hook.finals(numbers.len()).await;
    assert!(finals.iter().all(|told| told.code() == 7500));
    let (account, charges) = account(&stage).await;
    assert_eq!((account.balance, charges.len()), (money("8.80"), 60));
}
