//! Balances: whatever is charged and given back, by however many servers at once, the sums are exact.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use waypost_core::id::MessageId;
use waypost_core::policy::Money;
use waypost_core::time::Micros;
use waypost_store::directory::admin;
use waypost_store::directory::credit::{self, Charged};
use waypost_store::testing::{Place, on_both_engines};
use waypost_store::{Actor, Ctx, Store, StoreError};

use super::{NOW, OPERATOR, tenant};

async fn funded(store: &Store, slug: &'static str, amount: i64) -> Ctx {
    let job = move |tx: &mut dyn waypost_store::Sql| {
        let id = admin::create_tenant(tx, &OPERATOR, NOW, &tenant(slug))?.0;
        let ctx = Ctx::of(id, Actor::Operator);
        admin::grant_credit(tx, &ctx, NOW, Money(amount))?;
        Ok(ctx)
    };
    store.write(job).await.unwrap()
}

/// Granted, left, and the sum of what was charged and not given back.
async fn sums(store: &Store, ctx: Ctx) -> (i64, i64, i64) {
    let job = move |tx: &mut dyn waypost_store::Sql| {
        let account = credit::account(tx, &ctx)?.unwrap();
        let charges = credit::charges(tx, &ctx, MessageId(i64::MAX), 10_000)?;
        let open = charges.iter().filter(|row| row.refunded_at.is_none()).map(|row| row.amount.0).sum();
        Ok((account.granted.0, account.balance.0, open))
    };
    store.read(job).await.unwrap()
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Charge(i64, i64),
    Refund(i64),
    Grant(i64),
    Take(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (1_i64..12, 0_i64..40).prop_map(|(message, amount)| Step::Charge(message, amount)),
        (1_i64..12).prop_map(Step::Refund),
        (0_i64..50).prop_map(Step::Grant),
        (0_i64..50).prop_map(Step::Take),
    ];
    proptest::collection::vec(step, 0..40)
}

/// What the account should be, kept beside it.
#[derive(Default)]
struct Model {
    balance: i64,
    charged: std::collections::HashMap<i64, (i64, bool)>,
}

impl Model {
    fn apply(&mut self, step: Step) {
        match step {
            Step::Charge(message, amount) => {
                if !self.charged.contains_key(&message) && amount <= self.balance {
                    self.balance -= amount;
                    self.charged.insert(message, (amount, false));
                }
            }
            Step::Refund(message) => {
                if let Some((amount, refunded @ false)) = self.charged.get_mut(&message) {
                    *refunded = true;
                    self.balance += *amount;
                }
            }
            Step::Grant(amount) => self.balance += amount,
            Step::Take(amount) if amount <= self.balance => self.balance -= amount,
            Step::Take(_) => {}
        }
    }
}

#[tokio::test]
async fn whatever_is_charged_and_given_back_the_balance_is_what_the_charges_leave() {
    on_both_engines(|store| async move {
        let runtime = tokio::runtime::Handle::current();
        let checked = tokio::task::spawn_blocking(move || {
            let cases = std::cell::Cell::new(0);
            let mut runner =
                TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
            runner.run(&steps(), |steps| {
                cases.set(cases.get() + 1);
                let slug: &'static str = format!("t{}", cases.get()).leak();
                let ctx = runtime.block_on(funded(&store, slug, 100));
                let mut model = Model { balance: 100, ..Model::default() };
                for step in steps {
                    model.apply(step);
                    let job = move |tx: &mut dyn waypost_store::Sql| run(tx, ctx, step);
                    // What is refused changes nothing.
                    let _: Result<(), StoreError> = runtime.block_on(store.write(job));
                    let (granted, balance, open) = runtime.block_on(sums(&store, ctx));
                    prop_assert_eq!((balance, granted - balance), (model.balance, open));
                }
                Ok(())
            })
        });
        checked.await.unwrap().unwrap();
    })
    .await;
}

fn run(tx: &mut dyn waypost_store::Sql, ctx: Ctx, step: Step) -> Result<(), StoreError> {
    // Message ids are the installation's, not the tenant's.
    let id = |message: i64| MessageId(ctx.tenant.0 * 1_000 + message);
    match step {
        Step::Charge(message, amount) => {
            credit::charge(tx, &ctx, id(message), Money(amount), NOW).map(|_| ())
        }
        Step::Refund(message) => credit::refund(tx, &ctx, id(message), NOW).map(|_| ()),
        Step::Grant(amount) => admin::grant_credit(tx, &ctx, NOW, Money(amount)).map(|_| ()),
        Step::Take(amount) => admin::take_credit(tx, &ctx, NOW, Money(amount)).map(|_| ()),
    }
}

#[tokio::test]
async fn two_servers_on_one_store_never_overspend_and_charge_a_message_once() {
    let place = Place::postgres().await;
    let (one, two) = (place.open(), place.open());
    let ctx = funded(&one, "acme", 1_000).await;
    let mut charges = Vec::new();
    for n in 0..300_i64 {
        // Each message is charged on both, as after a lease that ran out.
        for store in [&one, &two] {
            let job = move |tx: &mut dyn waypost_store::Sql| {
                credit::charge(tx, &ctx, MessageId(n + 1), Money(7), Micros(n))
            };
            charges.push(store.write(job));
        }
    }
    let mut now = 0;
    for charge in charges {
        now += usize::from(charge.await.unwrap() == Charged::Now);
    }
    assert_eq!(now, 142, "as many as 1000 pays for");
    assert_eq!(sums(&one, ctx).await, (1_000, 6, 994));
    one.close().await;
    two.close().await;
}
