//! The push clouds: FCM with its token server, APNs, and a Web Push service with the browser behind it.
//!
//! Each checks what the real one checks and answers as it does. An address that ends in a four-digit code which the provider
//! can bring about (`data/push-outcomes.toml` of the connector, read backwards) is answered with the matching error, whatever
//! else would be said of the address; one that ends in 7500 to 7503 is taken. Faults of the whole cloud are programmed at its
//! [`Sim`].

mod apns;
mod fcm;
mod forced;
mod jwt;
mod keys;
mod reply;
mod serve;
mod sim;
mod web;

use std::io;
use std::sync::Arc;

use serde_json::{Value, json};
use waypost_core::time::{Clock, SystemClock};

pub use self::apns::Apns;
pub use self::fcm::Fcm;
pub use self::sim::{Fault, Received, Sim};
pub use self::web::WebPush;

/// All push clouds on this machine, with credentials for one app.
#[derive(Debug)]
pub struct PushSims {
    /// FCM and its token server.
    pub fcm: Fcm,
    /// APNs.
    pub apns: Apns,
    /// A push service for browsers.
    pub web: WebPush,
}

/// Why the clouds cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No address can be listened on.
    #[error("a push simulator cannot listen")]
    Listen(#[from] io::Error),
    /// The cryptographic library makes no keys.
    #[error("the keys of a push simulator cannot be made")]
    Keys,
}

impl PushSims {
    /// Starts all on loopback, with keys made now.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start() -> Result<Self, StartError> {
        Self::start_with(Arc::new(SystemClock)).await
    }

    /// The same with a clock of the caller's: by it tokens grow old.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start_with(clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let fcm = Fcm::start(Arc::clone(&clock)).await?;
        let apns = Apns::start(Arc::clone(&clock)).await?;
        let web = WebPush::start(clock).await?;
        Ok(Self { fcm, apns, web })
    }

    /// The settings of an app asset that goes to these clouds.
    #[must_use]
    pub fn app_config(&self) -> Value {
        let mut config = json!({});
        for part in [self.fcm.config(), self.apns.config(), self.web.config()] {
            merge(&mut config, part);
        }
        config
    }

    /// The credentials of that app asset.
    #[must_use]
    pub fn app_secrets(&self) -> Value {
        let mut secrets = json!({});
        for part in [self.fcm.secrets(), self.apns.secrets(), self.web.secrets()] {
            merge(&mut secrets, part);
        }
        secrets
    }
}

fn merge(into: &mut Value, part: Value) {
    if let (Value::Object(into), Value::Object(part)) = (into, part) {
        into.extend(part);
    }
}
