//! A relay and a way to it.

use waypost_channels::email::{Letter, RelaySettings, RelayTls, SmtpRelay};
use waypost_core::time::Micros;
use waypost_simulators::smtp::{SimulatedRelay, SmtpConfig, SmtpHandle};

/// 2026-09-21T13:46:40 in UTC.
pub const NOW: Micros = Micros::from_secs(1_790_000_000);

pub fn letter() -> Letter {
    Letter {
        message_id: "waypost.7@example.org".to_owned(),
        written_at: NOW,
        from: "Waypost <no-reply@example.org>".parse().unwrap(),
        reply_to: None,
        to: "ann@example.net".parse().unwrap(),
        meant_for: None,
        subject: "A permit".to_owned(),
        text: "Your permit is ready.\n".to_owned(),
        html: None,
        language: None,
        attachments: Vec::new(),
    }
}

pub async fn relay(config: SmtpConfig) -> SmtpHandle {
    SimulatedRelay::start(config).await.unwrap()
}

pub fn settings(relay: &SmtpHandle) -> RelaySettings {
    RelaySettings {
        host: "127.0.0.1".to_owned(),
        port: relay.address().port(),
        tls: RelayTls::Off,
        authority_pem: None,
        login: None,
        hello_name: "waypost.example.org".to_owned(),
        timeout_ms: 20_000,
        idle_ms: 60_000,
        idle_max: 4,
    }
}

pub fn to(relay: &SmtpHandle) -> SmtpRelay {
    SmtpRelay::new(settings(relay)).unwrap()
}
