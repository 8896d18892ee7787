//! What one row of the catalogue says. Shared by the build script, which reads the rows, and the library, which holds them.

use serde::{Deserialize, Serialize};

/// Declares a closed list of words with the spelling used in the data files, in JSON and on pages.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// All words in their stable order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it is written in the data files.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// A published wire contract with its own clients.
    Family {
        /// IMIconnect messaging, status, events and profiles.
        Messaging = "messaging",
        /// MTAPI.
        Services = "services",
        /// Metadata push and audit.
        Content = "content",
    }
}

words! {
    /// The interface whose list of codes an entry belongs to; the same number may mean something else in another.
    Api {
        /// Answers and notifications of the Messaging API.
        Messaging = "Messaging",
        /// Look-up answers, and the `error_code` of the records looked up.
        TransactionStatus = "Transaction Status",
        /// Events and inbound webhooks.
        Event = "Event",
        /// Customer and app profiles.
        Profile = "Profile",
        /// Apps and web pages with in-app messages.
        Realtime = "Real-time",
        /// The service desk, whose codes travel in the header `mtapistatus`.
        Mtapi = "MTAPI",
        /// Content pushes and audits.
        MetadataPush = "Metadata Push",
    }
}

impl Api {
    /// The name in keys, file names and anchors.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Messaging => "messaging",
            Self::TransactionStatus => "transaction-status",
            Self::Event => "event",
            Self::Profile => "profile",
            Self::Realtime => "real-time",
            Self::Mtapi => "mtapi",
            Self::MetadataPush => "metadata-push",
        }
    }
}

words! {
    /// What kind of thing a code reports.
    Class {
        /// The request or message is not well formed.
        Validation = "validation",
        /// The caller is not known or not let in.
        Authentication = "authentication",
        /// Well formed, but not permitted by a rule, a balance or a setting.
        Policy = "policy",
        /// What became of a message.
        Outcome = "outcome",
        /// Something on the way failed, here or at a provider.
        Provider = "provider",
        /// It was taken.
        Accepted = "accepted",
    }
}

words! {
    /// When a code can appear.
    Phase {
        /// In the synchronous answer to a request.
        Answer = "answer",
        /// Later: in a notification or a status record.
        Outcome = "outcome",
        /// Either way.
        Both = "both",
    }
}

words! {
    /// Whether sending the same again helps.
    Retry {
        /// No.
        Never = "never",
        /// Yes, unchanged, after a while.
        Later = "later",
        /// Only after something has been changed.
        AfterFix = "after-fix",
    }
}

words! {
    /// Whether the condition goes away by itself or by somebody else's hand.
    Permanence {
        /// It stays until the request or the recipient changes.
        Permanent = "permanent",
        /// It passes, or an operator or account holder can lift it.
        Temporary = "temporary",
        /// Not a fault, or nothing is known.
        None = "none",
    }
}

words! {
    /// Where an entry comes from.
    Evidence {
        /// Printed in one of the published code lists this catalogue started from; number and text are to the letter.
        Seed = "seed",
        /// Published elsewhere.
        Spec = "spec",
        /// Our own addition where the public material is silent.
        Proposed = "proposed",
    }
}

/// One status code of one API, with everything an integrator should know about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The contract it belongs to.
    pub family: Family,
    /// The list it belongs to.
    pub api: Api,
    /// MTAPI only: the controller that owns the block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controller: Option<&'static str>,
    /// The number; negative only for MTAPI `NotSet`.
    pub code: i64,
    /// The last number, where the entry stands for a whole block without texts of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_last: Option<i64>,
    /// The number as it is written on the wire.
    #[serde(skip)]
    pub code_text: &'static str,
    /// Kebab-case, unique within the API; the Rust variant is made from it.
    pub id: &'static str,
    /// Symbolic name; for MTAPI the published one.
    pub name: &'static str,
    /// The published text, misprints included.
    pub message: &'static str,
    /// The text as it is sent, with `{placeholders}`, where it differs from the published one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<&'static str>,
    /// What the code says, in one sentence.
    pub meaning: &'static str,
    /// How it comes about.
    pub cause: &'static str,
    /// What to change.
    pub remedy: &'static str,
    /// What kind of thing it reports.
    pub class: Class,
    /// When it can appear.
    pub phase: Phase,
    /// The HTTP status of an answer that carries it.
    pub http_status: u16,
    /// Whether sending again helps.
    pub retry: Retry,
    /// Whether the condition passes.
    pub permanence: Permanence,
    /// The channels it is limited to; empty for all.
    pub channels: &'static [&'static str],
    /// Where it comes from.
    pub evidence: Evidence,
    /// How many rows of the published lists it stands for.
    pub seed_rows: u8,
    /// Misprints, collisions, decisions of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
    /// Why it can never be sent, if it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserved: Option<&'static str>,
}

impl Entry {
    /// The name of the entry in proofs, logs and links: `<api-slug>/<code>/<id>`.
    pub fn key(&self) -> String {
        format!("{}/{}/{}", self.api.slug(), self.code, self.id)
    }

    /// The text that is sent: the template if there is one, else the published message.
    pub const fn text(&self) -> &'static str {
        match self.template {
            Some(template) => template,
            None => self.message,
        }
    }

    /// Whether `code` is the entry's number or lies in its block.
    pub fn covers(&self, code: i64) -> bool {
        (self.code..=self.code_last.unwrap_or(self.code)).contains(&code)
    }

    /// Whether it can be sent at all.
    pub const fn is_reserved(&self) -> bool {
        self.reserved.is_some()
    }
}
