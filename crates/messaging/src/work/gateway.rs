//! The SMPP connections, in groups that never mix: the sandbox's, a tenant's own, and the shared ones.
//!
//! A sandbox tenant's messages go to the sandbox group and nowhere else, and that group takes only connections that
//! are flagged sandbox and whose host is loopback. This is the one place where groups are made.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use waypost_channels::smpp::{
    BindMode, Connection, ConnectionConfig, ConnectionHandle, Outcomes, OutcomesError, Pool, PoolSettings,
    Seams,
};

use waypost_core::sms::segment::Concatenation;

use super::deliver::{Desk, Line};

/// The group of connections shared by all live tenants.
pub const SHARED_GROUP: i64 = 0;
/// The sandbox's group.
pub const SANDBOX_GROUP: i64 = -1;

/// A connection as the directory has it.
#[derive(Clone, Debug)]
pub struct ConnectionSpec {
    /// Its row.
    pub id: i64,
    /// Whose it is; `None` for all live tenants.
    pub tenant: Option<i64>,
    /// Whether it belongs to the sandbox.
    pub sandbox: bool,
    /// How to connect.
    pub config: ConnectionConfig,
    /// Changes whenever any of the above does.
    pub revision: u64,
}

/// Why a connection is not used.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// A sandbox connection that could reach a real provider.
    #[error("connection {name} is flagged sandbox, but its host {host} is not loopback")]
    SandboxNotLoopback {
        /// Its name.
        name: String,
        /// Its host.
        host: String,
    },
    /// Its settings cannot work.
    #[error("connection {name}: {detail}")]
    Config {
        /// Its name.
        name: String,
        /// What is wrong.
        detail: String,
    },
    /// Its table of outcomes cannot be used.
    #[error("connection {name}: {source}")]
    Outcomes {
        /// Its name.
        name: String,
        /// What is wrong.
        source: OutcomesError,
    },
}

/// A connection in use.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its row.
    pub id: i64,
    /// What its provider's answers mean.
    pub outcomes: Arc<Outcomes>,
    group: i64,
    revision: u64,
    handle: ConnectionHandle,
}

/// Connections that can carry the same messages.
#[derive(Debug)]
pub struct Group {
    /// Weighted choice among them.
    pub pool: Pool,
    /// In the pool's order.
    pub members: Vec<Member>,
}

impl Group {
    /// How long messages are cut: as the first connection wants it, since a message is cut before one is chosen.
    #[must_use]
    pub fn concatenation(&self) -> Concatenation {
        use waypost_channels::smpp::config::Concatenation as Configured;
        match self.pool.connections().first().map(|first| first.config().concatenation) {
            // A `sar_*` reference has 16 bits; the parts are cut the same.
            Some(Configured::Udh16 | Configured::Sar) => Concatenation::Udh16,
            Some(Configured::Payload) => Concatenation::MessagePayload,
            Some(Configured::Udh8) | None => Concatenation::Udh8,
        }
    }

    fn capacity(&self) -> Capacity {
        let configs = || self.pool.connections().iter().map(ConnectionHandle::config);
        let unlimited = configs().any(|config| config.tps == 0);
        Capacity {
            // A message holds its place until its outcome is committed, longer than its parts hold the window's.
            messages: configs().map(|config| 2 * usize::from(config.window)).sum(),
            per_second: if unlimited { 0 } else { configs().map(|config| config.tps).sum() },
        }
    }

    /// The place of connection `id` in the pool.
    #[must_use]
    pub fn position(&self, id: i64) -> Option<usize> {
        self.members.iter().position(|member| member.id == id)
    }
}

/// What a group can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Messages in flight over all its windows.
    pub messages: usize,
    /// Parts a second; 0 when one of its connections has no limit.
    pub per_second: u32,
}

/// All groups.
#[derive(Debug, Default)]
pub struct Gateway {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    groups: HashMap<i64, Arc<Group>>,
    members: HashMap<i64, Member>,
}

impl Gateway {
    /// The group that serves a tenant: the sandbox's, its own connections, or the shared ones.
    #[must_use]
    pub fn group_of(&self, tenant: i64, sandbox: bool) -> i64 {
        if sandbox {
            return SANDBOX_GROUP;
        }
        if self.read().groups.contains_key(&tenant) { tenant } else { SHARED_GROUP }
    }

    /// The connections of a group; `None` when it has none.
    #[must_use]
    pub fn group(&self, id: i64) -> Option<Arc<Group>> {
        self.read().groups.get(&id).cloned()
    }

    /// Whether any connection serves the group.
    #[must_use]
    pub fn serves(&self, group: i64) -> bool {
        self.read().groups.contains_key(&group)
    }

    /// What each group can carry.
    #[must_use]
    pub fn capacities(&self) -> Vec<(i64, Capacity)> {
        self.read().groups.iter().map(|(id, group)| (*id, group.capacity())).collect()
    }

