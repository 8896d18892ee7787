//! What runs outside a request.
