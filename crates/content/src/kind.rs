//! The six kinds of object and what a push does to one.

/// A kind of object. The order is the order of dependency: each refers to earlier kinds only (spec 2.3, 2.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The property itself.
    Hotel,
    /// A tax or fee of a property.
    Tax,
    /// A cancellation policy of a property.
    Policy,
    /// A room type of a property.
    Room,
    /// A rate plan of a property.
    RatePlan,
    /// All products of one rate plan; its code is the rate plan's.
    Product,
}

impl Kind {
    /// All kinds, in the order of dependency.
    pub const ALL: [Self; 6] =
        [Self::Hotel, Self::Tax, Self::Policy, Self::Room, Self::RatePlan, Self::Product];

    /// The stored number.
    #[must_use]
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// The kind of a stored number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// The word in commands, logs and metrics.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hotel => "hotel",
            Self::Tax => "tax",
            Self::Policy => "cancellation-policy",
            Self::Room => "roomtype",
            Self::RatePlan => "rateplan",
            Self::Product => "products",
        }
    }

    /// The kind of a word; also of the plural where it has one.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "hotel" | "hotels" => Self::Hotel,
            "tax" | "taxes" => Self::Tax,
            "cancellation-policy" | "cancellation-policies" => Self::Policy,
            "roomtype" | "roomtypes" => Self::Room,
            "rateplan" | "rateplans" => Self::RatePlan,
            "product" | "products" => Self::Product,
            _ => return None,
        })
    }

    /// The member of a push and of an audit's answer that holds the objects.
    #[must_use]
    pub const fn list_key(self) -> &'static str {
        match self {
            Self::Hotel => "hotel",
            Self::Tax => "taxes",
            Self::Policy => "cancellationPolicies",
            Self::Room => "rooms",
            Self::RatePlan => "rateplans",
            Self::Product => "products",
        }
    }

    /// The member that holds a single object on the update route.
    #[must_use]
    pub const fn single_key(self) -> &'static str {
        match self {
            Self::Hotel => "hotel",
            Self::Tax => "tax",
            Self::Policy => "cancellationPolicy",
            Self::Room => "room",
            Self::RatePlan => "rateplan",
            Self::Product => "products",
        }
    }

    /// The member of an audit's request that names codes; the hotel's has none.
    #[must_use]
    pub const fn filter_key(self) -> Option<&'static str> {
        match self {
            Self::Hotel => None,
            Self::Tax => Some("taxCodes"),
            Self::Policy => Some("cancellationPolicyCodes"),
            Self::Room => Some("roomCodes"),
            Self::RatePlan | Self::Product => Some("rateplanCodes"),
        }
    }

    /// Where new objects are pushed to, after the base URL.
    #[must_use]
    pub const fn create_path(self) -> &'static str {
        match self {
            Self::Hotel => "/hotel",
            Self::Tax => "/taxes",
            Self::Policy => "/cancellation-policies",
            Self::Room => "/roomtypes",
            Self::RatePlan => "/rateplans",
            Self::Product => "/products",
        }
    }

    /// Where changes of one object are pushed to; its code percent-encoded.
    #[must_use]
    pub fn update_path(self, code: &str) -> String {
        let base = match self {
            Self::Hotel => "/hotel/",
            Self::Tax => "/tax/",
            Self::Policy => "/cancellation-policy/",
            Self::Room => "/roomtype/",
            Self::RatePlan => "/rateplan/",
            Self::Product => return self.create_path().to_owned(),
        };
        let mut path = base.to_owned();
        for byte in code.bytes() {
            // Everything but the unreserved characters of RFC 3986.
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                path.push(char::from(byte));
            } else {
                // Writing to a String cannot fail.
                let _ = std::fmt::Write::write_fmt(&mut path, format_args!("%{byte:02X}"));
            }
        }
        path
    }

    /// Where objects are asked for.
    #[must_use]
    pub const fn audit_path(self) -> &'static str {
        match self {
            Self::Hotel => "/hotel-audit",
            Self::Tax => "/tax-audit",
            Self::Policy => "/cancellation-policy-audit",
            Self::Room => "/roomtype-audit",
            Self::RatePlan => "/rateplan-audit",
            Self::Product => "/products-audit",
        }
    }

    /// The `updateType`s a push of this kind may carry. Room types: the page of the endpoint lists all four, the page of
    /// `updateType` two; the receiver takes four.
    #[must_use]
    pub const fn ops(self) -> &'static [Op] {
        match self {
            Self::Hotel | Self::Tax | Self::Room => &[Op::New, Op::Update, Op::Enable, Op::Disable],
            Self::RatePlan | Self::Policy => &[Op::New, Op::Update],
            Self::Product => &[],
        }
    }
}

/// What a push does (`updateType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Sent for the first time; replaces what is there.
    New,
    /// The full object, changed.
    Update,
    /// Switched on again.
    Enable,
    /// Switched off.
    Disable,
    /// The full set of products of a rate plan: the message has no `updateType`.
    Replace,
}

impl Op {
    /// The word of the wire; empty for products.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Update => "UPDATE",
            Self::Enable => "ENABLE",
            Self::Disable => "DISABLE",
            Self::Replace => "",
        }
    }

    /// The operation of a word, its two aliases included (Appendix C, 4).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "NEW" => Self::New,
            "UPDATE" => Self::Update,
            "ENABLE" | "ENABLED" => Self::Enable,
            "DISABLE" | "DISABLED" => Self::Disable,
            _ => return None,
        })
    }
}
