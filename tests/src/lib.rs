//! The harness of the black-box suites: a whole server between a client, simulated SMSCs and a call-back receiver,
//! all on loopback and over the real protocols.
//!
//! * [`Backstage`] builds a stage, [`Stage`] starts and holds them; [`Engine`] says on which store.
//! * What a test asserts about an answer, a notification or a status record is also noted as proof of its catalogue
//!   entry, by the assertion itself: nothing is proven that was not checked.
//! * Nothing here sleeps or polls. Every wait is for something that is told, and ends in a failure that says what was
//!   waited for after [`PATIENCE`].
#![forbid(unsafe_code)]
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test harness: failing is its answer"
)]

mod answer;
mod backstage;
mod bound;
mod browser;
mod calls;
pub mod desk;
mod engine;
mod hook;
mod http;
mod notification;
mod process;
pub mod proof;
mod raw;
mod record;
mod rt;
mod rt_apps;
mod sms;
mod smsc;
mod social;
mod stage;

pub use answer::{Answer, Detail, Unit};
pub use backstage::{Backstage, SENDER, free_address};
pub use bound::{PATIENCE, within};
pub use browser::Browser;
pub use calls::Far;
pub use desk::{Desk, Login, Table};
pub use engine::Engine;
pub use hook::{Hook, HookScript};
pub use http::{Http, MESSAGING};
pub use notification::{Expected, Notification};
pub use raw::{RawAnswer, RawHttp};
pub use record::Record;
pub use rt::{CLIENT_KEY, Device, Phone, RT_APP, Rt, rt_done, rt_refused};
pub use rt_apps::{SERVER_KEY, rt_counted, rt_listed};
pub use sms::{sms, sms_to, with};
pub use smsc::{counted, received, shown};
pub use social::{SECOND_PAGE, SOCIAL, Social};
pub use stage::Stage;
