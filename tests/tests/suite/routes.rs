//! Which connection a message takes by its route, and what a call-back says of the message it is about.

use serde_json::{Value, json};
use waypost_messaging::records::trace;
use waypost_simulators::smsc::SmscConfig;
use waypost_store::Ctx;
use waypost_store::directory::SmppConnection;
use waypost_suite::{Backstage, Engine, on_both_engines, sms, with};

on_both_engines!(
    a_message_takes_a_connection_that_serves_its_route,
    a_route_that_no_connection_serves_is_told_so,
    a_call_back_names_the_message_that_can_be_traced,
);

fn serving(routes: &[&str]) -> impl FnOnce(&mut SmppConnection) + use<> {
    let routes: Vec<String> = routes.iter().map(|route| (*route).to_owned()).collect();
    move |connection| {
        let mut config: Value = serde_json::from_str(&connection.config).unwrap();
        config["routes"] = json!(routes);
        connection.config = config.to_string();
    }
}

async fn a_message_takes_a_connection_that_serves_its_route(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let backstage = backstage.linked(SmscConfig::default(), serving(&["IMMD"])).await;
    let backstage = backstage.linked(SmscConfig::default(), serving(&["LCGD", "LCBE"])).await;
    let stage = backstage.start().await;
    for (route, to) in [("IMMD", "447700900001"), ("LCGD", "447700900002"), ("LCBE", "447700900003")] {
        stage.post(&with(sms("Hi", to), json!({"route": route}))).await.queued();
        stage.hook.outcome(to, 7500).await;
    }
    let of = |n: usize| {
        let mut numbers: Vec<String> =
            stage.smscs[n].received().into_iter().map(|message| message.dest.digits).collect();
        numbers.sort();
        numbers
    };
    assert_eq!(
        (of(0), of(1)),
        (vec!["447700900001".to_owned()], vec!["447700900002".to_owned(), "447700900003".to_owned()])
    );
}

async fn a_route_that_no_connection_serves_is_told_so(engine: Engine) {
    let to = "447700900001";
    let backstage = Backstage::new(engine).await.linked(SmscConfig::default(), serving(&["IMMD"])).await;
    let service = backstage.login().service;
    backstage.desk().update_service(service, |service| service.route_group = Some("LCBE".to_owned())).await;
    let stage = backstage.start().await;
    let transid = stage.send("Hi", to).await;
    stage.hook.outcome(to, 7114).await.assert_outcome(7114, "Failed");
    stage.record(&transid).await.assert_stands("failed", Some(7114));
    // The message's own route goes before the service's.
    stage.post(&with(sms("Hi", "447700900002"), json!({"route": "IMMD"}))).await.queued();
    stage.hook.outcome("447700900002", 7500).await;
}

async fn a_call_back_names_the_message_that_can_be_traced(engine: Engine) {
    let to = "447700900001";
    let stage = Backstage::new(engine).await.smsc(SmscConfig::default()).await.start().await;
    let transid = stage.send("Hi", to).await;
    let told = stage.hook.outcome(to, 7500).await;
    let named = told.header("x-wx-gtrid").expect("the header").to_owned();
    let found = stage.desk.read(move |tx| trace::find(tx, &Ctx::all("test"), &named)).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].row.request.transaction(0).to_string(), transid);
}
