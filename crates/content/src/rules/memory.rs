//! A shelf in memory: for simulated partners and tests.

use std::collections::BTreeMap;
use std::convert::Infallible;

use super::Shelf;
use crate::kind::Kind;
use crate::wire::json::Json;
use crate::wire::push::Pushed;

/// Objects by property, kind and code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryShelf {
    objects: BTreeMap<(String, Kind, String), (bool, Json)>,
}

impl MemoryShelf {
    /// Every object: property, kind, code, whether it is enabled, body.
    pub fn objects(&self) -> impl Iterator<Item = (&str, Kind, &str, bool, &Json)> {
        self.objects.iter().map(|((property, kind, code), (enabled, body))| {
            (property.as_str(), *kind, code.as_str(), *enabled, body)
        })
    }

    /// The body of one object, to be changed behind the protocol's back.
    pub fn body_mut(&mut self, kind: Kind, property: &str, code: &str) -> Option<&mut Json> {
        self.objects.get_mut(&(property.to_owned(), kind, code.to_owned())).map(|(_, body)| body)
    }

    /// Takes an object away behind the protocol's back.
    pub fn remove(&mut self, kind: Kind, property: &str, code: &str) -> bool {
        self.objects.remove(&(property.to_owned(), kind, code.to_owned())).is_some()
    }

    /// Switches an object on or off; false when there is none.
    pub fn switch(&mut self, kind: Kind, property: &str, code: &str, enabled: bool) -> bool {
        let found = self.objects.get_mut(&(property.to_owned(), kind, code.to_owned()));
        found.is_some_and(|(own, _)| {
            *own = enabled;
            true
        })
    }
}

impl Shelf for MemoryShelf {
    type Error = Infallible;

    fn enabled(&mut self, kind: Kind, property: &str, code: &str) -> Result<Option<bool>, Infallible> {
        let found = self.objects.get(&(property.to_owned(), kind, code.to_owned()));
        Ok(found.map(|(enabled, _)| *enabled))
    }

    fn put(&mut self, kind: Kind, property: &str, object: &Pushed, enabled: bool) -> Result<(), Infallible> {
        let key = (property.to_owned(), kind, object.code.clone());
        self.objects.insert(key, (enabled, object.body.clone()));
        Ok(())
    }

    fn list(&mut self, kind: Kind, property: &str, codes: &[String]) -> Result<Vec<Json>, Infallible> {
        let from = (property.to_owned(), kind, String::new());
        let of_kind = self
            .objects
            .range(from..)
            .take_while(|((own, own_kind, _), _)| own == property && *own_kind == kind);
        let mut found = Vec::new();
        for ((_, _, code), (enabled, body)) in of_kind {
            if !enabled || !(codes.is_empty() || codes.contains(code)) {
                continue;
            }
            match body {
                Json::List(products) if kind == Kind::Product => found.extend(products.iter().cloned()),
                body => found.push(body.clone()),
            }
        }
        Ok(found)
    }
}
