//! Names of devices: `{appId}/{userId}/{deviceId}`, also the levels of topics (spec 8.2, 8.3).

use std::fmt;

/// Longest user or device id.
pub const ID_BYTES_MAX: usize = 128;

/// A device of a user of an app.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientId {
    /// The app.
    pub app_id: String,
    /// The user.
    pub user_id: String,
    /// The device.
    pub device_id: String,
}

impl ClientId {
    /// From its three levels; `None` when it has not exactly three, or one cannot be a level of a topic.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut levels = text.split('/');
        let (app_id, user_id, device_id) = (levels.next()?, levels.next()?, levels.next()?);
        let good = levels.next().is_none() && [app_id, user_id, device_id].into_iter().all(is_level);
        good.then(|| Self {
            app_id: app_id.to_owned(),
            user_id: user_id.to_owned(),
            device_id: device_id.to_owned(),
        })
    }

    /// From the client id of MQTT, whose fourth level is `at_` and the access token.
    #[must_use]
    pub fn with_token(text: &str) -> Option<(Self, &str)> {
        let (device, token) = text.rsplit_once('/')?;
        Some((Self::parse(device)?, token.strip_prefix("at_")?))
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}/{}", self.app_id, self.user_id, self.device_id)
    }
}

/// Whether a text can be a user or device id: neither empty nor too long, and no character that means something in a topic.
pub(super) fn is_level(text: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&text.len())
        && !text.chars().any(|c| matches!(c, '/' | '+' | '#') || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_has_three_levels_and_with_a_token_four() {
        let id = ClientId::parse("MU1/ann@example.org/v2_web_1").unwrap();
        assert_eq!(
            (id.user_id.as_str(), id.to_string().as_str()),
            ("ann@example.org", "MU1/ann@example.org/v2_web_1")
        );
        let with = ClientId::with_token("MU1/ann@example.org/v2_web_1/at_s3").unwrap();
        assert_eq!(with, (id, "s3"));
        for bad in ["", "MU1/ann", "MU1/ann/d/x", "MU1//d", "MU1/a+b/d", "MU1/#/d", "MU1/a\u{0}/d"] {
            assert_eq!(ClientId::parse(bad), None, "{bad}");
        }
        assert_eq!(ClientId::with_token("MU1/ann/d"), None);
        assert_eq!(ClientId::with_token("MU1/ann/d/s3"), None);
    }
}
