//! The one guarded HTTP client: address vetting, deadlines, signatures.
//!
//! Everything the server sends over HTTP goes through [`Egress`]: http and https only, a name is resolved once
//! and every address vetted, the connection goes to a vetted one, no redirects, no proxy variables, one
//! deadline over everything, a capped body, bounded idle connections. HTTP/1.1 by [`Egress::request`], HTTP/2 with
//! many exchanges on one connection by [`Egress::request_h2`], long bodies piece by piece by [`Egress::stream`].

#![forbid(unsafe_code)]

mod address;
mod client;
mod connect;
mod error;
mod h2;
mod policy;
mod pool;
mod resolver;
mod retry_after;
pub mod signature;
mod stream;
mod tls;

pub use address::{Why, vet};
pub use client::{Egress, Response};
pub use error::{EgressError, Stage, UrlProblem};
pub use policy::{EgressPolicy, SetupError};
pub use resolver::{Lookup, Resolver, SystemResolver};
pub use stream::{Streamed, Upload};
