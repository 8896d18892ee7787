//! What the policies cost a message that none is set up for: no allocation, and no question to the store.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use waypost_core::channel::Channel;
use waypost_core::id::{MessageId, TransactionId};
use waypost_core::msisdn::{Msisdn, PlusRule};
use waypost_core::policy::Money;
use waypost_messaging::records::{MessageRecord, RequestRecord};
use waypost_messaging::work::policy::{Decision, Question, decide};
use waypost_store::directory::{Status, Tenant, admin, dnd};
use waypost_store::testing::on_both_engines;
use waypost_store::{Actor, Ctx, Sql, Store, TenantId};

use crate::support::{NOW, running};

const OPERATOR: Ctx = Ctx { tenant: TenantId::ALL, actor: Actor::Operator };

fn tenant(slug: &str) -> Tenant {
    Tenant {
        id: 0,
        slug: slug.to_owned(),
        name: slug.to_owned(),
        status: Status::Live,
        time_zone: "UTC".to_owned(),
        default_priority: 2,
        sandbox: false,
        settings: "{}".to_owned(),
        created_at: NOW,
    }
}

fn records(tenant: i64) -> (RequestRecord, MessageRecord) {
    let id = MessageId::floor(NOW);
    let request = RequestRecord {
        id,
        tenant,
        service: 1,
        api_key: 1,
        transid: TransactionId::from_id(id, 7),
        channel: "sms".into(),
        content: "{}".into(),
        notify_url: None,
        callback_data: None,
        expires_at: None,
        priority: 2,
        route: None,
        units: 1,
    };
    let message = MessageRecord {
        id,
        unit: 0,
        dest_type: "msisdn".into(),
        destination: "447700900123".into(),
        correlation: None,
    };
    (request, message)
}

/// Two tenants: one with everything, one with nothing.
async fn tenants(store: &Store) -> (i64, i64) {
    let job = |tx: &mut dyn Sql| {
        let rich = admin::create_tenant(tx, &OPERATOR, NOW, &tenant("rich"))?.0;
        let plain = admin::create_tenant(tx, &OPERATOR, NOW, &tenant("plain"))?.0;
        let ctx = Ctx::of(rich, Actor::Operator);
        admin::grant_credit(tx, &ctx, NOW, Money(1_000_000))?;
        let rate = admin::Rate { channel: Channel::Sms, prefix: String::new(), price: Money(10) };
        admin::set_rate(tx, &ctx, NOW, &rate)?;
        dnd::add(tx, &ctx, "447700900123", "operator", NOW)?;
        admin::add_spam(tx, &ctx, NOW, "free money")?;
        Ok((rich, plain))
    };
    store.write(job).await.unwrap()
}

#[tokio::test]
async fn a_tenant_without_policies_costs_no_allocation_and_no_question_to_the_store() {
    on_both_engines(|store| async move {
        let (rich, plain) = tenants(&store).await;
        let runtime = running(&store, Duration::from_secs(3_600)).await;
        let shared = Arc::clone(runtime.shared());
        let number = Msisdn::parse("447700900123", PlusRule::Optional).unwrap();
        let ask = |records: &(RequestRecord, MessageRecord)| {
            let (request, message) = records;
            let question = Question {
                request,
                message,
                channel: Channel::Sms,
                app: None,
                text: Some("free money"),
                segments: 1,
                number: Some(&number),
                standing: None,
                now: NOW,
            };
            // Whoever asks the store has to wait for it: the first look at the future finds no answer then.
            decide(&shared, question).now_or_never()
        };
        let of_plain = records(plain);
        let mut decided = None;
        let counted = allocation_counter::measure(|| decided = ask(&of_plain));
        assert_eq!(counted.count_total, 0, "allocations");
        assert_eq!(decided.take().unwrap().unwrap(), Decision::default());
        // The same question of the other tenant does cost, so the counter counts.
        let of_rich = records(rich);
        let counted = allocation_counter::measure(|| decided = ask(&of_rich));
        assert!(counted.count_total > 0);
        assert_eq!(decided.take().unwrap().unwrap().refused, Some(7111));
        runtime.drain(1_000).await;
    })
    .await;
}
