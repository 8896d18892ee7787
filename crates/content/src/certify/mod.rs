//! Certifies a receiver: sends the conformance vectors (spec Appendix D) to it and says which it keeps.
//!
//! Vectors 20–22 and 24 are about the pusher; they are told as such.

mod objects;
mod session;
mod state;

use std::future::Future;
use std::pin::Pin;

use session::Session;

pub use session::error_code;

/// A boxed future, so that a [`Caller`] can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How the receiver is reached.
pub trait Caller: Send + Sync {
    /// Sends one request and gives the answer back, unpacked. The error says why there is none.
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Reply, String>>;
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `POST` or `PUT`.
    pub method: &'static str,
    /// What stands after the base URL.
    pub path: String,
    /// The body.
    pub body: String,
    /// Whether the credentials are sent.
    pub authorized: bool,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub http: u16,
    /// The body.
    pub body: String,
}

/// What came of one vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its number in Appendix D.
    pub vector: u8,
    /// What it is about.
    pub title: &'static str,
    /// Why it is not kept; `None` when it is.
    pub fault: Option<String>,
}

/// The vectors that concern the pusher.
pub const OF_THE_PUSHER: [u8; 4] = [20, 21, 22, 24];

/// Runs every vector of a receiver. `run` makes the property codes of this run its own.
pub async fn certify(caller: &dyn Caller, run: &str) -> Vec<Finding> {
    let mut session = Session::new(caller, run);
    let mut findings = Vec::new();
    macro_rules! vector {
        ($number:literal, $title:literal, $check:expr) => {{
            session.begin($number);
            let fault = $check(&mut session).await.err();
            findings.push(Finding { vector: $number, title: $title, fault });
        }};
    }
    vector!(1, "a push without credentials is refused", objects::without_credentials);
    vector!(2, "a valid new hotel is taken", objects::new_hotel);
    vector!(3, "the same message again gets the same answer", objects::same_again);
    vector!(4, "the same id with another body is refused", objects::other_body);
    vector!(5, "every missing field of a hotel is named", objects::missing_fields);
    vector!(6, "a star rating in words is refused", objects::star_rating);
    vector!(7, "rooms of an unknown property are refused", objects::unknown_property);
    vector!(8, "a batch with a bad room stores neither", objects::batch);
    vector!(9, "an update of an unknown room is refused", objects::unknown_room);
    vector!(10, "a rate plan of an unknown policy is refused", objects::unknown_policy);
    vector!(11, "a season that ends before it begins is refused", objects::reversed_season);
    vector!(12, "a rate plan cannot be disabled", objects::disabled_rateplan);
    vector!(13, "a disabled tax is not updated", state::disabled_tax);
    vector!(14, "a disabled hotel takes no rooms", state::disabled_hotel);
    vector!(15, "products left out are deleted", state::products_replace);
    vector!(16, "products of another rate plan stay", state::products_apart);
    vector!(17, "an update replaces lists", state::shorter_list);
    vector!(18, "an audit asks for all or for codes", state::filters);
    vector!(19, "an audit sees what was just acknowledged", state::read_your_writes);
    vector!(23, "a body that is not JSON is refused", objects::malformed);
    findings
}
