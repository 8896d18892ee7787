//! What the unit tests of push share.

use std::sync::Arc;

use serde_json::{Value, json};
use waypost_core::time::Micros;

use crate::connector::{Address, AddressKind, AppAccount, Handed, Outgoing};

pub(super) const NOW: Micros = Micros::from_secs(1_700_000_000);

pub(super) fn outgoing(kind: AddressKind, block: Value) -> Outgoing {
    let account = AppAccount {
        id: 1,
        app_id: "AP1".to_owned(),
        revision: 1,
        config: json!({}),
        secrets: json!({}),
        sandbox: false,
    };
    Outgoing {
        account: Arc::new(account),
        block: Arc::new(block),
        address: Address { kind, value: "token".to_owned(), device: None },
        tid: "tid-1".to_owned(),
        expires_at: None,
        deadline_ms: 1_000,
    }
}

pub(super) fn code(handed: &Handed) -> u16 {
    match handed {
        Handed::Refused { code, .. } | Handed::Later { code, .. } => *code,
        Handed::Taken { .. } | Handed::Calling { .. } | Handed::Full { .. } => 7501,
    }
}
