//! The providers of Messenger, X and WeChat: they check what the real ones check, answer as they do, and send signed
//! webhooks.
//!
//! **Outcomes on request.** A recipient whose id ends in four digits that are an outcome code gets the provider's error
//! that means this code, read backwards from the connector's table; a code the table does not have is no wish. 7501 and
//! 7303 are taken in silence, 7502 is read as well as delivered.

mod call;
mod forced;
mod form;
mod graph;
mod hooks;
mod message;
mod server;
mod template;
mod wechat;
mod wechat_crypto;
mod world;
mod x;

pub use call::{Call, Received, Reply};
pub use graph::GraphAccount;
pub use hooks::{Hook, sign_hub, sign_x};
pub use server::SimHandle;
pub use wechat::WechatAccount;
pub use wechat_crypto::{encrypt as wechat_encrypt, signature as wechat_signature};
pub use world::{SocialKind, SocialSims};
pub use x::XAccount;
