//! The catalogue of status codes: typed, looked up, linted, explained