    /// All connections in use, for operators.
    #[must_use]
    pub fn handles(&self) -> Vec<(i64, ConnectionHandle)> {
        self.read().members.values().map(|member| (member.id, member.handle.clone())).collect()
    }

    /// Makes the running connections those of `specs`: starts new ones, replaces changed ones, closes the others.
    /// Returns what is wrong with those that cannot be used; they are left out.
    pub fn reconcile(
        &self,
        specs: Vec<ConnectionSpec>,
        desk: &dyn Fn(Line, Arc<Outcomes>) -> Desk,
        seams: &Seams,
        patience: Duration,
    ) -> Vec<GatewayError> {
        let mut faults = Vec::new();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let mut members = HashMap::new();
        for spec in specs {
            let kept = state.members.get(&spec.id).filter(|member| member.revision == spec.revision).cloned();
            match kept.map_or_else(|| start(spec, desk, seams), Ok) {
                Ok(member) => drop(members.insert(member.id, member)),
                Err(fault) => faults.push(fault),
            }
        }
        for (id, old) in std::mem::take(&mut state.members) {
            if members.get(&id).is_none_or(|member| member.revision != old.revision) {
                tokio::spawn(async move { old.handle.close(patience).await });
            }
        }
        state.groups = groups(&members);
        state.members = members;
        faults
    }

    /// Closes all connections: waits for answers in flight, then unbinds.
    pub async fn close(&self, patience: Duration) {
        let members = std::mem::take(&mut self.state.write().unwrap_or_else(PoisonError::into_inner).members);
        futures_util::future::join_all(members.values().map(|member| member.handle.close(patience))).await;
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn start(
    spec: ConnectionSpec,
    desk: &dyn Fn(Line, Arc<Outcomes>) -> Desk,
    seams: &Seams,
) -> Result<Member, GatewayError> {
    let name = spec.config.name.clone();
    if spec.sandbox && !is_loopback(&spec.config.host) {
        return Err(GatewayError::SandboxNotLoopback { name, host: spec.config.host });
    }
    let outcomes = Outcomes::with_overrides(&spec.config.outcomes)
        .map_err(|source| GatewayError::Outcomes { name: name.clone(), source })?;
    let outcomes = Arc::new(outcomes);
    let line = Line { connection: spec.id, tenant: spec.tenant, sandbox: spec.sandbox };
    let inbound = Arc::new(desk(line, Arc::clone(&outcomes)));
    let handle = Connection::spawn(spec.config, inbound, seams.clone())
        .map_err(|error| GatewayError::Config { name, detail: error.to_string() })?;
    let group = group_id(spec.sandbox, spec.tenant);
    Ok(Member { id: spec.id, outcomes, group, revision: spec.revision, handle })
}

const fn group_id(sandbox: bool, tenant: Option<i64>) -> i64 {
    match (sandbox, tenant) {
        (true, _) => SANDBOX_GROUP,
        (false, Some(tenant)) => tenant,
        (false, None) => SHARED_GROUP,
    }
}

fn groups(members: &HashMap<i64, Member>) -> HashMap<i64, Arc<Group>> {
    let mut sorted: Vec<&Member> = members.values().collect();
    sorted.sort_by_key(|member| member.id);
    let mut by_group: HashMap<i64, Vec<Member>> = HashMap::new();
    // A connection that only receives is no way out.
    for member in sorted.into_iter().filter(|member| member.handle.config().bind_mode != BindMode::Receiver) {
        by_group.entry(member.group).or_default().push(member.clone());
    }
    by_group
        .into_iter()
        .map(|(id, members)| {
            let handles = members.iter().map(|member| member.handle.clone()).collect();
            (id, Arc::new(Group { pool: Pool::new(handles, PoolSettings::default()), members }))
        })
        .collect()
}

/// Loopback by its literal address or the name every machine gives it; no resolver is asked.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|addr| addr.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_loopback_host_counts_as_one() {
        for host in ["127.0.0.1", "127.8.9.1", "::1", "localhost"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["10.0.0.1", "smsc.example", "127.0.0.1.example", "0.0.0.0", "localhost.example", ""] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn a_sandbox_connection_is_in_the_sandbox_group_whoever_owns_it() {
        assert_eq!(group_id(true, Some(7)), SANDBOX_GROUP);
        assert_eq!(group_id(true, None), SANDBOX_GROUP);
        assert_eq!(group_id(false, Some(7)), 7);
        assert_eq!(group_id(false, None), SHARED_GROUP);
    }

    #[test]
    fn a_sandbox_tenant_is_never_served_by_another_group() {
        assert_eq!(Gateway::default().group_of(7, true), SANDBOX_GROUP);
        assert_eq!(Gateway::default().group_of(7, false), SHARED_GROUP);
    }
}
