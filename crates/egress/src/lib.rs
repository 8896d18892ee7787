//! The one guarded HTTP client: address vetting, deadlines, signatures
