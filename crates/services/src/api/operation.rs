//! One row per operation: method, path, what it asks of the caller, what it takes, how it fails, who handles it. The router,
//! the checks before a handler, the OpenAPI document and the tests are all made from these rows.

use std::future::Future;
use std::pin::Pin;

use axum::http::Method;
use waypost_status::MtapiCode;

use super::answer::Reply;
use super::call::Call;
use crate::rules::{Fault, Grant};

/// What a handler gives back.
pub type Handled = Pin<Box<dyn Future<Output = Result<Reply, Fault>> + Send>>;
/// A handler, its future boxed.
pub type Handler = fn(Call) -> Handled;

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query string.
    Query,
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A positive integer of 32 bits; 0 counts as absent.
    Id,
    /// Any integer of 32 bits.
    Int,
    /// A text.
    Text,
    /// `true` or `false`.
    Flag,
    /// One of these words, in any case.
    Word(&'static [&'static str]),
}

/// One parameter of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its published name.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// What it may be.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
    /// The code of its absence or malformation, before the generic one.
    pub code: Option<MtapiCode>,
}

impl Param {
    const fn new(name: &'static str, place: Place, kind: Kind, required: bool) -> Self {
        Self { name, place, kind, required, code: None }
    }

    /// An id in the path.
    pub const fn path_id(name: &'static str) -> Self {
        Self::new(name, Place::Path, Kind::Id, true)
    }

    /// A text in the path.
    pub const fn path_text(name: &'static str) -> Self {
        Self::new(name, Place::Path, Kind::Text, true)
    }

    /// A mandatory id in the query.
    pub const fn id(name: &'static str) -> Self {
        Self::new(name, Place::Query, Kind::Id, true)
    }

    /// A mandatory text in the query.
    pub const fn text(name: &'static str) -> Self {
        Self::new(name, Place::Query, Kind::Text, true)
    }

    /// A mandatory word in the query.
    pub const fn word(name: &'static str, words: &'static [&'static str]) -> Self {
        Self::new(name, Place::Query, Kind::Word(words), true)
    }

    /// A mandatory truth value in the query.
    pub const fn flag(name: &'static str) -> Self {
        Self::new(name, Place::Query, Kind::Flag, true)
    }

    /// A mandatory integer in the query.
    pub const fn int(name: &'static str) -> Self {
        Self::new(name, Place::Query, Kind::Int, true)
    }

    /// The same, but it may be left out.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// The code of its absence or malformation.
    #[must_use]
    pub const fn or(mut self, code: MtapiCode) -> Self {
        self.code = Some(code);
        self
    }
}

/// The body of a success, by the published names of shapes; `[]` behind a name is a list, `|` stands between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// None.
    Nothing,
    /// JSON of this shape.
    Json(&'static str),
    /// A content as it was sent to us; on other terms of the request JSON of this shape.
    Content(Option<&'static str>),
}

/// What an operation reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// No body.
    Nothing,
    /// JSON of this shape.
    Json(&'static str),
    /// A content of any type, kept as it is.
    Content,
}

/// One operation of the contract.
#[derive(Clone, Copy)]
pub struct Operation {
    /// Its method.
    pub method: Verb,
    /// Its path, with `{name}` for each path parameter.
    pub path: &'static str,
    /// What the application must be granted.
    pub grant: Grant,
    /// What the person named by `current-user-id` must hold in one of the application's services, if one is named.
    pub permission: Option<i64>,
    /// What it takes, apart from a body.
    pub params: &'static [Param],
    /// The code added to every refusal of the handler (spec 4.0).
    pub fails: Option<MtapiCode>,
    /// One sentence for the documentation.
    pub summary: &'static str,
    /// The body it reads.
    pub body: Takes,
    /// The body of its success.
    pub gives: Gives,
    /// HTTP statuses of its refusals beside those that follow from what it takes (spec 2.4).
    pub also: &'static [u16],
    pub(super) handler: Handler,
}

/// The methods of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Reads.
    Get,
    /// Acts or adds.
    Post,
    /// Changes.
    Put,
    /// Removes.
    Delete,
    /// Asks whether it is there.
    Head,
}

impl Verb {
    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Head => "HEAD",
        }
    }

    /// Whether a request's method is this one.
    #[must_use]
    pub fn is(self, method: &Method) -> bool {
        method.as_str() == self.name()
    }
}

impl Operation {
    const fn new(method: Verb, path: &'static str, grant: Grant, handler: Handler) -> Self {
        Self {
            method,
            path,
            grant,
            permission: None,
            params: &[],
            fails: None,
            summary: "",
            body: Takes::Nothing,
            gives: Gives::Nothing,
            also: &[],
            handler,
        }
    }

    pub(super) const fn get(path: &'static str, grant: Grant, handler: Handler) -> Self {
        Self::new(Verb::Get, path, grant, handler)
    }

    pub(super) const fn post(path: &'static str, grant: Grant, handler: Handler) -> Self {
        Self::new(Verb::Post, path, grant, handler)
    }

    pub(super) const fn put(path: &'static str, grant: Grant, handler: Handler) -> Self {
        Self::new(Verb::Put, path, grant, handler)
    }

    pub(super) const fn delete(path: &'static str, grant: Grant, handler: Handler) -> Self {
        Self::new(Verb::Delete, path, grant, handler)
    }

    pub(super) const fn head(path: &'static str, grant: Grant, handler: Handler) -> Self {
        Self::new(Verb::Head, path, grant, handler)
    }

    /// With these parameters.
    pub(super) const fn takes(mut self, params: &'static [Param]) -> Self {
        self.params = params;
        self
    }

    /// With this code behind every refusal.
    pub(super) const fn fails(mut self, code: MtapiCode) -> Self {
        self.fails = Some(code);
        self
    }

    /// Asks this permission of the current user, where one is named.
    pub(super) const fn asks(mut self, permission: i64) -> Self {
        self.permission = Some(permission);
        self
    }

    /// Reads a JSON body of this shape.
    pub(super) const fn reads(mut self, shape: &'static str) -> Self {
        self.body = Takes::Json(shape);
        self
    }

    /// Reads a body of any type.
    pub(super) const fn takes_content(mut self) -> Self {
        self.body = Takes::Content;
        self
    }

    /// Answers with JSON of this shape.
    pub(super) const fn gives(mut self, shape: &'static str) -> Self {
        self.gives = Gives::Json(shape);
        self
    }

    /// Answers with a content, or with JSON of a shape.
    pub(super) const fn gives_content(mut self, or: Option<&'static str>) -> Self {
        self.gives = Gives::Content(or);
        self
    }

    /// Is refused with one of these HTTP statuses too; 412 says that it heeds `If-Match`.
    pub(super) const fn also(mut self, statuses: &'static [u16]) -> Self {
        self.also = statuses;
        self
    }

    /// Says in one sentence what it does.
    pub(super) const fn does(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }
}
