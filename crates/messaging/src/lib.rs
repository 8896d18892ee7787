//! The messaging family: Messaging v1 and Transaction Status v1 over SMS
