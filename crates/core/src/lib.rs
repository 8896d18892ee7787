//! Pure rules and types: ids, clock, phone numbers, SMS segments, transitions. No tokio, no I/O
