//! The connectors of Messenger, X and WeChat against the simulators of their providers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

mod forced;
mod media;
mod messenger;
mod support;
mod twitter;
mod wechat;
