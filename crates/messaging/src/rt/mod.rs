//! In-app messaging: the connector, the ledger behind the MQTT broker, and the RT API (spec 3.8, 8).
//!
//! A message to a user becomes a *parcel* for each of the user's devices, written before the attempt is recorded. The
//! broker sends a device what waits for it, and a parcel goes when the device has acknowledged it: so it outlives the
//! server, and is sent once however often either side starts again.

mod admission;
pub mod api;
mod connector;
mod device;
pub mod external;
mod ids;
mod inbound;
pub mod inbox;
mod keep;
mod ledger;
pub mod media;
mod offline;
mod payload;
pub(crate) mod place;
mod profile_event;
mod receipts;
mod records;
mod register;
mod say;
mod sealing;
mod single;
mod tell;
mod threads;
pub mod topics;
mod track;
mod user_token;

pub use admission::Vouched;
pub use connector::RtConnector;
pub use ids::{ClientId, ID_BYTES_MAX};
pub(crate) use inbound::body as inbound_body;
pub use ledger::{Ledger, LedgerParts};
pub use payload::payload;
pub use register::{REFRESH_DAYS, RegisterFault, Registered, Registration, TOKEN_DAYS, Tokens};
pub use sealing::{KEY_BYTES as PAYLOAD_KEY_BYTES, PayloadKey, read_key as read_payload_key};
pub use threads::{AskedThreads, Changed};
pub use track::Tracked;
