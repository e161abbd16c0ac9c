//! What both programs' doors share: layout, stylesheet, charts, sign-in, problems, TLS.
//!
//! A program's server puts [`site::Site`] and [`sign_in::Desk`] into its data, wraps its routes in
//! [`security::headers`] and [`problems::answered`], and calls [`sign_in::routes`].

pub mod accounts;
pub mod charts;
pub mod layout;
pub mod log;
pub mod planning;
pub mod policies;
pub mod problems;
pub mod program;
pub mod security;
pub mod settings;
pub mod sign_in;
pub mod site;
pub mod stylesheet;
pub mod table;
pub mod tls;
pub mod words;

pub use layout::Frame;
pub use problems::Refusal;
pub use sign_in::{Desk, SignedIn};
pub use site::{Page, Site};
