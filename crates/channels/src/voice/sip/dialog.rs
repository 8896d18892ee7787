//! What both sides agreed on with a 2xx (RFC 3261, 12): where requests go and how they are numbered.

use super::message::{Message, split_list, uri_of};

/// A confirmed dialog, seen by the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dialog {
    /// The whole `To` with the callee's tag.
    pub(super) to: String,
    /// The callee's tag.
    pub(super) remote_tag: String,
    /// Whom requests are for.
    pub(super) target: String,
    /// Proxies that want to stay in between, nearest first.
    pub(super) routes: Vec<String>,
    /// The callee's newest number.
    pub(super) remote_cseq: Option<u32>,
}

impl Dialog {
    /// Of the 2xx that confirmed it; `asked` is whom the INVITE was for.
    pub(super) fn confirmed(response: &Message, asked: &str) -> Self {
        let target = response.header("Contact").and_then(|value| split_list(value).into_iter().next());
        let mut routes: Vec<String> =
            response.all("Record-Route").flat_map(split_list).map(str::to_owned).collect();
        routes.reverse();
        Self {
            to: response.header("To").unwrap_or_default().to_owned(),
            remote_tag: response.tag("To").unwrap_or_default().to_owned(),
            target: target.map_or(asked, uri_of).to_owned(),
            routes,
            remote_cseq: None,
        }
    }

    /// The address of a request and its `Route` headers. A first proxy that routes strictly (no `lr`) is addressed itself.
    pub(super) fn way(&self) -> (String, Vec<String>) {
        match self.routes.first() {
            Some(first) if !uri_of(first).split(';').any(|part| part.eq_ignore_ascii_case("lr")) => {
                let rest = self.routes.iter().skip(1).cloned();
                (uri_of(first).to_owned(), rest.chain([format!("<{}>", self.target)]).collect())
            }
            _ => (self.target.clone(), self.routes.clone()),
        }
    }
}
