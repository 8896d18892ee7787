//! Voice: calls over SIP trunks that play a prompt or walk through a call flow (spec 3.5, 4.2).
//!
//! [`trunk::Trunk`] is a connection to a provider and the calls over it. What a refusal or the end of a call means stands
//! in `data/voice-outcomes.toml` ([`outcomes`]). [`sip`] and [`rtp`] are the protocols, without clocks; [`flow`] is what a
//! call does once it is answered; [`tts`] makes speech of text by a program of the machine.

pub mod config;
pub mod flow;
mod meters;
pub mod outcomes;
pub mod rtp;
pub mod sdp;
pub mod sip;
pub mod trunk;
pub mod tts;
