//! Codes to words: `deliveryStatus` (spec 4.2) and the Transaction Status word (spec 5).

use crate::channel::Channel;

/// Who says so: two codes mean `Failed` from us and `Un-Delivered` from the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// This server.
    Platform,
    /// The operator or provider.
    Operator,
}

/// The `deliveryStatus` of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryStatus {
    /// Handed over.
    Submitted,
    /// At the user.
    Delivered,
    /// Read.
    Read,
    /// Clicked.
    Clicked,
    /// Failed beyond us (SMS).
    UnDelivered,
    /// Failed.
    Failed,
    /// E-mail address not verified.
    NotVerified,
    /// E-mail returned.
    Bounce,
    /// E-mail marked as spam.
    Complaint,
    /// Voice: call offered.
    Offered,
    /// Voice: call accepted by the network.
    Accepted,
    /// Voice: answered.
    Answered,
    /// Voice: dropped.
    Dropped,
    /// Voice: rejected, busy or not answered.
    Rejected,
    /// Voice: released.
    Released,
    /// Voice: disconnected.
    Disconnected,
    /// Voice: connected to a third party.
    TromboneConnected,
    /// Voice: the third party left.
    TromboneReleased,
}

impl DeliveryStatus {
    /// Every status; its place is the number a stored notification has.
    pub const ALL: [Self; 18] = [
        Self::Submitted,
        Self::Delivered,
        Self::Read,
        Self::Clicked,
        Self::UnDelivered,
        Self::Failed,
        Self::NotVerified,
        Self::Bounce,
        Self::Complaint,
        Self::Offered,
        Self::Accepted,
        Self::Answered,
        Self::Dropped,
        Self::Rejected,
        Self::Released,
        Self::Disconnected,
        Self::TromboneConnected,
        Self::TromboneReleased,
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "Submitted",
            Self::Delivered => "Delivered",
            Self::Read => "Read",
            Self::Clicked => "Clicked",
            Self::UnDelivered => "Un-Delivered",
            Self::Failed => "Failed",
            Self::NotVerified => "Not Verified",
            Self::Bounce => "Bounce",
            Self::Complaint => "Complaint",
            Self::Offered => "OFFERED",
            Self::Accepted => "ACCEPTED",
            Self::Answered => "ANSWERED",
            Self::Dropped => "DROPPED",
            Self::Rejected => "REJECTED",
            Self::Released => "Released",
            Self::Disconnected => "DISCONNECTED",
            Self::TromboneConnected => "TROMBONE_CONNECTED",
            Self::TromboneReleased => "TROMBONE_RELEASED",
        }
    }
}

/// The word for a code on a channel (spec 4.2). Every code has one: what the table does not name is `Failed`.
#[must_use]
pub const fn delivery_status(channel: Channel, code: u16, origin: Origin) -> DeliveryStatus {
    match code {
        7500 => return DeliveryStatus::Delivered,
        7501 => return DeliveryStatus::Submitted,
        7502 => return DeliveryStatus::Read,
        7528 => return DeliveryStatus::Clicked,
        _ => {}
    }
    match channel {
        Channel::Sms => sms_status(code, origin),
        Channel::Voice => voice_status(code),
        Channel::Email => email_status(code),
        _ => DeliveryStatus::Failed,
    }
}

const fn sms_status(code: u16, origin: Origin) -> DeliveryStatus {
    match code {
        7107 | 7109 | 7111 | 7201 | 7202 | 7204..=7211 | 7280..=7284 => DeliveryStatus::UnDelivered,
        7302 | 7513 | 7518 | 7607 | 7720 => DeliveryStatus::UnDelivered,
        7101 | 7203 if matches!(origin, Origin::Operator) => DeliveryStatus::UnDelivered,
        _ => DeliveryStatus::Failed,
    }
}

const fn voice_status(code: u16) -> DeliveryStatus {
    match code {
        7401..=7403 | 7406 => DeliveryStatus::Rejected,
        7405 => DeliveryStatus::Released,
        7407 => DeliveryStatus::Offered,
        7408 => DeliveryStatus::Accepted,
        7409 => DeliveryStatus::Dropped,
        7410 => DeliveryStatus::Disconnected,
        7411 => DeliveryStatus::TromboneConnected,
        7412 => DeliveryStatus::TromboneReleased,
        7519 => DeliveryStatus::Answered,
        _ => DeliveryStatus::Failed,
    }
}

const fn email_status(code: u16) -> DeliveryStatus {
    match code {
        7520 => DeliveryStatus::Bounce,
        7521 => DeliveryStatus::Complaint,
        7522 => DeliveryStatus::NotVerified,
        _ => DeliveryStatus::Failed,
    }
}

/// Whether an outcome code says that time ran out.
#[must_use]
pub const fn is_expiry(code: u16) -> bool {
    matches!(code, 7005 | 7019 | 7208 | 7301 | 7303 | 7503)
}

/// The `status` of a Transaction Status record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransactionStatus {
    /// Accepted, nothing known yet.
    Queued,
    /// Handed over.
    Sent,
    /// Delivered, read or clicked.
    Delivered,
    /// Will not be delivered.
    Failed,
    /// Ran out of time.
    Expired,
    /// Voice: answered.
    Answered,
    /// Voice: rang out.
    NoAnswer,
    /// Voice: rejected.
    Rejected,
    /// Voice: busy.
    Busy,
    /// Voice: any other end.
    Others,
}

