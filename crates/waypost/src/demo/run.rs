//! A demo run from start to end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::mpsc;

use super::{
    Counting, Event, Summary, Target, Told, Traffic, collect, content, count_rest, letter, number_of,
    send_all, service_desk, tour,
};
use crate::sandbox::{Observer, Options, Received, World};

/// Events between the halves of a run; senders wait when the counting falls behind.
const EVENTS_MAX: usize = 10_000;

/// Nothing new for so long: what is missing will not come.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts a world, sends `traffic` through it with `in_flight` requests at once, counts what comes back, then sends
/// one message for every outcome of every other channel, walks through the service desk, pushes a property to two
/// partners and waits for a letter. Returns the summary and the time from the first request to the last call-back.
///
/// # Errors
/// When the world does not start, sending breaks, the service desk does not answer as its contract says, or the content's
/// drift is not found or not mended in time.
pub async fn run(traffic: Traffic, in_flight: usize) -> anyhow::Result<(Summary, Duration)> {
    let (events, mut incoming) = mpsc::channel(EVENTS_MAX);
    let (told, mut of_tour) = mpsc::channel(EVENTS_MAX);
    // Call-backs are observed where waiting is impossible; two come for each message.
    let (called_back, observed) = mpsc::channel(traffic.messages.saturating_mul(4).max(EVENTS_MAX));
    let world = World::start(Options {
        observer: Some(observer(called_back, told)),
        quick_content: true,
        ..Options::default()
    })
    .await?;
    let ready = world.ready();
    let target = Target {
        address: world.address(),
        key: ready.service_key.clone(),
        sender: ready.sender.clone(),
        in_flight,
    };
    tokio::spawn(forward(observed, events.clone()));
    let from = Instant::now();
    let sending = tokio::spawn(send_all(target.clone(), traffic, events));
    let mut counting = Counting::new(traffic.messages);
    collect(&mut counting, &mut incoming, PATIENCE).await;
    let took = from.elapsed();
    let (channels, call) = tour(&target, ready.customer_id, &mut of_tour, PATIENCE).await?;
    let steps = service_desk(target.address, &ready.services).await?;
    let hotels = content(&world).await?;
    let letter = letter(&world, PATIENCE).await?;
    world.stop().await?;
    count_rest(&mut counting, &mut incoming).await;
    sending.await??;
    let mut summary = counting.tally.summary();
    summary.channels.extend(channels);
    summary.call = call;
    summary.service_desk = steps;
    summary.content = Some(hotels);
    summary.letter = letter;
    Ok((summary, took))
}

fn observer(called_back: mpsc::Sender<Event>, told: mpsc::Sender<Told>) -> Observer {
    Arc::new(move |received| {
        if let Some(of_tour) = of_tour(received)
            && told.try_send(of_tour).is_err()
        {
            tracing::warn!("a call-back of the channels could not be counted");
        }
        // Over the bound the message counts as missing, which is what the run then reports.
        if let Some(event) = event(received)
            && called_back.try_send(event).is_err()
        {
            tracing::warn!("a call-back could not be counted");
        }
    })
}

async fn forward(mut observed: mpsc::Receiver<Event>, events: mpsc::Sender<Event>) {
    while let Some(event) = observed.recv().await {
        if events.send(event).await.is_err() {
            return;
        }
    }
}

/// A delivery notification of the tour of the channels.
fn of_tour(received: &Received) -> Option<Told> {
    let notification = received.body.get("deliveryInfoNotification")?;
    let info = notification.get("deliveryInfo")?;
    let (code, at) =
        (info.get("code").and_then(Value::as_str)?, info.get("timeStamp").and_then(Value::as_str)?);
    Told::of(notification.get("correlationid").and_then(Value::as_str)?, code, at)
}

/// A delivery notification of this run (spec 4.2).
fn event(received: &Received) -> Option<Event> {
    let notification = received.body.get("deliveryInfoNotification")?;
    let number = number_of(notification.get("correlationid").and_then(Value::as_str)?)?;
    let code = notification.get("deliveryInfo")?.get("code").and_then(Value::as_str)?.to_owned();
    Some(Event::CalledBack { number, code, at: Instant::now() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_delivery_notification_of_the_run_is_counted_and_nothing_else() {
        let received = |body: Value| Received { at_us: 0, target: "/".to_owned(), signature: None, body };
        let notification = json!({"deliveryInfoNotification": {
            "deliveryInfo": {"code": "7500", "destination": "447700900001"}, "correlationid": "demo-12"}});
        let counted = event(&received(notification)).unwrap();
        assert!(
            matches!(counted, Event::CalledBack { number: 12, ref code, .. } if code == "7500"),
            "{counted:?}"
        );
        assert!(
            event(&received(json!({"deliveryInfoNotification": {"correlationid": "demo-12"}}))).is_none()
        );
        assert!(event(&received(json!("text"))).is_none());
    }
}
