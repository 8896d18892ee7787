//! A configuration with what follows from it.

use std::{ops::Deref, sync::Arc, time::Duration};

use crate::smpp::{
    config::ConnectionConfig,
    outcomes::Outcomes,
    session::SessionSettings,
    types::{Submit, Validity},
    wire::{Bind, MessageRef, esm},
};

pub(super) struct Prepared {
    config: ConnectionConfig,
    pub(super) name: Arc<str>,
    pub(super) outcomes: Outcomes,
    default_validity: String,
}

impl Deref for Prepared {
    type Target = ConnectionConfig;

    fn deref(&self) -> &ConnectionConfig {
        &self.config
    }
}

impl Prepared {
    pub(super) fn new(config: ConnectionConfig) -> Self {
        Self {
            name: config.name.as_str().into(),
            default_validity: config.validity().map(|validity| validity.to_smpp_time()).unwrap_or_default(),
            // The configuration was checked, so its rows are sound.
            outcomes: Outcomes::with_overrides(&config.outcomes).unwrap_or_default(),
            config,
        }
    }

    pub(super) fn session_settings(&self, bind_command: u32) -> SessionSettings {
        SessionSettings {
            bind: Bind {
                system_id: self.system_id.clone(),
                password: self.password.clone(),
                system_type: self.system_type.clone(),
                interface_version: self.interface_version,
                addr_ton: self.addr_ton,
                addr_npi: self.addr_npi,
                address_range: self.address_range.clone(),
            },
            bind_command,
            window: usize::from(self.window),
            enquire_link: Duration::from_secs(u64::from(self.enquire_link_s)),
            response_timeout: millis(self.response_timeout_ms),
            bind_timeout: self.bind_timeout(),
        }
    }

    pub(super) fn bind_timeout(&self) -> Duration {
        millis(self.bind_timeout_ms)
    }

    /// Lays a submit out with the connection's overrides and defaults.
    pub(super) fn message<'a>(&'a self, submit: &'a Submit, validity: &'a str) -> MessageRef<'a> {
        let (source, dest) = (&submit.source, &submit.dest);
        MessageRef {
            service_type: submit.service_type.as_deref().unwrap_or(&self.service_type),
            source: (
                self.source_ton.unwrap_or(source.ton),
                self.source_npi.unwrap_or(source.npi),
                &source.digits,
            ),
            dest: (self.dest_ton.unwrap_or(dest.ton), self.dest_npi.unwrap_or(dest.npi), &dest.digits),
            esm_class: submit.esm_class | if submit.udh.is_empty() { 0 } else { esm::UDHI },
            protocol_id: submit.protocol_id,
            priority: submit.priority.min(3),
            validity,
            registered_delivery: submit.registered_delivery.unwrap_or(self.registered_delivery),
            data_coding: submit.data_coding,
            text: [&submit.udh, &submit.payload],
            in_payload: submit.in_payload,
            tlvs: &submit.tlvs,
        }
    }

    pub(super) fn validity<'a>(&'a self, own: Option<&Validity>, buffer: &'a mut String) -> &'a str {
        match own {
            None => &self.default_validity,
            Some(validity) => {
                *buffer = validity.to_smpp_time();
                buffer
            }
        }
    }
}

pub(super) fn millis(milliseconds: u32) -> Duration {
    Duration::from_millis(u64::from(milliseconds))
}
