//! The trunks, in groups that never mix, as the SMPP connections are: the sandbox's, a tenant's own, and the shared ones.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use waypost_channels::push::SystemRandomness;
use waypost_channels::voice::config::{TrunkConfig, TrunkConfigError};
use waypost_channels::voice::trunk::Trunk;

use crate::work::gateway::{SANDBOX_GROUP, SHARED_GROUP};

/// A trunk as the directory has it.
#[derive(Clone, Debug)]
pub struct TrunkSpec {
    /// Its row.
    pub id: i64,
    /// Whose it is; `None` for all live tenants.
    pub tenant: Option<i64>,
    /// Whether it leads to a simulator on this machine.
    pub sandbox: bool,
    /// How to call.
    pub config: TrunkConfig,
    /// Changes whenever any of the above does.
    pub revision: u64,
}

/// Why a trunk is not used.
#[derive(Debug, thiserror::Error)]
pub enum TrunkError {
    /// A sandbox trunk that could reach a real provider.
    #[error("trunk {name} is flagged sandbox, but its host {host} is not loopback")]
    SandboxNotLoopback {
        /// Its name.
        name: String,
        /// Its host.
        host: String,
    },
    /// Its settings cannot work.
    #[error("trunk {name}: {source}")]
    Config {
        /// Its name.
        name: String,
        /// What is wrong.
        source: TrunkConfigError,
    },
}

#[derive(Clone, Debug)]
struct Member {
    id: i64,
    group: i64,
    revision: u64,
    trunk: Trunk,
}

/// All trunks in use.
#[derive(Debug, Default)]
pub struct Trunks {
    members: RwLock<Vec<Member>>,
}

impl Trunks {
    /// Whether any trunk carries the calls of a tenant.
    #[must_use]
    pub fn serves(&self, tenant: i64, sandbox: bool) -> bool {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        let group = group_of(&members, tenant, sandbox);
        members.iter().any(|member| member.group == group)
    }

    /// The trunks for a call of a tenant, in the order they are to be tried: one drawn by weight, then the others.
    #[must_use]
    pub fn candidates(&self, tenant: i64, sandbox: bool, random: u64) -> Vec<Trunk> {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        let group = group_of(&members, tenant, sandbox);
        let mut trunks: Vec<Trunk> = members
            .iter()
            .filter(|member| member.group == group)
            .map(|member| member.trunk.clone())
            .collect();
        let total: u64 = trunks.iter().map(|trunk| u64::from(trunk.config().weight)).sum();
        let mut drawn = random % total.max(1);
        let first = trunks.iter().position(|trunk| {
            let weight = u64::from(trunk.config().weight);
            let hit = drawn < weight;
            drawn = drawn.saturating_sub(weight);
            hit
        });
        trunks.rotate_left(first.unwrap_or(0));
        trunks
    }

    /// Calls that all trunks carry at once.
    #[must_use]
    pub fn capacity(&self) -> usize {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        members.iter().map(|member| usize::try_from(member.trunk.config().calls_max).unwrap_or(0)).sum()
    }

    /// Makes the running trunks those of `specs`: opens new ones, replaces changed ones, closes the others. Returns what
    /// is wrong with those that cannot be used; they are left out.
    pub fn reconcile(&self, specs: Vec<TrunkSpec>, patience: Duration) -> Vec<TrunkError> {
        let mut faults = Vec::new();
        let mut members = self.members.write().unwrap_or_else(PoisonError::into_inner);
        let mut wanted = Vec::new();
        for spec in specs {
            let kept = members.iter().find(|member| member.id == spec.id && member.revision == spec.revision);
            match kept.cloned().map_or_else(|| start(spec), Ok) {
                Ok(member) => wanted.push(member),
                Err(fault) => faults.push(fault),
            }
        }
        let old = std::mem::replace(&mut *members, wanted);
        for gone in old {
            if !members.iter().any(|member| member.id == gone.id && member.revision == gone.revision) {
                tokio::spawn(async move { gone.trunk.close(patience).await });
            }
        }
        faults
    }

    /// Closes all trunks: hangs up, waits for the ends.
    pub async fn close(&self, patience: Duration) {
        let members = std::mem::take(&mut *self.members.write().unwrap_or_else(PoisonError::into_inner));
        futures_util::future::join_all(members.iter().map(|member| member.trunk.close(patience))).await;
    }
}

fn start(spec: TrunkSpec) -> Result<Member, TrunkError> {
    let name = spec.config.name.clone();
    if spec.sandbox && !is_loopback(&spec.config.host) {
        return Err(TrunkError::SandboxNotLoopback { name, host: spec.config.host });
    }
    let trunk = Trunk::spawn(spec.config, Arc::new(SystemRandomness))
        .map_err(|source| TrunkError::Config { name, source })?;
    let group = match (spec.sandbox, spec.tenant) {
        (true, _) => SANDBOX_GROUP,
        (false, Some(tenant)) => tenant,
        (false, None) => SHARED_GROUP,
    };
    Ok(Member { id: spec.id, group, revision: spec.revision, trunk })
}

fn group_of(members: &[Member], tenant: i64, sandbox: bool) -> i64 {
    if sandbox {
        return SANDBOX_GROUP;
    }
    if members.iter().any(|member| member.group == tenant) { tenant } else { SHARED_GROUP }
}

/// By the literal address or the name every machine gives it; no resolver is asked.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(id: i64, tenant: Option<i64>, sandbox: bool, host: &str) -> TrunkSpec {
        let text = format!(r#"{{"name":"t{id}","host":"{host}","options_s":0}}"#);
        TrunkSpec { id, tenant, sandbox, config: serde_json::from_str(&text).unwrap(), revision: 1 }
    }

    #[tokio::test]
    async fn groups_never_mix() {
        let trunks = Trunks::default();
        let home = "127.0.0.1";
        let specs =
            vec![spec(1, None, false, home), spec(2, Some(7), false, home), spec(3, None, true, home)];
        assert!(trunks.reconcile(specs, Duration::ZERO).is_empty());
        let names = |tenant, sandbox| -> Vec<String> {
            let of = trunks.candidates(tenant, sandbox, 0);
            of.iter().map(|trunk| trunk.config().name.clone()).collect()
        };
        assert_eq!(
            (names(7, false), names(8, false), names(7, true)),
            (vec!["t2".into()], vec!["t1".into()], vec!["t3".into()])
        );
        assert_eq!(trunks.capacity(), 90);
        assert!(trunks.reconcile(vec![], Duration::ZERO).is_empty());
        assert!(!trunks.serves(7, false));
    }

    #[tokio::test]
    async fn a_sandbox_trunk_off_loopback_is_left_out() {
        let trunks = Trunks::default();
        let faults = trunks.reconcile(vec![spec(1, None, true, "sip.example")], Duration::ZERO);
        assert_eq!(
            faults[0].to_string(),
            "trunk t1 is flagged sandbox, but its host sip.example is not loopback"
        );
        assert!(!trunks.serves(7, true));
    }

    #[tokio::test]
    async fn the_first_trunk_is_drawn_by_weight() {
        let trunks = Trunks::default();
        let mut heavy = spec(2, None, false, "127.0.0.1");
        heavy.config.weight = 3;
        trunks.reconcile(vec![spec(1, None, false, "127.0.0.1"), heavy], Duration::ZERO);
        let first = |random| trunks.candidates(7, false, random)[0].config().name.clone();
        assert_eq!([0, 1, 2, 3, 4].map(first), ["t1", "t2", "t2", "t2", "t1"]);
    }
}
