//! How long reading and checking a body takes, without transport and store: the share of W1 that grows with the rules.
//!
//! `cargo run --release -p waypost-messaging --example validate_rate [rounds]`

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use waypost_core::time::Micros;
use waypost_messaging::rules::{Priority, ServiceView, validate};
use waypost_messaging::wire;

const NOW: Micros = Micros::from_secs(1_790_000_000);
/// The body of W1, and one of another channel beside it.
const BODIES: [(&str, &str); 2] = [
    (
        "sms",
        r#"{"deliverychannel":"sms","channels":{"sms":{"text":"Your order 123456 has left our warehouse and will arrive tomorrow between 9 and 12.","senderid":"BENCH"}},"destination":[{"msisdn":["447700900001"],"correlationid":"order-123456"}],"notifyurl":"https://shop.example/dlr","callbackData":"cb"}"#,
    ),
    (
        "push",
        r#"{"deliverychannel":"push","appid":"SA28064527","channels":{"push":{"android":{"title":"Sale","text":"50% off","extras":{"time_to_live":3600,"collapse_key":"sale","customtags":{"imageurl":"https://x.example/i.png"}}},"ios":{"title":"Sale","text":"50% off","extras":{"badge":"1","sound":"default","time_to_live":3600}},"interactive":{"pushref":"campaign7","device_types":["ios","android"],"category":"DOUBLE_SHOPNOW_CANCEL","actions":[{"pos":1,"action":"OPEN_URL","value":"https://x.example/shop","identifier":"SHOPNOW"},{"pos":2,"action":"DISMISS","identifier":"CANCEL"}]}}},"destination":[{"android_pushid":["token"]}]}"#,
    ),
];
const ROUNDS: usize = 15;
const PER_ROUND: u32 = 40_000;

fn main() -> Result<(), Box<dyn Error>> {
    let rounds = std::env::args().nth(1).map_or(Ok(ROUNDS), |text| text.parse())?;
    let service = ServiceView { default_priority: Priority::Medium, default_sender: Some("BENCH".into()) };
    for (name, body) in BODIES {
        let mut times: Vec<Duration> = Vec::with_capacity(rounds);
        for _ in 0..rounds {
            let started = Instant::now();
            for _ in 0..PER_ROUND {
                let read = wire::parse(black_box(body.as_bytes())).map_err(|fault| fault.to_string())?;
                let plan = validate(read, &service, NOW).map_err(|refusal| format!("{refusal:?}"))?;
                black_box(plan);
            }
            times.push(started.elapsed());
        }
        times.sort_unstable();
        let each = |time: Duration| time.as_secs_f64() * 1e9 / f64::from(PER_ROUND);
        println!(
            "{name}: {:.0} ns a body (fastest of {rounds} rounds), {:.0} ns (median)",
            each(times[0]),
            each(times[rounds / 2])
        );
    }
    Ok(())
}
