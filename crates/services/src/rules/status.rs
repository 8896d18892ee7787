//! The statuses of a service request (spec 5.3).

/// A status. The numbers are published; `Draft` is used by the query language and has none there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i64)]
pub enum RequestStatus {
    /// Not a status a request can have.
    Unknown = 0,
    /// Being written.
    InProgress = 1,
    /// Handed in.
    Submitted = 2,
    /// Being looked at.
    InReview = 3,
    /// Done.
    Completed = 4,
    /// The training is done.
    TrainingCompleted = 5,
    /// The applicant must add something.
    InformationRequired = 6,
    /// Accepted.
    Accepted = 7,
    /// Accepted after changes.
    AcceptedWithUpdates = 8,
    /// Taken back.
    Canceled = 9,
    /// Begun by somebody else: an invite.
    Initiated = 10,
    /// Too old.
    Expired = 11,
    /// Refused.
    Rejected = 12,
    /// Failed.
    Failed = 13,
    /// Collected.
    PickedUp = 14,
    /// A test payment is to be made.
    TestPaymentPending = 15,
    /// A test payment was made.
    TestPaymentSent = 16,
    /// Validated.
    Validated = 17,
    /// Verified.
    Verified = 18,
    /// Approved.
    Approved = 19,
    /// Waiting.
    OnHold = 20,
    /// To be approved.
    PendingApproval = 21,
    /// Issued.
    Issued = 22,
    /// Not yet begun in earnest.
    Draft = 23,
}

impl RequestStatus {
    /// Every status a request can have, by number.
    pub const ALL: &'static [Self] = &[
        Self::InProgress,
        Self::Submitted,
        Self::InReview,
        Self::Completed,
        Self::TrainingCompleted,
        Self::InformationRequired,
        Self::Accepted,
        Self::AcceptedWithUpdates,
        Self::Canceled,
        Self::Initiated,
        Self::Expired,
        Self::Rejected,
        Self::Failed,
        Self::PickedUp,
        Self::TestPaymentPending,
        Self::TestPaymentSent,
        Self::Validated,
        Self::Verified,
        Self::Approved,
        Self::OnHold,
        Self::PendingApproval,
        Self::Issued,
        Self::Draft,
    ];

    /// The published names of [`Self::ALL`], in its order.
    pub const WORDS: &'static [&'static str] = &{
        let mut words = [""; Self::ALL.len()];
        let mut at = 0;
        while at < words.len() {
            words[at] = Self::ALL[at].name();
            at += 1;
        }
        words
    };

    /// Its number, as stored.
    #[must_use]
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// Of a stored number.
    #[must_use]
    pub fn of(number: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.number() == number)
    }

    /// Of a name in any case, or of a number as a text; `Unknown` is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let by_name = Self::ALL.iter().copied().find(|status| status.name().eq_ignore_ascii_case(text));
        by_name.or_else(|| text.parse().ok().and_then(Self::of))
    }

    /// Its published name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.texts().0
    }

    /// What people see, in English.
    #[must_use]
    pub const fn english(self) -> &'static str {
        self.texts().1
    }

    /// What people see, in French.
    #[must_use]
    pub const fn french(self) -> &'static str {
        self.texts().2
    }

    const fn texts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Unknown => ("Unknown", "Unknown", "Inconnu"),
            Self::InProgress => ("InProgress", "In-Progress", "En cours"),
            Self::Submitted => ("Submitted", "Submitted", "Soumise"),
            Self::InReview => ("InReview", "In Review", "En révision"),
            Self::Completed => ("Completed", "Completed", "Terminée"),
            Self::TrainingCompleted => ("TrainingCompleted", "Training Completed", "Formation terminée"),
            Self::InformationRequired => {
                ("InformationRequired", "Information Required", "Renseignements requis")
            }
            Self::Accepted => ("Accepted", "Accepted", "Acceptée"),
            Self::AcceptedWithUpdates => {
                ("AcceptedWithUpdates", "Accepted With Updates", "Acceptée avec modifications")
            }
            Self::Canceled => ("Canceled", "Canceled", "Annulée"),
            Self::Initiated => ("Initiated", "Initiated", "Amorcée"),
            Self::Expired => ("Expired", "Expired", "Expirée"),
            Self::Rejected => ("Rejected", "Rejected", "Rejetée"),
            Self::Failed => ("Failed", "Failed", "Échouée"),
            Self::PickedUp => ("PickedUp", "Picked Up", "Ramassée"),
            Self::TestPaymentPending => {
                ("TestPaymentPending", "Test Payment Pending", "Paiement d'essai en attente")
            }
            Self::TestPaymentSent => ("TestPaymentSent", "Test Payment Sent", "Paiement d'essai envoyé"),
            Self::Validated => ("Validated", "Validated", "Validée"),
            Self::Verified => ("Verified", "Verified", "Vérifiée"),
            Self::Approved => ("Approved", "Approved", "Approuvée"),
            Self::OnHold => ("OnHold", "On Hold", "En suspens"),
            Self::PendingApproval => ("PendingApproval", "Pending Approval", "En attente d'approbation"),
            Self::Issued => ("Issued", "Issued", "Délivrée"),
            Self::Draft => ("Draft", "Draft", "Brouillon"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_by_name_in_any_case_or_by_number_and_unknown_never() {
        assert_eq!(RequestStatus::parse("submitted"), Some(RequestStatus::Submitted));
        assert_eq!(RequestStatus::parse(" 22 "), Some(RequestStatus::Issued));
        for odd in ["Unknown", "0", "24", "-1", "", "In Progress"] {
            assert_eq!(RequestStatus::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn numbers_are_the_published_ones_without_a_gap() {
        for (number, status) in (1..).zip(RequestStatus::ALL) {
            assert_eq!((status.number(), RequestStatus::of(number)), (number, Some(*status)));
        }
    }
}
