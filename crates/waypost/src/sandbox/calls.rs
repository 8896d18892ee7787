//! The sandbox's trunk, which leads to the simulated SIP provider, and what its calls play.

use std::net::SocketAddr;

use serde_json::json;
use waypost_channels::voice::rtp::g711;
use waypost_core::time::Micros;
use waypost_store::directory::{CarrierKind, SipTrunk, admin};
use waypost_store::{Ctx, Sql, StoreError};

/// The call flow's id, as the ready file names it.
pub const FLOW_ID: &str = "sandbox-hello";
/// The prompt's name.
const PROMPT: &str = "sandbox-hello.wav";
/// The trunk.
const TRUNK: (CarrierKind, &str) = (CarrierKind::Trunk, "simulated-trunk");
/// Who calls.
const CALLER: &str = "447700900000";
/// Samples of a second.
const RATE: u16 = 8_000;
/// What is heard: four tenths of a second.
const SAMPLES: u16 = RATE / 10 * 4;
/// The pitch of what is heard, in hertz.
const PITCH: f64 = 440.0;

/// Makes prompt and flow where there are none yet, and points the trunk to the provider of this run.
pub fn complete(
    tx: &mut dyn Sql,
    (all, own): (&Ctx, &Ctx),
    now: Micros,
    provider: SocketAddr,
) -> Result<(), StoreError> {
    let tenant = own.tenant.0;
    if admin::list_prompts(tx, own, tenant)?.iter().all(|prompt| prompt.name != PROMPT) {
        admin::put_prompt(tx, own, now, tenant, PROMPT, &tone())?;
    }
    if admin::list_flows(tx, own, tenant)?.iter().all(|flow| flow.flow_id != FLOW_ID) {
        let flow = json!({"start": "hello", "steps": {"hello": {"do": "play", "sound": {"prompt": PROMPT}}}});
        admin::put_flow(tx, own, now, tenant, FLOW_ID, &flow.to_string())?;
    }
    let config = settings(provider);
    if admin::list_carriers(tx, all, TRUNK.0)?.iter().any(|trunk| trunk.name == TRUNK.1) {
        return admin::update_carrier(tx, all, now, TRUNK, |trunk| trunk.config = config).map(|_| ());
    }
    admin::create_carrier(tx, all, now, TRUNK.0, &trunk(config)).map(|_| ())
}

fn settings(provider: SocketAddr) -> String {
    let (host, port) = (provider.ip().to_string(), provider.port());
    json!({"host": host, "port": port, "caller": CALLER, "calls_max": 100, "calls_per_second": 0}).to_string()
}

fn trunk(config: String) -> SipTrunk {
    SipTrunk {
        id: 0,
        name: TRUNK.1.to_owned(),
        tenant: None,
        sandbox: true,
        config,
        password: None,
        has_password: false,
        enabled: true,
        created_at: Micros(0),
    }
}

/// A tone, µ-law at 8 kHz.
fn tone() -> Vec<u8> {
    let sample = |n: u16| {
        let turn = f64::from(n) * PITCH / f64::from(RATE) * std::f64::consts::TAU;
        // A third of full volume: the product is far inside the sample's range.
        #[expect(clippy::cast_possible_truncation, reason = "within -10000 to 10000")]
        let sample = (turn.sin() * 10_000.0) as i16;
        g711::to_ulaw(sample)
    };
    (0..SAMPLES).map(sample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prompt_is_heard_and_ends_soon() {
        let tone = tone();
        assert_eq!(tone.len(), 3_200);
        let loudest = tone.iter().map(|octet| g711::from_ulaw(*octet).unsigned_abs()).max();
        assert!(loudest.is_some_and(|loudest| (9_000..=10_500).contains(&loudest)), "{loudest:?}");
    }
}