impl TransactionStatus {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Answered => "answered",
            Self::NoAnswer => "no answer",
            Self::Rejected => "rejected",
            Self::Busy => "busy",
            Self::Others => "others",
        }
    }

    /// Whether the record shows `error_code` and `error_message`; they are null otherwise.
    #[must_use]
    pub const fn shows_error(self) -> bool {
        !matches!(self, Self::Queued | Self::Sent | Self::Delivered | Self::Answered)
    }
}

/// The status word for a message's last code; `None` while it has none (spec 5).
#[must_use]
pub const fn transaction_status(channel: Channel, code: Option<u16>) -> TransactionStatus {
    let Some(code) = code else { return TransactionStatus::Queued };
    match code {
        1001 | 1002 => TransactionStatus::Queued,
        7501 => TransactionStatus::Sent,
        _ if matches!(channel, Channel::Voice) => voice_transaction_status(code),
        7500 | 7502 | 7528 => TransactionStatus::Delivered,
        _ if is_expiry(code) => TransactionStatus::Expired,
        _ => TransactionStatus::Failed,
    }
}

/// Voice has no `failed` and no `expired`: the rest is `others`.
const fn voice_transaction_status(code: u16) -> TransactionStatus {
    match code {
        7407 | 7408 | 7411 | 7412 => TransactionStatus::Sent,
        7500 | 7502 | 7519 => TransactionStatus::Answered,
        7401 => TransactionStatus::NoAnswer,
        7402 => TransactionStatus::Busy,
        7403 | 7406 => TransactionStatus::Rejected,
        _ => TransactionStatus::Others,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(channel: Channel, codes: &[u16], origin: Origin, word: &str) {
        for code in codes {
            assert_eq!(
                delivery_status(channel, *code, origin).as_str(),
                word,
                "{channel:?} {code} by {origin:?}"
            );
        }
    }

    #[test]
    fn an_sms_outcome_has_the_word_of_the_table() {
        for origin in [Origin::Platform, Origin::Operator] {
            check(Channel::Sms, &[7501], origin, "Submitted");
            check(Channel::Sms, &[7500], origin, "Delivered");
            check(Channel::Sms, &[7528], origin, "Clicked");
            let beyond_us = [
                7107, 7109, 7111, 7201, 7202, 7204, 7205, 7206, 7207, 7208, 7209, 7210, 7211, 7280, 7281,
                7282, 7283, 7284, 7302, 7513, 7518, 7607, 7720,
            ];
            check(Channel::Sms, &beyond_us, origin, "Un-Delivered");
            check(Channel::Sms, &[7004, 7006, 7102, 7103, 7113, 7200, 7303, 7503], origin, "Failed");
        }
    }

    #[test]
    fn who_says_so_decides_sender_and_subscriber_errors() {
        check(Channel::Sms, &[7101, 7203], Origin::Platform, "Failed");
        check(Channel::Sms, &[7101, 7203], Origin::Operator, "Un-Delivered");
        check(Channel::Push, &[7101, 7203, 7201], Origin::Operator, "Failed");
    }

    #[test]
    fn voice_and_email_have_their_own_words() {
        let voice = |codes: &[u16], word| check(Channel::Voice, codes, Origin::Operator, word);
        voice(&[7401, 7402, 7403, 7406], "REJECTED");
        voice(&[7407], "OFFERED");
        voice(&[7408], "ACCEPTED");
        voice(&[7519], "ANSWERED");
        voice(&[7409], "DROPPED");
        voice(&[7405], "Released");
        voice(&[7410], "DISCONNECTED");
        voice(&[7411], "TROMBONE_CONNECTED");
        voice(&[7412], "TROMBONE_RELEASED");
        voice(&[7005], "Failed");
        check(Channel::Email, &[7520], Origin::Operator, "Bounce");
        check(Channel::Email, &[7521], Origin::Operator, "Complaint");
        check(Channel::Email, &[7522], Origin::Operator, "Not Verified");
        check(Channel::Email, &[7523], Origin::Operator, "Failed");
    }

    #[test]
    fn the_status_api_has_five_words_and_seven_for_voice() {
        let check = |channel, code: Option<u16>, word: &str, error: bool| {
            let status = transaction_status(channel, code);
            assert_eq!((status.as_str(), status.shows_error()), (word, error), "{channel:?} {code:?}");
        };
        check(Channel::Sms, None, "queued", false);
        check(Channel::Sms, Some(1001), "queued", false);
        check(Channel::Sms, Some(7501), "sent", false);
        for code in [7500, 7502, 7528] {
            check(Channel::Sms, Some(code), "delivered", false);
        }
        for code in [7005, 7019, 7208, 7301, 7303, 7503] {
            check(Channel::Sms, Some(code), "expired", true);
        }
        check(Channel::Sms, Some(7201), "failed", true);
        check(Channel::Voice, Some(7501), "sent", false);
        check(Channel::Voice, Some(7408), "sent", false);
        check(Channel::Voice, Some(7519), "answered", false);
        check(Channel::Voice, Some(7401), "no answer", true);
        check(Channel::Voice, Some(7402), "busy", true);
        check(Channel::Voice, Some(7403), "rejected", true);
        check(Channel::Voice, Some(7404), "others", true);
        check(Channel::Voice, Some(7005), "others", true);
    }
}
