//! The services family (MTAPI): an online service desk for the public.
//!
//! `wire` reads and writes JSON, `rules` decides, `api` answers: one operation per file, one folder per resource.
//! `records` holds the queries, `files` the contents of files, `work` what runs outside a request.

#![forbid(unsafe_code)]

pub mod api;
pub mod files;
pub mod records;
pub mod rules;
pub mod wire;
pub mod work;
pub use api::router;
