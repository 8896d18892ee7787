//! The name look-up seam.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::Semaphore;

/// Look-ups that run at the same time; each may hold a thread for as long as the system's resolver likes.
const LOOKUPS_MAX: usize = 64;

/// A look-up on its way.
pub type Lookup = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Finds the addresses of a name.
pub trait Resolver: Send + Sync + 'static {
    /// All addresses of `host`, in the order to try them.
    fn lookup(&self, host: &str) -> Lookup;
}

/// The system's resolver.
#[derive(Clone, Debug)]
pub struct SystemResolver {
    slots: Arc<Semaphore>,
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self { slots: Arc::new(Semaphore::new(LOOKUPS_MAX)) }
    }
}

impl Resolver for SystemResolver {
    fn lookup(&self, host: &str) -> Lookup {
        let (host, slots) = (host.to_owned(), Arc::clone(&self.slots));
        Box::pin(async move {
            // The slot goes with the look-up, not with the caller: a caller whose deadline passed leaves the thread
            // behind, and that is what is counted.
            let slot = slots.acquire_owned().await.map_err(io::Error::other)?;
            let lookup = tokio::spawn(async move {
                let found = tokio::net::lookup_host((host, 0))
                    .await
                    .map(|found| found.map(|addr| addr.ip()).collect());
                drop(slot);
                found
            });
            lookup.await.map_err(io::Error::other)?
        })
    }
}
