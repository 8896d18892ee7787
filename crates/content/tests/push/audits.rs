//! Audits: what they find, what is repaired, what is told.

use waypost_content::wire::Json;
use waypost_content::{Kind, Op, sample};
use waypost_simulators::partner::Faults;
use waypost_store::testing::on_both_engines;

use crate::support::{World, count, partner};

#[tokio::test(flavor = "multi_thread")]
async fn a_field_changed_behind_the_protocols_back_is_found_exactly_and_repaired() {
    on_both_engines(|store| async move {
        let mut world = World::new(store, vec![partner(Faults::default()).await]).await;
        // No repair comes before the drift was looked at.
        world.timing.audit_again_ms = Vec::new();
        world.start().await;
        world.launch("LIS1").await;
        world.rest().await;
        world.partners[0].with_shelf(|shelf| {
            shelf.body_mut(Kind::Tax, "LIS1", "CITY").unwrap().set("value", Json::Number("4.01".into()));
        });
        let audits = world.partners[0].counts().audits;
        world.audit_all().await;
        world.rest().await;
        assert_eq!(world.held(0), world.model().await, "repaired");
        let found = world.store.read(|tx| {
            let rows = tx.query(
                "SELECT answer FROM content_log WHERE audit = 1 AND kind = 1 ORDER BY id DESC LIMIT 2",
                &[],
            )?;
            rows.iter().map(|row| row.text(0).map(str::to_owned)).collect::<Result<Vec<_>, _>>()
        });
        let found = found.await.unwrap();
        assert!(found[0].contains("4.00") && found[1].contains("4.01"), "{found:#?}");
        // Six kinds, and the repaired tax once more.
        assert_eq!(world.partners[0].counts().audits, audits + 7);
        assert!(world.copy("LIS1", Kind::Tax, "CITY").await.repaired_at.0 > 0);
        assert_eq!(world.alerts().await, []);
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_stay_repaired_is_told_once_with_the_fields() {
    on_both_engines(|store| async move {
        let forgetful = Faults { keep_products: true, ..Faults::default() };
        let world = World::started(store, vec![partner(forgetful).await]).await;
        world.launch("LIS1").await;
        world.rest().await;
        world.products("LIS1", "RP1", &["A"], &["CITY"]).await;
        world.rest().await;
        let alerts = world.alerts().await;
        let expected = r#"[{"path":"/-","expected":null,"actual":{"rateplanCode":"RP1","roomtypeCode":"B","taxes":["CITY"]}}]"#;
        assert_eq!(alerts, [(
            "AUDIT_MISMATCH".to_owned(), "LIS1".to_owned(), "RP1".to_owned(),
            "products RP1 differs at the partner: /-".to_owned(), expected.to_owned(),
        )]);
        // The change, and one repair: not one more, however often it is audited.
        assert_eq!(world.partners[0].counts().pushes, 11);
        world.audit_all().await;
        world.rest().await;
        assert_eq!(world.partners[0].counts().pushes, 11);
        assert_eq!(world.alerts().await.len(), 1);
        let drift = world.store.read(|tx| count(tx, "SELECT count(*) FROM content_copy WHERE drift <> ''")).await;
        assert_eq!(drift, Ok(1));
        // Once the partner is mended and the object changes, the alert is over.
        world.partners[0].set_faults(Faults::default());
        world.products("LIS1", "RP1", &["B"], &["CITY"]).await;
        world.rest().await;
        assert_eq!(world.alerts().await, []);
        assert_eq!(world.held(0), world.model().await);
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_updates_and_lost_objects_are_found_and_repaired() {
    on_both_engines(|store| async move {
        let world = World::started(store, vec![partner(Faults::default()).await]).await;
        world.launch("LIS1").await;
        world.rest().await;
        world.partners[0].set_faults(Faults { lose_updates: 1_000, ..Faults::default() });
        let mut room = sample::room("A");
        room.set("totalMaxOccupancy", Json::Number("2".into()));
        world.feed("LIS1", Kind::Room, Op::Update, vec![room]).await;
        world
            .until(
                "the alarm",
                |tx| Ok(count(tx, "SELECT count(*) FROM content_alert WHERE state = 0")? == 1),
            )
            .await;
        let alerts = world.alerts().await;
        let difference = r#"[{"path":"/totalMaxOccupancy","expected":2,"actual":3}]"#;
        assert_eq!((alerts[0].0.as_str(), alerts[0].4.as_str()), ("AUDIT_MISMATCH", difference));
        world.partners[0].set_faults(Faults::default());
        world.partners[0].with_shelf(|shelf| assert!(shelf.remove(Kind::Room, "LIS1", "B")));
        world.audit_all().await;
        world.rest().await;
        // The room that was lost is new again; the other was repaired within the hour and waits for a change or a person.
        let held = world.held(0);
        assert!(held.iter().any(|it| it.1 == Kind::Room && it.2 == "B"));
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_partner_has_and_we_never_sent_is_told() {
    on_both_engines(|store| async move {
        let world = World::started(store, vec![partner(Faults::default()).await]).await;
        world.launch("LIS1").await;
        world.rest().await;
        world.partners[0].with_shelf(|shelf| {
            let stray = waypost_content::wire::push::Pushed { code: "X".to_owned(), body: sample::room("X") };
            let Ok(()) = waypost_content::rules::Shelf::put(shelf, Kind::Room, "LIS1", &stray, true);
        });
        world.audit_all().await;
        world.rest().await;
        let alerts = world.alerts().await;
        let told: Vec<_> = alerts.iter().map(|it| (it.0.as_str(), it.2.as_str(), it.3.as_str())).collect();
        assert_eq!(
            told,
            [("AUDIT_UNEXPECTED_ON_CLIENT", "X", "the partner has roomtype X, which we never sent")]
        );
        world.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_partner_disabled_by_itself_is_enabled_again() {
    on_both_engines(|store| async move {
        let world = World::started(store, vec![partner(Faults::default()).await]).await;
        world.launch("LIS1").await;
        world.rest().await;
        for (kind, code) in [(Kind::Tax, "CITY"), (Kind::Hotel, "LIS1")] {
            world.partners[0].with_shelf(|shelf| assert!(shelf.switch(kind, "LIS1", code, false)));
            world.audit_all().await;
            world.rest().await;
            assert_eq!(world.held(0), world.model().await, "{code}");
        }
        assert_eq!(world.alerts().await, []);
        world.stop().await;
    })
    .await;
}
