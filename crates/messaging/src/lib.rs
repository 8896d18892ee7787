//! The messaging family: Messaging v1 and Transaction Status v1 over SMS.
#![forbid(unsafe_code)]

pub mod records;
